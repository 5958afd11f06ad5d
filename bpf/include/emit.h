/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Into the ring, with a number for each record and a count for each that did not fit. */
#ifndef TATTLE_EMIT_H
#define TATTLE_EMIT_H

/* The counters of one hook; the mask is for the verifier, where the hook is no constant. */
#define hook_of(state, number) (&(state)->hook[(number) & (TATTLE_HOOKS - 1)])

/*
 * A number is taken only when the record is in the ring or lost for good: a BEGUN record that
 * did not fit is made up for by a WHOLE one later, so it is no loss yet.
 */
static __always_inline void stamp_at(struct tattle_header *header, __u8 type, __u16 length, __u8 hook, __u64 boot_ns)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct tattle_cpu_state *state = bpf_map_lookup_elem(&cpu_states, &cpu);

	header->type = type;
	header->hook = hook;
	header->length = length;
	header->cpu = cpu;
	header->boot_ns = boot_ns;
	header->sequence = 0;
	if (state)
		header->sequence = ++hook_of(state, hook)->sequence;
}

static __always_inline void stamp(struct tattle_header *header, __u8 type, __u16 length, __u8 hook)
{
	stamp_at(header, type, length, hook, bpf_ktime_get_boot_ns());
}

static __always_inline void count_lost(__u8 type, __u8 hook)
{
	struct tattle_cpu_state *state = this_cpu_state();

	if (!state)
		return;
	hook_of(state, hook)->sequence++;
	hook_of(state, hook)->lost[type]++;
}

static __always_inline struct scratch *this_cpu_scratch(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&scratches, &cpu);
}

/* Copies a record of a length of its own into the ring; its number is taken, so it counts as lost if it does not fit. */
static __always_inline void output(void *record, __u32 length, __u8 type, __u8 hook, __u64 flags)
{
	struct tattle_cpu_state *state;

	if (!bpf_ringbuf_output(&ring, record, length, flags))
		return;
	state = this_cpu_state();
	if (state)
		hook_of(state, hook)->lost[type]++;
}

/* More attempts, sockets or processes at once than the maps have places for. */
static __always_inline void count_map_full(void)
{
	struct tattle_cpu_state *state = this_cpu_state();

	if (state)
		state->map_full++;
}

/* How an attempt, or a connection, ended nobody saw. */
static __always_inline void count_unseen_end(void)
{
	struct tattle_cpu_state *state = this_cpu_state();

	if (state)
		state->unseen_ends++;
}

static __always_inline void count_lost_attempt(__u8 phase, __u8 hook)
{
	count_lost(phase == TATTLE_PHASE_OUTCOME ? TATTLE_LOST_OUTCOME : TATTLE_RECORD_ATTEMPT, hook);
}

/* `record` is the ring's; `boot_ns`: now. */
static __always_inline void submit_attempt(struct tattle_attempt *record, __u8 phase, __u64 boot_ns, __u8 hook)
{
	stamp_at(&record->header, TATTLE_RECORD_ATTEMPT, sizeof(*record), hook, boot_ns);
	record->phase = phase;
	bpf_ringbuf_submit(record, forget(submit_flags(false), boot_ns));
}

/* Whether it is in the ring. `is_last_chance`: nothing later can tell of this attempt. `boot_ns`: now. */
static __always_inline bool emit_attempt(const struct tattle_attempt *attempt, __u8 phase, __u64 boot_ns, __u8 hook,
					 bool is_last_chance)
{
	struct tattle_attempt *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record) {
		if (is_last_chance)
			count_lost_attempt(phase, hook);
		return false;
	}
	__builtin_memcpy(record, attempt, sizeof(*record));
	submit_attempt(record, phase, boot_ns, hook);
	return true;
}

#endif
