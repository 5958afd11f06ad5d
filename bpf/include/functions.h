/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What happens at the kernel's functions, whichever way they are hooked: trampoline and kprobe. */
#ifndef TATTLE_FUNCTIONS_H
#define TATTLE_FUNCTIONS_H

static __always_inline bool is_stream_protocol(__u16 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP;
}

/* No SYN yet and nothing told: connect() is still at work and will return the reason. */
static __always_inline bool is_left_to_exit(const struct tattle_attempt *attempt)
{
	return !(attempt->flags & (TATTLE_FLAG_SYN_SENT | TATTLE_FLAG_REPORTED));
}

/* The connect() of an MPTCP socket makes one of its own for its first subflow (6.1): the same attempt. */
static __always_inline bool is_subflow(struct sock *sk)
{
	struct tcp_sock *tcp = (struct tcp_sock *)sk;

	if (!bpf_core_field_exists(tcp->is_mptcp) || BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP)
		return false;
	return BPF_CORE_READ_BITFIELD_PROBED(tcp, is_mptcp);
}

/* Whether an attempt began; the caller holds the socket's lock, so they cannot overtake. */
static __always_inline bool enter_stream_connect(struct socket *socket, void *address, int length)
{
	struct sock *sk = BPF_CORE_READ(socket, sk);
	struct destination to;
	__u16 protocol = BPF_CORE_READ(sk, sk_protocol);

	/* Asking again while it connects, or after, is no second attempt; on a listening socket it is none at all. */
	if (BPF_CORE_READ(socket, state) != SS_UNCONNECTED || !is_stream_protocol(protocol) ||
	    BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_CLOSE || is_subflow(sk))
		return false;
	if (!address || !read_destination(&to, address, length, ADDRESS_OF_CONNECT))
		return false;
	begin_connect(sk, (__u64)sk, protocol, &to, bpf_ktime_get_boot_ns(), TATTLE_HOOK_CONNECT_ENTRY);
	return true;
}

static __always_inline void leave_security_connect(struct socket *socket, void *address, int length, int result)
{
	struct sock *sk = BPF_CORE_READ(socket, sk);
	struct destination to;
	__u16 protocol = BPF_CORE_READ(sk, sk_protocol);

	if (!result || !(is_stream_protocol(protocol) || is_datagram_protocol(protocol)))
		return;
	if (read_destination(&to, address, length, ADDRESS_OF_CONNECT))
		report_failed_connect(sk, (__u64)sk, protocol, &to, result, TATTLE_BLOCKED_BY_LSM, TATTLE_HOOK_LSM);
}

static __always_inline void leave_datagram_connect(struct socket *socket, void *address, int length, int result)
{
	struct sock *sk = BPF_CORE_READ(socket, sk);
	struct destination to;
	__u16 protocol = BPF_CORE_READ(sk, sk_protocol);

	if (result >= 0 || !is_datagram_protocol(protocol))
		return;
	if (read_destination(&to, address, length, ADDRESS_OF_CONNECT))
		report_failed_connect(sk, (__u64)sk, protocol, &to, result,
				      result == -EPERM ? TATTLE_BLOCKED_BY_CGROUP : TATTLE_BLOCKED_BY_NONE,
				      TATTLE_HOOK_DATAGRAM_CONNECT);
}

/* udp_sendmsg(), also when udpv6_sendmsg() hands an IPv4-mapped destination down to it. */
static __always_inline void leave_send4(struct sock *sk, struct msghdr *message, long result)
{
	void *name = BPF_CORE_READ(message, msg_name);
	struct destination to;

	if (!name) {
		read_peer(&to, sk, true);
		/* Not connected either: EDESTADDRREQ, nobody was meant. */
		if (!to.port_be)
			return;
	} else if (!read_destination(&to, name, BPF_CORE_READ(message, msg_namelen), ADDRESS_OF_SEND)) {
		return;
	}
	finish_send(sk, (__u64)sk, BPF_CORE_READ(sk, sk_protocol), &to, result, TATTLE_HOOK_DATAGRAM_SEND4);
}

static __always_inline void leave_send6(struct sock *sk, struct msghdr *message, long result)
{
	void *name = BPF_CORE_READ(message, msg_name);
	struct destination to;

	if (!name) {
		read_peer(&to, sk, false);
		if (!to.port_be)
			return;
	} else if (!read_destination(&to, name, BPF_CORE_READ(message, msg_namelen), ADDRESS_OF_SEND)) {
		return;
	}
	/* IPv4 through an IPv6 socket: told by udp_sendmsg(), unless the socket forbids IPv4. */
	if (to.family == AF_INET && !BPF_CORE_READ_BITFIELD_PROBED(&sk->__sk_common, skc_ipv6only))
		return;
	finish_send(sk, (__u64)sk, BPF_CORE_READ(sk, sk_protocol), &to, result, TATTLE_HOOK_DATAGRAM_SEND6);
}

/* match-proto: include/trace/events/sock.h: inet_sock_set_state(const struct sock *sk, const int oldstate, const int newstate) */
SEC("raw_tp/inet_sock_set_state")
int on_state(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];

	RUN_STATE(change_state(sk, (__u64)sk, (int)ctx->args[1], (int)ctx->args[2], TATTLE_HOOK_STATE));
	return 0;
}

STATE_STAND_INS(on_state, change_state((struct sock *)ctx->args[0], ctx->args[0], (int)ctx->args[1], (int)ctx->args[2],
				       TATTLE_HOOK_STATE_AGAIN))
STEADY_STATE_STAND_IN(on_state, change_state((struct sock *)BPF_CORE_READ(ctx, skaddr), (__u64)BPF_CORE_READ(ctx, skaddr),
					     BPF_CORE_READ(ctx, oldstate), BPF_CORE_READ(ctx, newstate), TATTLE_HOOK_STATE_AGAIN))

#endif
