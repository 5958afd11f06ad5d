/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Which records wake the reader of the ring. */
#ifndef TATTLE_WAKING_H
#define TATTLE_WAKING_H

/* x86: what this CPU wrote is seen by all before it reads on. BPF_XADD, as in places.h. */
static __always_inline void fence(void)
{
	__u64 here = 0;

	asm volatile("lock *(u64 *)(%0 + 0) += %1" : : "r"(&here), "r"(0ULL) : "memory");
}

/*
 * What processes do matters once one of them attempts something: their records are quiet, they wait in the ring for one
 * that is not, or until they have become many. Waking the reader costs some 2,000 instructions here and far more there.
 *
 * The kernel by itself wakes the reader for the first record that it has not read. If that was a quiet one it would
 * not for the next, so whether it was woken is kept here. The reader takes that back, and only then looks whether the
 * ring is empty; a record is reserved first, and only then it is looked whether the reader was woken: one of them sees
 * the other.
 */
static __always_inline bool are_many_quiet(__u32 length)
{
	return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) + length >= quiet_bytes;
}

/* The flags that a record is submitted with, which was reserved before and is submitted next. */
static __always_inline __u64 submit_flags(bool is_quiet)
{
	__u32 zero = 0;
	volatile __u32 *is_woken = bpf_map_lookup_elem(&reader_wakings, &zero);

	if (!is_woken)
		return BPF_RB_FORCE_WAKEUP;
	fence();
	if (*is_woken || (is_quiet && !are_many_quiet(0)))
		return BPF_RB_NO_WAKEUP;
	*is_woken = 1;
	return BPF_RB_FORCE_WAKEUP;
}

/* The flags of a quiet record that is yet to be reserved. That may fail, so nobody else may rely on its waking. */
static __always_inline __u64 quiet_output_flags(__u32 length)
{
	return are_many_quiet(length) ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

#endif
