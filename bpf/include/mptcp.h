/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Multipath TCP (RFC 8684): which TCP sockets are subflows of a connection, and of which. */
#ifndef TATTLE_MPTCP_H
#define TATTLE_MPTCP_H

/* The connect() of an MPTCP socket makes one of its own for its first subflow (6.1): the same attempt. */
static __always_inline bool is_subflow(struct sock *sk)
{
	struct tcp_sock *tcp;

	if (!bpf_core_field_exists(struct tcp_sock, is_mptcp))
		return false;
	tcp = tcp_of(sk);
	return tcp && READ_BITFIELD(tcp, is_mptcp);
}

static __always_inline struct mptcp_subflow_context *context_of_subflow(struct sock *sk)
{
	return BPF_CORE_READ((struct inet_connection_sock *)sk, icsk_ulp_data);
}

/* The MPTCP socket that a subflow is of. */
static __always_inline struct sock *connection_of_subflow(struct sock *sk)
{
	struct mptcp_subflow_context *context = context_of_subflow(sk);

	return context ? BPF_CORE_READ(context, conn) : NULL;
}

/* Whether a subflow joins a connection that is there: no attempt of its own. */
static __always_inline bool is_join(struct sock *sk)
{
	struct mptcp_subflow_context *context;

	if (!is_subflow(sk))
		return false;
	context = context_of_subflow(sk);
	return context && BPF_CORE_READ_BITFIELD_PROBED(context, request_join);
}

#endif
