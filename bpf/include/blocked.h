/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Who stood in the way, where the errno does not say: EPERM of a send is a cgroup program's or
 * netfilter's, and a SYN that either of them drops looks to its program like silence.
 */
#ifndef TATTLE_BLOCKED_H
#define TATTLE_BLOCKED_H

/* Notes that what this socket sends in the current call was refused, for the call's return. */
static __always_inline void note_refusal(__u64 socket_key, __u8 blocked_by)
{
	struct call call = {};
	__u64 key = call_key(CALL_REFUSED);

	call.socket_key = socket_key;
	call.argument = blocked_by;
	put_call(key, &call);
}

/* Who was noted to refuse what this socket sent in the current call. */
static __always_inline __u8 take_note(__u64 socket_key)
{
	__u64 key = call_key(CALL_REFUSED);
	struct call *call = find_call(key);
	__u8 blocked_by;

	if (!call || call->socket_key != socket_key)
		return TATTLE_BLOCKED_BY_NONE;
	blocked_by = call->argument;
	drop_call(key);
	return blocked_by;
}

/* Who refused the call that returns EPERM now; `otherwise` where nobody was seen to. */
static __always_inline __u8 take_refusal(__u64 socket_key, long result, __u8 otherwise)
{
	__u8 blocked_by;

	if (result != -EPERM)
		return TATTLE_BLOCKED_BY_NONE;
	blocked_by = take_note(socket_key);
	return blocked_by ? blocked_by : otherwise;
}

/* A packet of this socket was refused: of a SYN nobody else will tell. In softirq too (retransmits). */
static __always_inline void refuse_packet(struct sock *sk, __u8 blocked_by)
{
	__u64 socket_key = key_of_socket(sk);
	struct tattle_attempt *attempt = find_attempt(socket_key);

	if (!attempt) {
		note_refusal(socket_key, blocked_by);
		return;
	}
	if (attempt->outcome != TATTLE_OUTCOME_PENDING)
		return;
	attempt->blocked_by = blocked_by;
	if (attempt->protocol == IPPROTO_TCP)
		attempt->refused_segments = BPF_CORE_READ((struct tcp_sock *)sk, segs_out);
}

/* Whether the kernel says why it drops a packet (5.17). */
static __always_inline bool has_drop_reasons(void)
{
	return bpf_core_enum_value_exists(enum skb_drop_reason, SKB_DROP_REASON_NETFILTER_DROP);
}

/* Whether netfilter's drops are told from others: what is refused by nobody then is a cgroup program's. */
static __always_inline bool is_drop_explained(void)
{
	return has_drop_reasons() || netfilter_length;
}

/* Why kfree_skb() was called (5.17), as far as it matters here. */
static __always_inline __u8 blocker_of(int reason)
{
	if (reason == (int)bpf_core_enum_value(enum skb_drop_reason, SKB_DROP_REASON_NETFILTER_DROP))
		return TATTLE_BLOCKED_BY_NETFILTER;
	if (bpf_core_enum_value_exists(enum skb_drop_reason, SKB_DROP_REASON_BPF_CGROUP_EGRESS) &&
	    reason == (int)bpf_core_enum_value(enum skb_drop_reason, SKB_DROP_REASON_BPF_CGROUP_EGRESS))
		return TATTLE_BLOCKED_BY_CGROUP;
	return TATTLE_BLOCKED_BY_NONE;
}

/* Before 5.17 only the place says it: netfilter drops packets in nf_hook_slow(), where nothing else is dropped. */
static __always_inline __u8 blocker_at(__u64 place)
{
	return place - netfilter_begin < netfilter_length ? TATTLE_BLOCKED_BY_NETFILTER : TATTLE_BLOCKED_BY_NONE;
}

/* Every dropped packet of the machine comes by: next to all of them leave at once. */
static __always_inline void drop_packet(struct sk_buff *packet, __u8 blocked_by)
{
	struct sock *sk;

	if (!blocked_by)
		return;
	sk = BPF_CORE_READ(packet, sk);
	if (sk)
		refuse_packet(sk, blocked_by);
}

/* match-proto: include/trace/events/skb.h: kfree_skb(struct sk_buff *skb, void *location, enum skb_drop_reason reason) */
/* match-proto: include/trace/events/skb.h: kfree_skb(struct sk_buff *skb, void *location); before 5.17 */
/* match-proto: include/trace/events/skb.h: kfree_skb(struct sk_buff *skb, void *location, enum skb_drop_reason reason, struct sock *rx_sk); since 6.11 */
SEC("raw_tp/kfree_skb")
int on_drop(struct bpf_raw_tracepoint_args *ctx)
{
	__u8 blocked_by = has_drop_reasons() ? blocker_of((int)load_argument(ctx, 2)) : blocker_at(load_argument(ctx, 1));

	UNINTERRUPTED(drop_packet((struct sk_buff *)ctx->args[0], blocked_by));
	return 0;
}

#endif
