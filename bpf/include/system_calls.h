/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Hook set `tracepoint`: what the return of a system call tells of the attempt that a cgroup hook saw. */
#ifndef TATTLE_SYSTEM_CALLS_H
#define TATTLE_SYSTEM_CALLS_H

/* x86-64 system call numbers: arch/x86/entry/syscalls/syscall_64.tbl */
#define NR_write 1
#define NR_writev 20
#define NR_connect 42
#define NR32_socketcall 102
#define NR32_connect 362

/* No process has as many files: of a request that names none here. */
#define NO_DESCRIPTOR (~0ULL)

/* The socket that a file is; NULL: it is none. */
static __always_inline struct sock *socket_of_file(struct file *file)
{
	struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/* The socket behind a descriptor of the current process; NULL: not a socket. */
static __always_inline struct sock *socket_of(__u64 descriptor)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd);
	struct file *file = NULL;

	if (descriptor >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), files + descriptor);
	return socket_of_file(file);
}

/* Whether a seccomp filter may have answered in the kernel's place: the call looks as if a security module had. */
static __always_inline bool may_be_filtered(long result)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return result == -EPERM && bpf_core_field_exists(task->seccomp) &&
	       BPF_CORE_READ(task, seccomp.mode) == SECCOMP_MODE_FILTER;
}

/*
 * connect() failed and the cgroup hook was never asked: a security module was there first, or a seccomp filter, or the
 * protocol has no such hook (UDP-Lite, raw, ping). The address is read again from the program's memory, which it may
 * have changed meanwhile: marked.
 */
LOOKED_AT_ONCE int leave_unasked_connect(__u64 registers_address, __u64 returned)
{
	struct pt_regs *registers = (struct pt_regs *)registers_address;
	long result = returned;
	struct sock *sk = socket_of(BPF_CORE_READ(registers, di));
	void *address = (void *)BPF_CORE_READ(registers, si);
	bool is_denial = result == -EACCES || result == -EPERM;
	bool is_asked;
	struct destination to;
	__u16 protocol, family;

	if (!sk)
		return 0;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	protocol = BPF_CORE_READ(sk, sk_protocol);
	is_asked = protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP || protocol == IPPROTO_UDP;
	if ((family != AF_INET && family != AF_INET6) || (is_asked && !is_denial))
		return 0;
	if (!read_destination(&to, address, (int)BPF_CORE_READ(registers, dx), ADDRESS_IN_USER_MEMORY))
		return 0;
	to.flags |= TATTLE_FLAG_USER_ADDRESS;
	if (!is_asked && protocol != IPPROTO_UDPLITE)
		to.port_be = 0;
	report_single(sk, key_of_socket(sk), protocol, &to, result,
		      is_denial && !may_be_filtered(result) ? TATTLE_BLOCKED_BY_LSM : TATTLE_BLOCKED_BY_NONE,
		      TATTLE_HOOK_SYSCALL_EXIT);
	return 0;
}

/* The call of that kind that the thread is in the middle of, and its key. */
static __always_inline struct call *call_of_kind(enum call_kind kind, __u64 *key)
{
	*key = call_key(kind);
	return find_call(*key);
}

/* A system call of a 32-bit program that may connect; to a 64-bit one the numbers mean other, rarer things, or nothing. */
static __always_inline bool is_compatible(long number)
{
	struct task_struct *task;

	if (number != NR32_connect && number != NR32_socketcall && !is_message_call(number, true))
		return false;
	task = (void *)bpf_get_current_task();
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

/* socketcall() has its descriptor in the program's memory, a request of an io_uring has no registers. */
static __always_inline __u64 descriptor_of(struct pt_regs *registers)
{
	long number;

	if (!registers)
		return NO_DESCRIPTOR;
	number = BPF_CORE_READ(registers, orig_ax);
	if (number == NR32_socketcall)
		return NO_DESCRIPTOR;
	return is_compatible(number) ? BPF_CORE_READ(registers, bx) : BPF_CORE_READ(registers, di);
}

/* Whether connect() failed for good, not only its waiting. */
static __always_inline bool is_final(long result)
{
	return result < 0 && result != -EINPROGRESS && result != -EALREADY && !is_interrupted(result);
}

/* Whether the socket of the call is closed, so that nothing more will be told of it. */
static __always_inline bool is_closed(struct pt_regs *registers)
{
	struct sock *sk = socket_of(descriptor_of(registers));

	return sk && BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_CLOSE;
}

static __always_inline void finish_known_connect(struct call *call, struct pt_regs *registers, long result)
{
	struct tattle_attempt *attempt = find_attempt(call->socket_key);
	struct destination to;
	struct send send;
	struct sock *sk;

	if (attempt) {
		/* On its way, unless it was closed with the reason left to us, or while no program ran: note_unseen_end(). */
		if ((call->left_to_exit && result < 0) ||
		    (attempt->outcome == TATTLE_OUTCOME_PENDING && is_final(result) && is_closed(registers))) {
			report_outcome(attempt, TATTLE_OUTCOME_FAILED, -result, TATTLE_HOOK_SYSCALL_EXIT);
			forget_attempt(call->socket_key);
		}
		return;
	}
	/* Answered before the return, or never begun: no route, denied by a cgroup program. */
	if (call->flags & TATTLE_FLAG_REPORTED || result >= 0)
		return;
	destination_of(call, &to);
	sk = socket_of(descriptor_of(registers));
	/* connect() of an MPTCP socket asks about its first subflow. */
	if (sk && key_of_socket(sk) != call->socket_key && BPF_CORE_READ(sk, sk_protocol) != IPPROTO_MPTCP)
		sk = NULL;
	send = send_of(sk, call->socket_key, call->protocol, result,
		       take_refusal(call->socket_key, result, TATTLE_BLOCKED_BY_CGROUP), TATTLE_HOOK_SYSCALL_EXIT);
	send.started_boot_ns = call->entry_boot_ns;
	report_send(&send, &to, 0);
}

/*
 * What the cgroup hook was asked about returned. A connect() is of whichever kind its socket is, a send that connects
 * of a stream's. `cookie`: of the socket that returned, 0: of any. Returns 0 if it was not asked.
 */
LOOKED_AT_ONCE int leave_connect(__u64 registers, __u64 result, __u64 is_connect, __u64 cookie)
{
	__u64 key;
	struct call *call = call_of_kind(CALL_CONNECT, &key);

	if (is_connect && (!call || (cookie && call->socket_key != cookie)))
		call = call_of_kind(CALL_DATAGRAM_CONNECT, &key);
	if (!call || (cookie && call->socket_key != cookie))
		return 0;
	finish_known_connect(call, (struct pt_regs *)registers, result);
	drop_call(key);
	return 1;
}

/* The same as leave_send(), for the return of a system call. */
LOOKED_AT_ONCE int leave_returned_send(__u64 sk, __u64 kind, __u64 result)
{
	leave_send((struct sock *)sk, kind, result, TATTLE_HOOK_SYSCALL_EXIT);
	return 0;
}

/* Before 6.4: the return value tells how a send ended; sendmmsg's, how many did not fail. */
static __always_inline void leave_plain_send(struct pt_regs *registers, long number, long result)
{
	struct sock *sk;

	if (number != NR_sendto && number != NR_sendmsg && number != NR_write && number != NR_writev)
		return;
	sk = socket_of(BPF_CORE_READ(registers, di));
	if (sk && is_datagram_protocol(BPF_CORE_READ(sk, sk_protocol)))
		leave_returned_send((__u64)sk, CALL_MESSAGE, result);
}

/*
 * Each message of a sendmmsg() asked the cgroup hook, in order, unless the socket is connected; the
 * kernel wrote each one's length behind its header, struct mmsghdr { struct msghdr; unsigned int; }.
 */
static __always_inline void leave_many_sends(struct pt_regs *registers, long result)
{
	struct sock *sk = socket_of(BPF_CORE_READ(registers, di));
	void *messages = (void *)BPF_CORE_READ(registers, si);

	if (!sk || !is_datagram_protocol(BPF_CORE_READ(sk, sk_protocol)))
		return;
	if (result < 0)
		leave_returned_send((__u64)sk, CALL_MESSAGE, result);
	for (int i = 0; i < MAX_MESSAGES; i++) {
		__u32 length = 0;

		if (i >= result)
			break;
		bpf_probe_read_user(&length, sizeof(length), messages + i * 64 + 56);
		leave_returned_send((__u64)sk, CALL_MESSAGE + i, length);
	}
	forget_messages();
}

/* Every system call of the machine comes by: this is what those cost that are none of ours. */
static __always_inline bool is_connect(long number)
{
	return number == NR_connect || is_compatible(number);
}

static __always_inline bool is_sending_call(long number)
{
	/* With fast open they connect. */
	if (is_message_call(number, false))
		return true;
	return is_told_by_return() && (number == NR_io_uring_enter || number == NR_write || number == NR_writev);
}

static __always_inline void leave_system_call(struct pt_regs *registers, long number, long result)
{
	if (is_told_by_return()) {
		if (number == NR_sendmmsg)
			leave_many_sends(registers, result);
		else if (number == NR_io_uring_enter)
			forget_messages();
		else
			leave_plain_send(registers, number, result);
	}
	if (is_connect(number)) {
		if (!leave_connect((__u64)registers, result, true, 0) && number == NR_connect && is_final(result))
			leave_unasked_connect((__u64)registers, result);
	} else if (is_message_call(number, false)) {
		leave_connect((__u64)registers, result, false, 0);
	}
}

/*
 * A request of an io_uring ended in the thread that made it: if it was a connect(), this is its result. Before 5.19 the
 * kernel does not say which request it was (`request` is NULL).
 */
static __always_inline void leave_ring_connect(struct io_kiocb *request, long result)
{
	__u64 cookie = 0;
	struct sock *sk;

	if (LINUX_KERNEL_VERSION >= KERNEL_VERSION_5_19) {
		sk = request ? socket_of_file(BPF_CORE_READ(request, file)) : NULL;
		if (!sk)
			return;
		/* connect() of an MPTCP socket asks about its first subflow. */
		if (BPF_CORE_READ(sk, sk_protocol) != IPPROTO_MPTCP)
			cookie = key_of_socket(sk);
	}
	leave_connect(0, result, true, cookie);
}

#endif
