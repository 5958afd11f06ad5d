/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What happens at the kernel's functions, whichever way they are hooked: trampoline and kprobe. */
#ifndef TATTLE_FUNCTIONS_H
#define TATTLE_FUNCTIONS_H

static __always_inline __u64 key_of_socket(struct sock *sk) { return (__u64)sk; }

#include "blocked.h"
#include "modules.h"
#include "associations.h"
#include "raw.h"
#include "packet_ring.h"

#define MSG_FASTOPEN 0x20000000

static __always_inline bool is_stream_protocol(__u16 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP || protocol == IPPROTO_DCCP;
}

/* No SYN yet and nothing told: connect() is still at work and will return the reason. */
static __always_inline bool is_left_to_exit(const struct tattle_attempt *attempt)
{
	return !(attempt->flags & (TATTLE_FLAG_SYN_SENT | TATTLE_FLAG_REPORTED));
}

/*
 * The first subflow is what an MPTCP attempt comes to; the MPTCP socket itself never gets an error. Those that
 * follow find the attempt answered.
 */
static __always_inline void change_subflow_state(struct sock *sk, int old_state, int new_state, __u8 hook)
{
	__u64 key = (__u64)connection_of_subflow(sk);
	struct tattle_attempt *attempt = find_attempt(key);

	if (attempt && attempt->outcome == TATTLE_OUTCOME_PENDING && new_state == TCP_CLOSE && READ(sk, sk_err))
		change_state(attempt, sk, key, old_state, new_state, hook);
}

/* Of all the states of all sockets: whether it may be a decisive_state(), which wants a look at the socket for some. */
static __always_inline bool is_state_told_of(int state)
{
	return state == TCP_ESTABLISHED || state == TCP_CLOSE || state > TCP_NEW_SYN_RECV;
}

/* An SCTP association whose answer nobody was hooked to see yet: what its socket closes with is not how it ended. */
static __always_inline bool is_answer_unseen(const struct tattle_attempt *attempt, struct sock *sk, int new_state)
{
	return attempt->protocol == IPPROTO_SCTP && new_state == TCP_CLOSE && !is_left_to_exit(attempt) &&
	       is_end_unseen(attempt, READ(sk, sk_err));
}

/* Of every TCP socket of the machine, those included that were accepted. */
static __always_inline void change_any_state(struct sock *sk, int old_state, int new_state, __u8 hook)
{
	struct tattle_attempt *attempt;

	new_state = decisive_state(sk, new_state);
	if (!new_state)
		return;
	attempt = find_attempt((__u64)sk);
	if (attempt && is_answer_unseen(attempt, sk, new_state))
		note_unseen_end((__u64)sk);
	else if (attempt)
		change_state(attempt, sk, (__u64)sk, old_state, new_state, hook);
	else if (is_subflow(sk))
		change_subflow_state(sk, old_state, new_state, hook);
}

/* tcp_connect() returned. The SYN of an MPTCP attempt is its first subflow's. */
static __always_inline void leave_tcp_connect(struct sock *sk, int result)
{
	struct tattle_attempt *attempt = find_attempt((__u64)sk);

	if (!attempt && is_subflow(sk))
		attempt = find_attempt((__u64)connection_of_subflow(sk));
	mark_syn(attempt, sk, result, TATTLE_HOOK_SYN);
}

/* Whether an attempt began; the caller holds the socket's lock, so they cannot overtake. */
static __always_inline bool enter_stream_connect(struct socket *socket, void *address, int length, bool is_send)
{
	struct sock *sk = READ(socket, sk);
	struct destination to;
	__u16 protocol = READ(sk, sk_protocol);

	/* Asking again while it connects, or after, is no second attempt; on a listening socket it is none at all. */
	if (READ(socket, state) != SS_UNCONNECTED || !is_stream_protocol(protocol) ||
	    READ(sk, __sk_common.skc_state) != TCP_CLOSE || is_subflow(sk))
		return false;
	if (!address || !read_destination(&to, address, length, ADDRESS_OF_CONNECT))
		return false;
	begin_connect(sk, (__u64)sk, protocol, &to, bpf_ktime_get_boot_ns(),
		      is_send ? TATTLE_VIA_FAST_OPEN : TATTLE_VIA_SYSCALL, TATTLE_HOOK_CONNECT_ENTRY);
	return true;
}

static __always_inline void leave_security_connect(struct socket *socket, void *address, int length, int result)
{
	struct sock *sk = READ(socket, sk);
	struct destination to;
	__u16 protocol = READ(sk, sk_protocol);
	__u16 family = READ(sk, __sk_common.skc_family);
	bool is_other = is_other_connection(family, protocol);
	struct send send;

	if (!is_other && (!result || (family != AF_INET && family != AF_INET6)))
		return;
	if (!read_any_destination(&to, family, address, length))
		return;
	if (!result) {
		begin_other_connect(socket, sk, protocol, &to);
	} else {
		send = send_of(sk, (__u64)sk, protocol, result, TATTLE_BLOCKED_BY_LSM, TATTLE_HOOK_LSM);
		report_over(&send, &to);
	}
}

static __always_inline void leave_datagram_connect(struct socket *socket, void *address, int length, int result)
{
	struct sock *sk = READ(socket, sk);
	struct destination to;
	__u16 protocol = READ(sk, sk_protocol);

	if (result >= 0 || !read_destination(&to, address, length, ADDRESS_OF_CONNECT))
		return;
	/* Raw and ping sockets have no ports. */
	if (!is_datagram_protocol(protocol) || READ(sk, sk_type) == SOCK_RAW)
		to.port_be = 0;
	report_single(sk, (__u64)sk, protocol, &to, result, take_refusal((__u64)sk, result, TATTLE_BLOCKED_BY_CGROUP),
		      TATTLE_HOOK_DATAGRAM_CONNECT);
}

static __always_inline void report_leave_send(struct sock *sk, struct destination *to, long result, __u8 hook)
{
	finish_send(sk, (__u64)sk, READ(sk, sk_protocol), to, result,
		    take_refusal((__u64)sk, result, TATTLE_BLOCKED_BY_NETFILTER), hook);
}

/* How many threads are in udp_sendpage(): while there is none, nobody looks whether it is he. */
volatile __u64 page_sends;

/* Where the device takes no pages, udp_sendpage() copies them and calls udp_sendmsg(): told of already. */
static __always_inline void note_plain_send(void)
{
	__u64 key;
	struct call *call;

	if (!page_sends)
		return;
	key = call_key(CALL_PAGE_SEND);
	call = find_call(key);
	if (call)
		call->left_to_exit = 1;
}

/*
 * Counts one more datagram of a socket's most recent flow before anything else is looked at: the kernel has taken it,
 * so it has found family and length in order.
 */
static __always_inline bool count_further4(struct sock *sk, struct msghdr *message, long result)
{
	struct tattle_udp_socket *socket;
	struct sockaddr_in raw;
	struct destination to;
	void *name;

	/* Pages: note_plain_send(). */
	if (result < 0 || page_sends)
		return false;
	socket = find_socket((__u64)sk);
	if (!socket)
		return false;
	name = READ(message, msg_name);
	to.scope_id = 0;
	if (name) {
		if (bpf_probe_read_kernel(&raw, sizeof(raw), name))
			return false;
		to.port_be = raw.sin_port;
		set_mapped(to.address, raw.sin_addr);
	} else {
		to.port_be = READ(sk, __sk_common.skc_dport);
		set_mapped(to.address, READ(sk, __sk_common.skc_daddr));
	}
	return count_further(socket, sk, &to, result);
}

/* udp_sendmsg(), also when udpv6_sendmsg() hands an IPv4-mapped destination down to it. */
static __always_inline void leave_send4(struct sock *sk, struct msghdr *message, long result)
{
	struct destination to;
	void *name;

	if (count_further4(sk, message, result))
		return;
	/* Nothing yet of a datagram that is put together. */
	if (!result && is_corked(sk))
		return;
	if (has_page_send && result > 0)
		note_plain_send();
	name = READ(message, msg_name);
	if (!name) {
		read_peer(&to, sk, true);
		/* Not connected either: EDESTADDRREQ, nobody was meant. */
		if (!to.port_be)
			return;
	} else if (!read_destination(&to, name, READ(message, msg_namelen), ADDRESS_OF_SEND)) {
		return;
	}
	finish_new_send(sk, (__u64)sk, READ(sk, sk_protocol), &to, result,
			take_refusal((__u64)sk, result, TATTLE_BLOCKED_BY_NETFILTER), TATTLE_HOOK_DATAGRAM_SEND4);
}

static __always_inline void leave_send6(struct sock *sk, struct msghdr *message, long result)
{
	void *name = READ(message, msg_name);
	struct destination to;

	if (!name) {
		read_peer(&to, sk, false);
		if (!to.port_be)
			return;
	} else if (!read_destination(&to, name, READ(message, msg_namelen), ADDRESS_OF_SEND)) {
		return;
	}
	/* IPv4 through an IPv6 socket: told by udp_sendmsg(), unless the socket forbids IPv4. */
	if (to.family == AF_INET && !READ_BITFIELD(&sk->__sk_common, skc_ipv6only))
		return;
	report_leave_send(sk, &to, result, TATTLE_HOOK_DATAGRAM_SEND6);
}

/*
 * Before 6.5 splice() sends pages so. It begins the datagram with an empty, corked send of its own, which
 * leave_send4() passes over.
 */
static __always_inline void enter_page_send(struct sock *sk)
{
	struct call call = { .socket = (__u64)sk };
	__u64 key = call_key(CALL_PAGE_SEND);

	put_call(key, &call);
	add_atomically((tattle_u64 *)&page_sends, 1);
}

static __always_inline void leave_page_send(struct sock *sk, long result)
{
	__u64 key = call_key(CALL_PAGE_SEND);
	struct call *call = find_call(key);
	bool is_told_of;
	struct destination to;

	if (!call)
		return;
	is_told_of = call->left_to_exit;
	drop_call(key);
	add_atomically((tattle_u64 *)&page_sends, -1);
	if (result <= 0 || is_told_of)
		return;
	read_peer(&to, sk, READ(sk, __sk_common.skc_family) == AF_INET);
	if (to.port_be)
		report_leave_send(sk, &to, result, TATTLE_HOOK_PAGE_SEND);
}

/* Whether a message would be an attempt: on a datagram or raw socket, or one that connects by it. */
static __always_inline bool is_refusal_told_of(struct socket *socket, struct msghdr *message)
{
	struct sock *sk = READ(socket, sk);
	__u16 family = READ(sk, __sk_common.skc_family);

	if (family != AF_INET && family != AF_INET6)
		return false;
	return !is_stream_protocol(READ(sk, sk_protocol)) || READ(message, msg_flags) & MSG_FASTOPEN;
}

/* A security module refused a message. */
static __always_inline void leave_security_send(struct socket *socket, struct msghdr *message, long result)
{
	struct sock *sk = READ(socket, sk);
	__u16 protocol = READ(sk, sk_protocol);
	struct send send;
	struct destination to;

	if (!is_refusal_told_of(socket, message) || !read_message_destination(&to, sk, message))
		return;
	send = send_of(sk, (__u64)sk, protocol, result, TATTLE_BLOCKED_BY_LSM, TATTLE_HOOK_LSM_SEND);
	if (is_stream_protocol(protocol))
		send.via = TATTLE_VIA_FAST_OPEN;
	send.via = forget(send.via, send.now);
	forget_destination(&to, send.now);
	report_send(&send, &to, 0);
}

/* match-proto: include/trace/events/sock.h: inet_sock_set_state(const struct sock *sk, const int oldstate, const int newstate) */
SEC("tp_btf/inet_sock_set_state")
int on_state(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];

	if (is_state_told_of((int)ctx->args[2]))
		RUN_STATE(change_any_state(sk, (int)ctx->args[1], (int)ctx->args[2], TATTLE_HOOK_STATE));
	return 0;
}

STATE_STAND_INS(on_state, change_any_state((struct sock *)ctx->args[0], (int)ctx->args[1], (int)ctx->args[2],
					   TATTLE_HOOK_STATE_AGAIN))
STEADY_STATE_STAND_IN(on_state, change_any_state(as_type(struct sock, BPF_CORE_READ(ctx, skaddr)), BPF_CORE_READ(ctx, oldstate),
						 BPF_CORE_READ(ctx, newstate), TATTLE_HOOK_STATE_AGAIN))

#endif
