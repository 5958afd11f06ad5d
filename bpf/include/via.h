/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* How the current thread came to make an attempt, and for whom: system call, io_uring, kernel. */
#ifndef TATTLE_VIA_H
#define TATTLE_VIA_H

#define KERNEL_VERSION_5_12 (5 << 16 | 12 << 8)
#define KERNEL_VERSION_5_19 (5 << 16 | 19 << 8)
/* Of the running kernel; libbpf fills it in. */
extern int LINUX_KERNEL_VERSION __kconfig;

/* x86-64 system call numbers: arch/x86/entry/syscalls/syscall_64.tbl, syscall_32.tbl */
#define NR_sendfile 40
#define NR_sendto 44
#define NR_sendmsg 46
#define NR_splice 275
#define NR_tee 276
#define NR_vmsplice 278
#define NR_sendmmsg 307
#define NR_io_uring_setup 425 /* the same for 32-bit programs, as the next */
#define NR_io_uring_enter 426
#define NR32_sendfile 187
#define NR32_sendfile64 239
#define NR32_splice 313
#define NR32_tee 315
#define NR32_vmsplice 316
#define NR32_sendmmsg 345
#define NR32_sendto 369
#define NR32_sendmsg 370
#define TS_COMPAT 2

/* Where a task's registers lie from before bpf_task_pt_regs() (5.15): at the end of its stack, arch/x86/include/asm/processor.h */
#define THREAD_SIZE 16384

/* The system call that the current thread is in. */
static __always_inline long call_number(struct task_struct *task)
{
	struct pt_regs *registers;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs)) {
		registers = (struct pt_regs *)bpf_task_pt_regs((void *)bpf_get_current_task_btf());
		return registers->orig_ax;
	}
	registers = READ_TASK(task, stack) + THREAD_SIZE - bpf_core_type_size(struct pt_regs);
	return BPF_CORE_READ(registers, orig_ax);
}

static __always_inline bool is_message_call(long number, bool is_compatible)
{
	if (is_compatible)
		return number == NR32_sendto || number == NR32_sendmsg || number == NR32_sendmmsg;
	return number == NR_sendto || number == NR_sendmsg || number == NR_sendmmsg;
}

static __always_inline __u8 via_of_call(long number, bool is_compatible, __u16 protocol)
{
	/* A worker has the registers that the call had which started it. */
	if (number == NR_io_uring_enter || number == NR_io_uring_setup)
		return TATTLE_VIA_IO_URING;
	/* A TCP socket that connects while it sends. */
	if (protocol == IPPROTO_TCP && is_message_call(number, is_compatible))
		return TATTLE_VIA_FAST_OPEN;
	if (is_compatible) {
		if (number == NR32_sendmmsg)
			return TATTLE_VIA_SENDMMSG;
		if (number == NR32_splice || number == NR32_tee || number == NR32_vmsplice || number == NR32_sendfile ||
		    number == NR32_sendfile64)
			return TATTLE_VIA_SPLICE;
		return TATTLE_VIA_SYSCALL;
	}
	if (number == NR_sendmmsg)
		return TATTLE_VIA_SENDMMSG;
	if (number == NR_splice || number == NR_tee || number == NR_vmsplice || number == NR_sendfile)
		return TATTLE_VIA_SPLICE;
	return TATTLE_VIA_SYSCALL;
}

/*
 * Before 5.12 io_uring's workers are kernel threads that borrow the memory of the ring's owner
 * (kthread_use_mm()), and with it say for whom they work; since then they are threads of the owner.
 */
static __always_inline struct task_struct *owner_of_worker(struct task_struct *task)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);

	if (!mm || !bpf_core_field_exists(mm->owner))
		return NULL;
	return BPF_CORE_READ(mm, owner);
}

/* How a thread of a program makes an attempt. */
static __always_inline __u8 via_of_task(struct task_struct *task, __u32 flags, __u16 protocol)
{
	if (flags & PF_IO_WORKER && LINUX_KERNEL_VERSION >= KERNEL_VERSION_5_12)
		return TATTLE_VIA_IO_URING;
	return via_of_call(call_number(task), READ_TASK(task, thread_info.status) & TS_COMPAT, protocol);
}

/* Fills `via` where the socket's kind has not done so. */
static __always_inline void fill_via(struct tattle_attempt *attempt, __u8 via)
{
	via = forget(via, attempt->started_boot_ns);
	/* A send that connects says more than what it connects. */
	if (!attempt->via || (attempt->via == TATTLE_VIA_MPTCP && via == TATTLE_VIA_FAST_OPEN))
		attempt->via = via;
}

#endif
