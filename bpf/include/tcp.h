/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The life of a TCP attempt, the same under every hook set:
 *
 *   begin_connect     the application calls connect() or sends with fast open
 *   mark_syn          tcp_connect() returned: the SYN is out, the source address is known
 *   change_state      the handshake is completed, or the socket is closed, and why
 *   finish_connect    connect() returned: what it says if nothing else did
 *
 * One record suffices when the end is known before connect() returns (offline) or the answer is there by then
 * (loopback); else a BEGUN record tells of the attempt and an OUTCOME record of its end.
 */
#ifndef TATTLE_TCP_H
#define TATTLE_TCP_H

static __always_inline bool is_left_to_exit(const struct tattle_attempt *attempt);

/* Where an attempt is put together that there is no room for. */
static __always_inline struct tattle_attempt *scratch_attempt(void)
{
	struct scratch *scratch = this_cpu_scratch();

	if (!scratch)
		return NULL;
	__builtin_memset(&scratch->attempt, 0, sizeof(scratch->attempt));
	return &scratch->attempt;
}

/* Remembers the attempt by its socket. Nothing is told yet: the next hooks know more. */
static __always_inline void begin_connect(struct sock *sk, __u64 socket_key, __u16 protocol,
					  const struct destination *to, __u64 started_boot_ns, __u8 via, __u8 hook)
{
	struct tattle_tcp_place *tcp = tcp_place_of(socket_key);
	struct tattle_place *place = NULL;
	struct tattle_attempt *attempt;
	bool has_room = true;

	if (tcp && (tcp->place.key == socket_key || claim(&tcp->place))) {
		place = &tcp->place;
		attempt = &tcp->attempt;
		__builtin_memset(attempt, 0, sizeof(*attempt));
	} else {
		attempt = displaced_attempt(socket_key);
		has_room = attempt;
		if (!has_room)
			attempt = scratch_attempt();
		if (!attempt)
			return;
	}
	attempt->via = via;
	fill_call(attempt, sk, socket_key, protocol, to, started_boot_ns);
	fill_task(attempt);
	if (sk && is_bound(sk))
		fill_source(attempt, sk);
	else if (sk && attempt->family == AF_INET)
		set_mapped(attempt->source, 0);
	/* Nobody finds it before. */
	if (place)
		*(volatile tattle_u64 *)&place->key = socket_key;
	if (!is_wanted(attempt)) {
		if (has_room)
			forget_attempt(socket_key);
	} else if (!has_room) {
		count_map_full();
		emit_attempt(attempt, TATTLE_PHASE_BEGUN, started_boot_ns, hook, true);
	}
}

/* Tells of the attempt once; false: the ring was full, a later hook must. */
static __always_inline void report_begun(struct tattle_attempt *attempt, __u8 hook)
{
	if (attempt->flags & TATTLE_FLAG_REPORTED)
		return;
	if (emit_attempt(attempt, TATTLE_PHASE_BEGUN, bpf_ktime_get_boot_ns(), hook, false))
		attempt->flags |= TATTLE_FLAG_REPORTED;
}

/* Tells the outcome: with the attempt, or alone when that was told before. `boot_ns`: now. */
static __always_inline void report_outcome_at(struct tattle_attempt *attempt, __u8 outcome, int error, __u64 boot_ns,
					      __u8 hook)
{
	bool was_reported = attempt->flags & TATTLE_FLAG_REPORTED;

	attempt->outcome = outcome;
	attempt->error = error;
	if (emit_attempt(attempt, was_reported ? TATTLE_PHASE_OUTCOME : TATTLE_PHASE_WHOLE, boot_ns, hook, true))
		attempt->flags |= TATTLE_FLAG_REPORTED;
}

static __always_inline void report_outcome(struct tattle_attempt *attempt, __u8 outcome, int error, __u8 hook)
{
	report_outcome_at(attempt, outcome, error, bpf_ktime_get_boot_ns(), hook);
}

/*
 * Whether the answer is there and waits until connect() lets go of the socket, as on loopback: then the outcome is told
 * next, and the attempt with it. If it is something else that came, the attempt is told of when connect() returns.
 */
static __always_inline bool is_answered(struct sock *sk)
{
	return READ(sk, sk_backlog.tail) != NULL;
}

static __always_inline void mark_syn(struct tattle_attempt *attempt, struct sock *sk, int result, __u8 hook)
{
	/* Gone: answered already. An error comes back to finish_connect. */
	if (!attempt || result)
		return;
	attempt->flags |= TATTLE_FLAG_SYN_SENT;
	if (attempt->outcome != TATTLE_OUTCOME_PENDING || is_answered(sk))
		return;
	fill_source(attempt, sk);
	report_begun(attempt, hook);
}

/*
 * What ended an established connection. A reset that comes after this side has closed is no failure: whether the
 * peer's last word is a FIN or an RST then is chance.
 */
static __always_inline int read_end(struct sock *sk, int old_state)
{
	int error = READ(sk, sk_err);
	bool is_closed_here = old_state != TCP_ESTABLISHED && old_state != TCP_CLOSE_WAIT;

	return is_closed_here && (error == ECONNRESET || error == EPIPE) ? 0 : error;
}

/* An established connection ended: its counters, from the socket while it still has them. */
static __always_inline void report_close(const struct tattle_attempt *attempt, struct sock *sk, int old_state, __u8 hook)
{
	struct tcp_sock *tcp;
	struct tattle_close *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record) {
		count_lost(TATTLE_RECORD_CLOSE, hook);
		return;
	}
	__builtin_memcpy(&record->attempt, attempt, sizeof(record->attempt));
	record->attempt.error = read_end(sk, old_state);
	tcp = attempt->protocol == IPPROTO_TCP ? tcp_of(sk) : NULL;
	if (tcp) {
		record->bytes_sent = READ(tcp, bytes_sent) - READ(tcp, bytes_retrans);
		record->bytes_received = READ(tcp, bytes_received);
		/* The kernel counts the FIN as a byte: tcp_rcv_nxt_update() goes by sequence numbers. */
		if (record->bytes_received && READ(sk, __sk_common.skc_flags) & (1 << SOCK_DONE))
			record->bytes_received--;
		record->packets_sent = READ(tcp, segs_out);
		record->packets_received = READ(tcp, segs_in);
		record->retransmits = READ(tcp, total_retrans);
	} else {
		/* MPTCP: the counters are its subflows'. */
		record->bytes_sent = 0;
		record->bytes_received = 0;
		record->packets_sent = 0;
		record->packets_received = 0;
		record->retransmits = 0;
	}
	record->reserved = 0;
	stamp(&record->attempt.header, TATTLE_RECORD_CLOSE, sizeof(*record), hook);
	bpf_ringbuf_submit(record, submit_flags(false));
}

/* The handshake is completed. `sk` may have gone on since, if nobody told of it then. */
static __always_inline void complete_handshake(struct tattle_attempt *attempt, struct sock *sk, __u8 hook)
{
	__u64 now = bpf_ktime_get_boot_ns();

	attempt->flags |= TATTLE_FLAG_ESTABLISHED | TATTLE_FLAG_SYN_SENT;
	attempt->established_boot_ns = now;
	/* What was dropped first came through in the end. */
	attempt->blocked_by = TATTLE_BLOCKED_BY_NONE;
	fill_source(attempt, sk);
	report_outcome_at(attempt, TATTLE_OUTCOME_ESTABLISHED, 0, now, hook);
}

/* Whether a connection that left this state was one, so that its end is no failure to make it. */
static __always_inline bool was_established(const struct tattle_attempt *attempt, int old_state)
{
	return attempt->protocol == IPPROTO_TCP && old_state != TCP_SYN_SENT && old_state != TCP_SYN_RECV &&
	       old_state != TCP_CLOSE;
}

/*
 * A socket that is closed and still has an attempt: no program ran when it closed, nor any stand-in. There are kernels
 * that run none in some threads, nor in what interrupts them (docs/DESIGN.md). How it ended nobody can say any more.
 */
static __always_inline void note_unseen_end(__u64 socket_key)
{
	if (!find_attempt(socket_key))
		return;
	count_unseen_end();
	forget_attempt(socket_key);
}

/* A SYN went out after the one that was refused: it is not the refusal that the attempt ended by. */
static __always_inline void forget_refusal(struct tattle_attempt *attempt, struct sock *sk)
{
	if (attempt->refused_segments && attempt->protocol == IPPROTO_TCP &&
	    BPF_CORE_READ((struct tcp_sock *)sk, segs_out) != attempt->refused_segments)
		attempt->blocked_by = TATTLE_BLOCKED_BY_NONE;
}

/* TCP_ESTABLISHED or TCP_CLOSE, which an attempt or a connection ends by; 0: any other state. */
static __always_inline int decisive_state(struct sock *sk, int state)
{
	if (state == TCP_ESTABLISHED || state == TCP_CLOSE)
		return state;
	/* DCCP: the peer has answered; what TCP calls established comes with the first data. */
	return state > TCP_NEW_SYN_RECV && READ(sk, sk_protocol) == IPPROTO_DCCP ? TCP_ESTABLISHED : 0;
}

/*
 * The socket changed its state to a decisive one, often in softirq: never look at current here.
 * Each set says by is_left_to_exit() whether a close without a reason belongs to a connect() that
 * is about to fail (no port was free, for one): then its return value says why, not this.
 */
static __always_inline void change_state(struct tattle_attempt *attempt, struct sock *sk, __u64 socket_key,
					 int old_state, int new_state, __u8 hook)
{
	int error;

	if (!(attempt->flags & TATTLE_FLAG_ESTABLISHED) &&
	    (new_state == TCP_ESTABLISHED || was_established(attempt, old_state)))
		complete_handshake(attempt, sk, hook);
	if (new_state == TCP_ESTABLISHED)
		return;
	if (attempt->flags & TATTLE_FLAG_ESTABLISHED) {
		report_close(attempt, sk, old_state, hook);
	} else {
		error = READ(sk, sk_err);
		/* The kernel takes the address back when it closes: net/ipv4/tcp_ipv4.c tcp_v4_connect(). */
		if (!attempt->source_port_be)
			fill_source(attempt, sk);
		if (!error && is_left_to_exit(attempt))
			return;
		forget_refusal(attempt, sk);
		report_outcome(attempt, error ? TATTLE_OUTCOME_FAILED : TATTLE_OUTCOME_ABORTED, error, hook);
	}
	forget_attempt(socket_key);
}

/* A signal ended the waiting, not the connecting: EINTR or one of linux/errno.h's ERESTART*. */
static __always_inline bool is_interrupted(int result)
{
	return result == -EINTR || (result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK);
}

#define EINVAL 22
#define EISCONN 106

/*
 * Whether a later connect() was told of the one that is under way, not how that ends: of one whose SYN waits for the
 * first write it is told that the socket is connected, and of an address that is too short that it is.
 */
static __always_inline bool is_of_second_call(const struct tattle_attempt *attempt, int result)
{
	return attempt->flags & TATTLE_FLAG_REPORTED && (result == -EISCONN || result == -EALREADY || result == -EINVAL);
}

/* connect() returned `result`, 0 or −errno; `is_answered`: what the answer is will be told at once. */
static __always_inline void finish_connect(__u64 socket_key, int result, bool is_answered, __u8 blocked_by, __u8 hook)
{
	struct tattle_attempt *attempt = find_attempt(socket_key);

	if (!attempt || attempt->outcome != TATTLE_OUTCOME_PENDING)
		return;
	if (attempt->flags & TATTLE_FLAG_SYN_SENT) {
		/* On its way; waiting for it was given up (signal, SO_SNDTIMEO) or never meant. */
		if (!is_answered)
			report_begun(attempt, hook);
		return;
	}
	if (!result || result == -EINPROGRESS || result == -EALREADY || is_interrupted(result)) {
		report_begun(attempt, hook);
		return;
	}
	if (is_of_second_call(attempt, result))
		return;
	attempt->blocked_by = blocked_by;
	report_outcome(attempt, TATTLE_OUTCOME_FAILED, -result, hook);
	forget_attempt(socket_key);
}

#endif
