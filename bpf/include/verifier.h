/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What keeps the verifier's work, most of the start-up, short. It follows every way through a program until it comes
 * to a place in a state that it has seen there: ways that differ in a value stay apart to the end, and each fork after
 * that doubles them.
 */
#ifndef TATTLE_VERIFIER_H
#define TATTLE_VERIFIER_H

/*
 * The same value, but the verifier no longer knows which of several: from here on their ways are one. `unknown` is
 * anything that it cannot know, such as the time; no pointer. For what has come about in several ways and goes into a
 * record.
 */
#define forget(value, unknown)                                                                \
	({                                                                                    \
		__u64 forgotten = (value);                                                    \
		asm volatile("%0 ^= %1\n%0 ^= %1" : "+r"(forgotten) : "r"((__u64)(unknown))); \
		(__typeof__(value))forgotten;                                                 \
	})

/*
 * A function that takes only scalars and is global is looked at once, whoever calls it, how often and with what. With
 * interrupts off 6.13 and 6.14 refuse to call one (kernel/bpf/verifier.c check_func_call()).
 */
#ifdef TATTLE_UNINTERRUPTED
#define LOOKED_AT_ONCE static __noinline
#else
#define LOOKED_AT_ONCE __noinline
#endif

#endif
