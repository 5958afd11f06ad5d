/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * connect() of what is neither TCP nor a datagram: SCTP and vsock. They are modules that may come late, so
 * nothing of theirs is hooked: an attempt begins where security modules are asked, and ends with the return of
 * __sys_connect_file(), which io_uring goes through as well. After a connect() that does not wait it ends with
 * SCTP's state, or where both wake up who waits for it: vsock has no states that are told of, and SCTP has one for
 * success alone. That waking is hooked only where one of the modules is there: modules.h.
 */
#ifndef TATTLE_ASSOCIATIONS_H
#define TATTLE_ASSOCIATIONS_H

/* include/uapi/linux/sctp.h */
#define SCTP_SOCKOPT_CONNECTX_OLD 107
#define SCTP_SOCKOPT_CONNECTX 110
#define SCTP_SOCKOPT_CONNECTX3 111
#define SCTP_SENDMSG_CONNECT 126

static __always_inline bool is_other_connection(__u16 family, __u16 protocol)
{
	return family == AF_VSOCK || protocol == IPPROTO_SCTP;
}

/* vsock: the CID and the port where others have an address. */
static __always_inline bool read_vsock(struct destination *to, const void *address, int length)
{
	struct sockaddr_vm raw = {};
	__be32 *words = (__be32 *)to->address;

	if (length < (int)sizeof(raw) || bpf_probe_read_kernel(&raw, sizeof(raw), address) || raw.svm_family != AF_VSOCK)
		return false;
	__builtin_memset(to, 0, sizeof(*to));
	to->family = AF_VSOCK;
	words[0] = bpf_htonl(raw.svm_cid);
	words[1] = bpf_htonl(raw.svm_port);
	return true;
}

static __always_inline bool read_any_destination(struct destination *to, __u16 family, const void *address, int length)
{
	if (family == AF_VSOCK)
		return read_vsock(to, address, length);
	return read_destination(to, address, length, ADDRESS_OF_CONNECT);
}

/*
 * Where an attempt either begins or is over at once. Neither is inline: two attempts are too much for one stack.
 * Returns whether it is wanted.
 */
static __noinline int report_over(const struct send *send, const struct destination *to)
{
	return send && to && report_send(send, to, 0);
}

/* Security modules had no objection: the attempt begins, unless the socket is connected or connects already. */
static __noinline int begin_other_connect(struct socket *socket, struct sock *sk, __u32 protocol,
					  const struct destination *to)
{
	__u64 socket_key = (__u64)sk;
	struct tattle_attempt *attempt;

	if (!to || READ(socket, state) != SS_UNCONNECTED || READ(sk, __sk_common.skc_state) == TCP_ESTABLISHED ||
	    find_attempt(socket_key))
		return 0;
	begin_connect(sk, socket_key, protocol, to, bpf_ktime_get_boot_ns(), TATTLE_VIA_SYSCALL, TATTLE_HOOK_LSM);
	/* At once: an answer may come on another CPU while connect() returns that it does not wait. */
	attempt = find_attempt(socket_key);
	if (attempt)
		report_begun(attempt, TATTLE_HOOK_LSM);
	return 0;
}

static __always_inline void establish(struct tattle_attempt *attempt, __u8 hook)
{
	attempt->flags |= TATTLE_FLAG_ESTABLISHED;
	attempt->established_boot_ns = bpf_ktime_get_boot_ns();
	report_outcome(attempt, TATTLE_OUTCOME_ESTABLISHED, 0, hook);
}

/* What the socket says of a pending attempt's end; false: nothing yet. It may be but a number. */
static __always_inline bool tell_end(struct tattle_attempt *attempt, struct sock *sk, __u8 hook)
{
	int error = BPF_CORE_READ(sk, sk_err);

	if (!error && (attempt->family != AF_VSOCK || BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_ESTABLISHED))
		return false;
	read_source(attempt, sk);
	if (!error) {
		establish(attempt, hook);
		return true;
	}
	report_outcome(attempt, TATTLE_OUTCOME_FAILED, error, hook);
	forget_attempt((__u64)sk);
	return true;
}

/* connect() returned `result`. */
static __always_inline void finish_other_connect(struct sock *sk, long result)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	__u64 socket_key = (__u64)sk;
	struct tattle_attempt *attempt;
	bool is_waiting = result == -EINPROGRESS || is_interrupted(result);

	if (!is_other_connection(family, BPF_CORE_READ(sk, sk_protocol)))
		return;
	attempt = find_attempt(socket_key);
	if (!attempt || is_of_second_call(attempt, result))
		return;
	if (attempt->outcome == TATTLE_OUTCOME_PENDING) {
		/* On loopback the answer is there by now, and nobody may have been hooked who was woken up for it. */
		if (is_waiting && !is_end_hooked(family, attempt->started_boot_ns) &&
		    tell_end(attempt, sk, TATTLE_HOOK_OTHER_CONNECT))
			return;
		read_source(attempt, sk);
		if (is_waiting)
			report_begun(attempt, TATTLE_HOOK_OTHER_CONNECT);
		else if (result)
			report_outcome(attempt, TATTLE_OUTCOME_FAILED, -result, TATTLE_HOOK_OTHER_CONNECT);
		else if (family == AF_VSOCK)
			establish(attempt, TATTLE_HOOK_OTHER_CONNECT);
		else
			report_outcome(attempt, TATTLE_OUTCOME_ESTABLISHED, 0, TATTLE_HOOK_OTHER_CONNECT);
	}
	/* One-to-many sockets make one association after the other. */
	if (!is_waiting && !(attempt->flags & TATTLE_FLAG_ESTABLISHED))
		forget_attempt(socket_key);
}

/* Whether the return of connect() tells something of that file's socket; next to all that come by are TCP's. */
static __always_inline bool ends_by_return(struct file *file)
{
#ifdef TATTLE_TYPED_SOCKETS
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_sock_from_file)) {
		struct socket *socket = bpf_sock_from_file(file);
		struct sock *sk;

		if (!socket)
			return false;
		sk = socket->sk;
		if (sk->sk_protocol == IPPROTO_TCP)
			return false;
		return is_other_connection(sk->__sk_common.skc_family, sk->sk_protocol) || sk->sk_protocol == IPPROTO_DCCP;
	}
#endif
	return true;
}

/*
 * Whoever waits for the socket is woken up, often in softirq or by a worker: an attempt that was pending has come to
 * its end. SCTP closes the association twice when it fails, and has the errno in place the second time
 * (net/sctp/sm_sideeffect.c sctp_cmd_init_failed()).
 */
static __always_inline void wake_up(struct sock *sk, __u8 hook)
{
	struct tattle_attempt *attempt = find_attempt((__u64)sk);

	if (attempt && attempt->outcome == TATTLE_OUTCOME_PENDING)
		tell_end(attempt, sk, hook);
}

static __always_inline void leave_any_connect(struct file *file, long result)
{
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);

	/* Begins as TCP does; where it ends is in a module. */
	if (BPF_CORE_READ(sk, sk_protocol) == IPPROTO_DCCP)
		finish_connect((__u64)sk, result, false, TATTLE_BLOCKED_BY_NONE, TATTLE_HOOK_OTHER_CONNECT);
	else
		finish_other_connect(sk, result);
}

/* sctp_connectx(): as connect(), but that its return is setsockopt()'s, so that the socket's states tell. */
static __noinline int begin_connectx(struct sock *sk, const struct destination *to)
{
	__u64 socket_key = (__u64)sk;
	struct tattle_attempt *attempt;

	if (!to)
		return 0;
	begin_connect(sk, socket_key, IPPROTO_SCTP, to, bpf_ktime_get_boot_ns(), TATTLE_VIA_SYSCALL, TATTLE_HOOK_ASSOCIATE);
	attempt = find_attempt(socket_key);
	if (attempt)
		report_begun(attempt, TATTLE_HOOK_ASSOCIATE);
	return 0;
}

/* An SCTP association that begins without connect(): with the first message to somebody, or by sctp_connectx(). */
static __always_inline void associate(struct sock *sk, int option, void *address, int length, int result)
{
	bool is_message = option == SCTP_SENDMSG_CONNECT, sends_to_many;
	struct destination to;
	struct send send;

	if (!is_message && option != SCTP_SOCKOPT_CONNECTX && option != SCTP_SOCKOPT_CONNECTX_OLD &&
	    option != SCTP_SOCKOPT_CONNECTX3)
		return;
	if (!read_destination(&to, address, length, ADDRESS_OF_CONNECT))
		return;
	if (!result && !is_message) {
		begin_connectx(sk, &to);
		return;
	}
	/* Told of when the message is sent, or not. */
	sends_to_many = READ(sk, sk_type) == SOCK_SEQPACKET;
	if (result || !sctp_hooked_boot_ns || !sends_to_many) {
		send = send_of(sk, (__u64)sk, IPPROTO_SCTP, result, result ? TATTLE_BLOCKED_BY_LSM : TATTLE_BLOCKED_BY_NONE,
			       TATTLE_HOOK_ASSOCIATE);
		if (report_over(&send, &to) && !result && sends_to_many)
			count_unseen_end();
	}
}

/*
 * A message on an SCTP socket that sends to many was sent, or not. The kernel takes it; whether the peer answers is
 * told to the program by a notification, not here. So it counts as datagrams do.
 */
static __always_inline void leave_message(struct socket *socket, struct msghdr *message, long result)
{
	struct sock *sk = READ(socket, sk);
	void *name = READ(message, msg_name);
	struct send send;
	struct destination to;

	if (!name || READ(socket, type) != SOCK_SEQPACKET ||
	    !read_destination(&to, name, READ(message, msg_namelen), ADDRESS_OF_CONNECT))
		return;
	send = send_of(sk, (__u64)sk, IPPROTO_SCTP, result, TATTLE_BLOCKED_BY_NONE, TATTLE_HOOK_OTHER_SEND);
	account_send(&send, &to);
}

/* An SCTP or vsock socket dies: what was still open of its attempt ends with it. */
static __always_inline void end_association(struct sock *sk, __u8 hook)
{
	__u64 socket_key = (__u64)sk;
	struct tattle_attempt *attempt = find_attempt(socket_key);
	int error;

	if (!attempt)
		return;
	error = READ(sk, sk_err);
	if (attempt->flags & TATTLE_FLAG_ESTABLISHED)
		report_close(attempt, sk, TCP_ESTABLISHED, hook);
	else if (is_end_unseen(attempt, error))
		count_unseen_end();
	else
		report_outcome(attempt, error ? TATTLE_OUTCOME_FAILED : TATTLE_OUTCOME_ABORTED, error, hook);
	forget_attempt(socket_key);
}

#endif
