/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Who: the current task, as an attempt and a call need it. */
#ifndef TATTLE_TASK_H
#define TATTLE_TASK_H

static __always_inline __u64 start_of(struct task_struct *task)
{
	return task->group_leader->start_boottime;
}

struct innermost_pid {
	__u32 number;
	__u32 namespace_inode;
};

/* The pid as the task itself sees it, and in which namespace that is: kernel/pid.c task_active_pid_ns(). */
static __always_inline void read_innermost_pid(struct innermost_pid *innermost, struct task_struct *task)
{
	struct pid *pid = task->group_leader->thread_pid;
	unsigned int level = pid->level;
	struct upid upid = {};
	void *numbers;

	if (!level) {
		innermost->number = pid->numbers[0].nr;
		innermost->namespace_inode = pid->numbers[0].ns->ns.inum;
		return;
	}
	/* In a container; to a pointer of a known type no variable may be added. */
	numbers = (void *)BPF_CORE_READ(task, group_leader, thread_pid) + bpf_core_field_offset(struct pid, numbers);
	bpf_probe_read_kernel(&upid, sizeof(upid), numbers + level * bpf_core_type_size(struct upid));
	innermost->number = upid.nr;
	innermost->namespace_inode = BPF_CORE_READ(upid.ns, ns.inum);
}

/*
 * Unique while the programs are loaded: no CPU begins two attempts in one nanosecond. No
 * counter, because 5.10 has no atomic fetch and a per-CPU one can be preempted.
 */
static __always_inline __u64 new_attempt_id(__u64 now)
{
	return now << 6 | (bpf_get_smp_processor_id() & 63);
}

/* The bytes of a text that stand before its NUL, as a mask; `text` is eight of them. */
static __always_inline __u64 mask_before_nul(__u64 text)
{
	__u64 marks = (text - 0x0101010101010101ULL) & ~text & 0x8080808080808080ULL;

	return ((marks & -marks) >> 7) - 1;
}

/* A task's name. What is behind its end may be an older name's rest, so it is left out. */
static __always_inline void fill_comm(tattle_u8 *comm, struct task_struct *task)
{
	__u64 *words = (__u64 *)comm, mask;

	words[0] = *(__u64 *)&task->comm[0];
	words[1] = *(__u64 *)&task->comm[8];
	mask = mask_before_nul(words[0]);
	words[0] &= mask;
	words[1] &= mask == ~0ULL ? mask_before_nul(words[1]) : 0;
}

/* What a process is known by. `read` is for its task. */
#define fill_owner(attempt, owner, read)                                                  \
	do {                                                                              \
		(attempt)->pid = read(owner, tgid);                                       \
		(attempt)->process_start_boot_ns = read(owner, group_leader, start_boottime); \
		(attempt)->cgroup_id = read(owner, cgroups, dfl_cgrp, kn, id);            \
		(attempt)->exec_id = read(owner, self_exec_id);                           \
	} while (0)

/* A thread of the kernel makes an attempt, for a program's ring or for the kernel itself. */
static __always_inline void fill_kernel_thread(struct tattle_attempt *attempt, struct task_struct *task)
{
	struct task_struct *owner = owner_of_worker(task);

	fill_via(attempt, owner ? TATTLE_VIA_IO_URING : TATTLE_VIA_KERNEL);
	if (!owner) {
		owner = task;
		attempt->flags |= TATTLE_FLAG_KERNEL_THREAD;
	}
	fill_owner(attempt, owner, BPF_CORE_READ);
}

/* Fills what the current task knows of itself and of whom it works for. Only where current is the caller. */
static __always_inline void fill_task(struct tattle_attempt *attempt)
{
	struct task_struct *task = current_task();
	__u32 flags = READ_TASK(task, flags);
	struct cred *cred = READ_TASK(task, cred);
	struct mm_struct *mm = READ_TASK(task, mm);
	struct inode *executable = NULL;
	__u32 process_flags = 0;

	if (flags & PF_KTHREAD) {
		fill_kernel_thread(attempt, task);
	} else {
		fill_via(attempt, via_of_task(task, flags, attempt->protocol));
		fill_owner(attempt, task, READ_TASK);
	}
	attempt->tid = READ_TASK(task, pid);
	if (is_task_typed())
		fill_comm(attempt->comm, task);
	else
		bpf_get_current_comm(attempt->comm, sizeof(attempt->comm));
	if (READ_TASK(task, ptrace))
		process_flags |= TATTLE_PROCESS_TRACED;
	attempt->uid = READ_TASK(cred, uid.val);
	attempt->effective_uid = READ_TASK(cred, euid.val);
	attempt->effective_gid = READ_TASK(cred, egid.val);
	/* One word since 6.3 and two before: the same bytes. */
	if (is_task_typed())
		attempt->capabilities = *(__u64 *)&cred->cap_effective;
	else
		bpf_core_read(&attempt->capabilities, sizeof(attempt->capabilities), &cred->cap_effective);
	/* A thread of the kernel has none. */
	if (mm)
		executable = READ_TASK(mm, exe_file, f_inode);
	if (executable && !READ_TASK(executable, i_nlink))
		process_flags |= TATTLE_PROCESS_DELETED;
	attempt->process_flags = forget(process_flags, attempt->started_boot_ns);
}

/* How, where the socket says it. `protocol` is the packet's where that is hand-made. */
static __always_inline __u8 via_of_socket(struct sock *sk, __u16 protocol)
{
	struct tcp_sock *tcp;

	if (sk && READ(sk, __sk_common.skc_family) == AF_PACKET)
		return TATTLE_VIA_PACKET;
	if (sk && READ(sk, sk_type) == SOCK_RAW)
		return TATTLE_VIA_RAW;
	/* An MPTCP socket has no tcp_sock; its first subflow may stand for it. */
	if (protocol == IPPROTO_MPTCP || (sk && READ(sk, sk_protocol) == IPPROTO_MPTCP))
		return TATTLE_VIA_MPTCP;
	if (!sk || protocol != IPPROTO_TCP)
		return TATTLE_VIA_SYSCALL;
	tcp = tcp_of(sk);
	if (!tcp)
		return TATTLE_VIA_SYSCALL;
	if (READ_BITFIELD(tcp, fastopen_connect))
		return TATTLE_VIA_FAST_OPEN;
	if (bpf_core_field_exists(tcp->is_mptcp) && READ_BITFIELD(tcp, is_mptcp))
		return TATTLE_VIA_MPTCP;
	return TATTLE_VIA_SYSCALL;
}

/* Fills what the call is about. */
static __always_inline void fill_call(struct tattle_attempt *attempt, struct sock *sk, __u64 socket_key,
				      __u16 protocol, const struct destination *to, __u64 started_boot_ns)
{
	attempt->attempt_id = new_attempt_id(started_boot_ns);
	attempt->started_boot_ns = started_boot_ns;
	attempt->socket_key = socket_key;
	attempt->protocol = protocol;
	attempt->family = to->family;
	attempt->flags = to->flags;
	attempt->scope_id = to->scope_id;
	attempt->destination_port_be = to->port_be;
	__builtin_memcpy(attempt->destination, to->address, 16);
	if (sk) {
		attempt->netns_inode = READ(sk, __sk_common.skc_net.net, ns.inum);
		attempt->bound_interface = READ(sk, __sk_common.skc_bound_dev_if);
		/* connect() to a link-local address binds the socket to the link: that is the scope. */
		if (to->family == AF_INET6 && to->address[0] == 0xfe && attempt->bound_interface) {
			attempt->scope_id = attempt->bound_interface;
			attempt->bound_interface = 0;
		}
	}
	if (!attempt->via)
		attempt->via = via_of_socket(sk, protocol);
	attempt->via = forget(attempt->via, started_boot_ns);
}

#endif
