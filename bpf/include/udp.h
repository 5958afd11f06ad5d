/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * UDP: the first datagram of a process on a socket to a destination is the attempt, later ones are counted.
 * A socket's most recent flow stands beside the socket, so that the next datagram of it costs
 * one look-up; the others are in udp_flows. A socket that connects and sends nothing has not
 * tried to reach anybody; one that fails in connect() has.
 */
#ifndef TATTLE_UDP_H
#define TATTLE_UDP_H

#define UDP_HEADER_LENGTH 8

static __always_inline bool is_datagram_protocol(__u16 protocol)
{
	return protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE;
}

/* Whether the socket holds a datagram back after a send, to be completed by the next one. */
enum cork {
	CORK_NONE,
	CORK_BEGUN, /* the send was its first part */
	CORK_GROWS,
};

/* Who sends: a thread's process, or a thread of the kernel. */
static __always_inline __u32 current_sender(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

struct send {
	struct sock *sk;
	__u64 socket_key;
	__u64 now;
	__u64 started_boot_ns;
	long result;     /* bytes, or −errno */
	__u64 generation;
	__u16 protocol;
	__u8 blocked_by; /* enum tattle_blocker */
	__u8 hook;
	__u8 via;        /* enum tattle_via, where it is neither the socket's kind nor the system call that says it */
	__u8 cork;       /* enum cork */
	__u32 netns_inode; /* where there is no `sk` to ask */
	__u32 socket_inode;
};

/*
 * Which socket it is of all that stand at its address one after the other: the end of the one before may not have been
 * seen. A kprobe is skipped while another one runs on that CPU, which a softirq that frees sockets may interrupt; so is
 * a program, where the kernel preempts it (7.x). 0: ends are seen, or there is no telling.
 */
static __always_inline __u32 inode_of(struct sock *sk)
{
#ifdef TATTLE_ENDS_MAY_BE_MISSED
	struct socket *socket = sk ? READ(sk, sk_socket) : NULL;

	return socket ? (__u32)BPF_CORE_READ((struct socket_alloc *)socket, vfs_inode.i_ino) : 0;
#else
	return 0;
#endif
}

/* Whether what is kept is that socket's, and not an earlier one's. */
static __always_inline bool is_same_socket(const struct tattle_udp_socket *socket, __u32 inode)
{
	return !inode || !socket->inode || socket->inode == inode;
}

/* A send of `sk` that returned `result` now. Not held back: that is for who knows of it to say. */
static __always_inline struct send send_of(struct sock *sk, __u64 socket_key, __u16 protocol, long result, __u8 blocked_by,
					   __u8 hook)
{
	__u64 now = bpf_ktime_get_boot_ns();

	return (struct send) {
		.sk = sk,
		.socket_key = socket_key,
		.now = now,
		.started_boot_ns = now,
		.result = result,
		.protocol = forget(protocol, now),
		.blocked_by = forget(blocked_by, now),
		.hook = hook,
		.socket_inode = inode_of(sk),
	};
}

/* A datagram counts with its first part: its end may be a setsockopt(), which is not seen. */
static __always_inline bool is_new_datagram(const struct tattle_flow *flow, const struct send *send)
{
	return send->cork == CORK_NONE ? !flow->is_corked : send->cork == CORK_BEGUN;
}

/*
 * The time since the flow's last send. Several CPUs may be at it: it is one of the values that one of them saw, and time
 * does not go backwards.
 */
static __always_inline void note_gap(struct tattle_flow *flow, __u64 now)
{
	__s64 gap = now - flow->last_boot_ns;
	__u64 square, sum = flow->gap_square_sum_us2;

	if (gap < 0)
		return;
	flow->last_boot_ns = now;
	if ((__u64)gap < flow->gap_min_ns || !flow->gap_min_ns)
		flow->gap_min_ns = gap;
	if ((__u64)gap > flow->gap_max_ns)
		flow->gap_max_ns = gap;
	square = ((__u64)gap / 1000) * ((__u64)gap / 1000);
	flow->gap_square_sum_us2 = sum + square < sum ? ~0ULL : sum + square;
}

/* One more send on a flow that is known. Several CPUs may be at it: the sums are atomic. */
static __always_inline void count_send(struct tattle_flow *flow, const struct send *send)
{
	if (send->result < 0) {
		add_atomically(&flow->failures, 1);
	} else {
		if (is_new_datagram(flow, send))
			add_atomically(&flow->datagrams, 1);
		add_atomically(&flow->bytes, send->result);
	}
	flow->is_corked = send->cork != CORK_NONE;
	note_gap(flow, send->now);
}

static __always_inline void emit_flow_end(__u64 socket_key, __u64 generation, const struct tattle_flow *flow,
					  bool has_socket_died, __u8 hook)
{
	struct tattle_flow_end *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record) {
		count_lost(TATTLE_RECORD_FLOW_END, hook);
		return;
	}
	record->socket_key = socket_key;
	record->socket_generation = generation;
	__builtin_memcpy(&record->flow, flow, sizeof(record->flow));
	record->socket_died = has_socket_died;
	record->reserved = 0;
	stamp(&record->header, TATTLE_RECORD_FLOW_END, sizeof(*record), hook);
	bpf_ringbuf_submit(record, submit_flags(false));
}

static __always_inline void fill_send(struct tattle_attempt *attempt, const struct send *send,
				      const struct destination *to)
{
	__s64 is_failure = send->result >> 63; /* all ones, or none */

	barrier_var(is_failure);
	attempt->via = send->via;
	fill_call(attempt, send->sk, send->socket_key, send->protocol, to, send->started_boot_ns);
	fill_task(attempt);
	mark_broadcast(attempt, send->sk, send->result);
	attempt->socket_generation = send->generation;
	attempt->blocked_by = send->blocked_by;
	/* Without a branch, as forget(). */
	attempt->outcome = TATTLE_OUTCOME_SENT ^ ((TATTLE_OUTCOME_SENT ^ TATTLE_OUTCOME_FAILED) & is_failure);
	attempt->error = -send->result & is_failure;
	attempt->bytes = send->result & ~is_failure;
	if (send->sk)
		fill_source(attempt, send->sk);
	else
		attempt->netns_inode = send->netns_inode;
}

/*
 * The first send of a flow, or one whose result is news. Returns the attempt's id, also when the ring
 * was full (it is counted as lost, once, and its flow goes on); 0: it is not wanted. Put together in the ring itself
 * where every attempt is wanted.
 */
static __always_inline __u64 report_send(const struct send *send, const struct destination *to, __u64 attempt_id)
{
	__u8 phase = attempt_id ? TATTLE_PHASE_OUTCOME : TATTLE_PHASE_WHOLE;
	struct tattle_attempt attempt, *record = &attempt;

	if (!filter_mask) {
		record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
		if (!record) {
			count_lost_attempt(phase, send->hook);
			return attempt_id ? attempt_id : new_attempt_id(send->now);
		}
	}
	__builtin_memset(record, 0, sizeof(*record));
	fill_send(record, send, to);
	if (attempt_id)
		record->attempt_id = attempt_id;
	else if (filter_mask && !is_wanted(record))
		return 0;
	attempt_id = record->attempt_id;
	if (filter_mask)
		emit_attempt(record, phase, send->now, send->hook, true);
	else
		submit_attempt(record, phase, send->now, send->hook);
	return attempt_id;
}

static __always_inline void start_flow(struct tattle_flow *flow, const struct send *send, __u64 attempt_id)
{
	__builtin_memset(flow, 0, sizeof(*flow));
	flow->attempt_id = attempt_id;
	flow->first_boot_ns = send->now;
	flow->last_boot_ns = send->now;
	if (send->result < 0) {
		flow->failures = 1;
		flow->last_error = -send->result;
	} else {
		flow->datagrams = 1;
		flow->bytes = send->result;
		flow->has_succeeded = true;
	}
	flow->is_corked = send->cork != CORK_NONE;
}

/*
 * A send on a known flow: counted. True: it is to be told of, for it failed with an errno that was not told of, or
 * is the first that does not fail. A port where nobody listens gives an error for every other datagram: that is one
 * piece of news.
 */
static __always_inline bool continue_flow(struct tattle_flow *flow, const struct send *send)
{
	bool is_news = send->result < 0 ? flow->last_error != -send->result : !flow->has_succeeded;

	count_send(flow, send);
	if (!is_news)
		return false;
	if (send->result < 0)
		flow->last_error = -send->result;
	else
		flow->has_succeeded = true;
	return true;
}

static __always_inline bool is_idle(const struct tattle_flow *flow, __u64 now)
{
	return (__s64)(now - flow->last_boot_ns) > (__s64)flow_idle_ns;
}

static const struct tattle_flow no_flow;

/* Whether a socket's most recent flow is the current process's to that destination. */
static __always_inline bool is_to(const struct tattle_udp_socket *socket, const struct destination *to)
{
	return socket->destination_port_be == to->port_be && socket->scope_id == to->scope_id &&
	       socket->sender == current_sender() && *(__u64 *)socket->destination == *(__u64 *)to->address &&
	       *(__u64 *)(socket->destination + 8) == *(__u64 *)(to->address + 8);
}

/* Another destination on a known socket has an entry of its own, the first one stays beside it. NULL: it has none yet. */
static __always_inline struct tattle_flow *find_flow(struct tattle_udp_socket *socket, const struct destination *to,
						     bool makes_one)
{
	struct tattle_flow_key key = {};

	if (is_to(socket, to))
		return &socket->flow;
	key.socket_generation = socket->generation;
	__builtin_memcpy(key.destination, to->address, 16);
	key.destination_port_be = to->port_be;
	key.scope_id = to->scope_id;
	key.sender = current_sender();
	if (makes_one) {
		mark_used(TATTLE_SPARE_FLOWS);
		bpf_map_update_elem(&udp_flows, &key, &no_flow, BPF_ANY);
	}
	return bpf_map_lookup_elem(&udp_flows, &key);
}

/* Whether the socket holds a datagram back, to be completed (udp_sock.pending): its parts are what waits to be sent. */
static __always_inline bool is_corked(struct sock *sk)
{
	return READ(sk, sk_write_queue.qlen);
}

/*
 * Counts one more datagram of its socket's most recent flow, which is what next to every send is. False: there is more
 * to it, or it is to another destination.
 */
static __always_inline bool count_further(struct tattle_udp_socket *socket, struct sock *sk, const struct destination *to,
					  long result)
{
	struct tattle_flow *flow = &socket->flow;
	__u64 now;

	if (!is_to(socket, to) || !flow->has_succeeded || flow->is_corked || is_corked(sk) ||
	    !is_same_socket(socket, inode_of(sk)))
		return false;
	now = bpf_ktime_get_boot_ns();
	if (is_idle(flow, now))
		return false;
	add_atomically(&flow->datagrams, 1);
	add_atomically(&flow->bytes, result);
	note_gap(flow, now);
	return true;
}

/*
 * A send is done. What is new is reported in one place for all cases, and socket and flow are looked up again after
 * it: the verifier walks through all that once.
 */
static __always_inline void account_send(struct send *send, const struct destination *to)
{
	struct tattle_udp_socket *socket;
	struct tattle_flow *flow;
	__u64 known_id = 0, attempt_id;

	/* Try again: nothing happened. */
	if (send->result == -EAGAIN)
		return;
	send->generation = send->now;
	socket = find_socket(send->socket_key);
	if (socket && !is_same_socket(socket, send->socket_inode)) {
		emit_flow_end(send->socket_key, socket->generation, &socket->flow, true, send->hook);
		forget_socket(send->socket_key);
	} else if (socket) {
		send->generation = socket->generation;
		flow = find_flow(socket, to, false);
		if (flow && !is_idle(flow, send->now)) {
			if (!continue_flow(flow, send))
				return;
			known_id = flow->attempt_id;
		} else if (flow) {
			emit_flow_end(send->socket_key, socket->generation, flow, false, send->hook);
		}
	}
	known_id = forget(known_id, send->now);
	attempt_id = report_send(send, to, known_id);
	if (known_id || !attempt_id)
		return;
	/* No older than this send: new. */
	if (send->generation == send->now)
		socket = new_socket(send->socket_key, send->generation, send->socket_inode, to->address,
				    to->port_be, to->scope_id, current_sender());
	else
		socket = find_socket(send->socket_key);
	if (!socket)
		return;
	flow = find_flow(socket, to, true);
	if (flow)
		start_flow(flow, send, attempt_id);
}

/* What the socket holds back after a send that took `length` bytes: net/ipv4/udp.c udp_sendmsg(). */
static __always_inline enum cork cork_of(struct sock *sk, long length)
{
	struct inet_sock *inet = (struct inet_sock *)sk;

	if (length < 0 || !is_corked(sk))
		return CORK_NONE;
	return BPF_CORE_READ(inet, cork.base.length) == length + UDP_HEADER_LENGTH ? CORK_BEGUN : CORK_GROWS;
}

/* A UDP send returned `result`, payload bytes or −errno, and is more than one further datagram. */
static __always_inline void finish_new_send(struct sock *sk, __u64 socket_key, __u16 protocol, struct destination *to,
					    long result, __u8 blocked_by, __u8 hook)
{
	struct send send = send_of(sk, socket_key, protocol, result, blocked_by, hook);

	forget_destination(to, send.now);
	send.cork = forget(cork_of(sk, result), send.now);
	account_send(&send, to);
}

/* A UDP send returned `result`: payload bytes, or −errno. */
static __always_inline void finish_send(struct sock *sk, __u64 socket_key, __u16 protocol, struct destination *to,
					long result, __u8 blocked_by, __u8 hook)
{
	struct tattle_udp_socket *socket = result < 0 ? NULL : find_socket(socket_key);

	if (!socket || !count_further(socket, sk, to, result))
		finish_new_send(sk, socket_key, protocol, to, result, blocked_by, hook);
}

/*
 * What is over at once and leaves nothing behind: a connect() of a datagram socket that failed, or one that was
 * refused. An attempt of its own, whatever comes after.
 */
static __always_inline void report_single(struct sock *sk, __u64 socket_key, __u16 protocol, const struct destination *to,
					  long result, __u8 blocked_by, __u8 hook)
{
	struct send send = send_of(sk, socket_key, protocol, result, blocked_by, hook);

	report_send(&send, to, 0);
}

/* The socket is gone, and with it its flows. */
static __always_inline void end_socket(__u64 socket_key, __u8 hook)
{
	struct tattle_udp_socket *socket = find_socket(socket_key);

	if (!socket)
		return;
	emit_flow_end(socket_key, socket->generation, &socket->flow, true, hook);
	forget_socket(socket_key);
}

#endif
