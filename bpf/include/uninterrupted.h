/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The kernel skips a program that is already running on that CPU (bpf_prog.active, counted as
 * recursion_misses), and with it the event. Two things bring that about: a softirq over process
 * context, and, where tracing programs are preempted (fentry with PREEMPT, raw tracepoints too in
 * 7.x), another task.
 *
 * So a hook has a stand-in: a second program on the same function, which does the first one's work
 * where that is busy, and else costs one look-up. inet_sock_set_state, which fires in softirq, has
 * one always. The others have two, the second for where both are busy, in the second build of each
 * object, which user space loads where the kernel has bpf_local_irq_save() (6.13): with interrupts
 * off while a record is made, the programs of a hook share its sequence numbers; and what waited
 * until they are on again finds the hook still marked as busy.
 */
#ifndef TATTLE_UNINTERRUPTED_H
#define TATTLE_UNINTERRUPTED_H

static __always_inline void set_busy(__u8 mark, bool is_busy)
{
	struct tattle_cpu_state *state = this_cpu_state();

	if (state)
		*(volatile tattle_u8 *)&state->is_busy[mark] = is_busy;
}

/* Whether the program of that mark is busy here, and its hook's event falls to the next in line. */
static __always_inline bool stands_in(__u8 hook, __u8 mark)
{
	struct tattle_cpu_state *state = this_cpu_state();

	if (!state || !*(volatile tattle_u8 *)&state->is_busy[hook] ||
	    !*(volatile tattle_u8 *)&state->is_busy[mark])
		return false;
	hook_of(state, hook)->stand_ins++;
	return true;
}

#ifdef TATTLE_UNINTERRUPTED
extern void bpf_local_irq_save(unsigned long *flags) __ksym;
extern void bpf_local_irq_restore(unsigned long *flags) __ksym;

#define UNINTERRUPTED(statement)                   \
	do {                                       \
		unsigned long irq_flags;           \
		bpf_local_irq_save(&irq_flags);    \
		statement;                         \
		bpf_local_irq_restore(&irq_flags); \
	} while (0)
#else
#define UNINTERRUPTED(statement) \
	do {                     \
		statement;       \
	} while (0)
#endif

/* Runs what a stand-in may have to do as well. */
#define RUN_MARKED(hook, statement)       \
	do {                              \
		set_busy(hook, true);     \
		UNINTERRUPTED(statement); \
		set_busy(hook, false);    \
	} while (0)

/* The mark of a hook's stand-in. */
#define STAND_IN_OF(hook) ((hook) + TATTLE_HOOKS)

#define STAND_IN(hook, statement)                                     \
	do {                                                          \
		if (stands_in(hook, hook))                            \
			RUN_MARKED(STAND_IN_OF(hook), statement);     \
	} while (0)

#define STAND_IN_LAST(hook, statement)                                \
	do {                                                          \
		if (stands_in(hook, STAND_IN_OF(hook)))               \
			UNINTERRUPTED(statement);                     \
	} while (0)

#ifdef TATTLE_UNINTERRUPTED
#define RUN(hook, statement) RUN_MARKED(hook, statement)

/* Both stand-ins of a raw tracepoint's program; `statement` sees its ctx. */
#define RAW_STAND_INS(section, name, hook, statement)       \
	SEC(section)                                        \
	int name##_again(struct bpf_raw_tracepoint_args *ctx) \
	{                                                   \
		STAND_IN(hook, statement);                  \
		return 0;                                   \
	}                                                   \
	SEC(section)                                        \
	int name##_last(struct bpf_raw_tracepoint_args *ctx) \
	{                                                   \
		STAND_IN_LAST(hook, statement);             \
		return 0;                                   \
	}

/* Both stand-ins of a trampoline's program; `statement` sees its arguments. */
#define TRACING_STAND_INS(section, name, hook, statement, arguments...) \
	SEC(section)                                                    \
	int BPF_PROG(name##_again, arguments)                           \
	{                                                               \
		STAND_IN(hook, statement);                              \
		return 0;                                               \
	}                                                               \
	SEC(section)                                                    \
	int BPF_PROG(name##_last, arguments)                            \
	{                                                               \
		STAND_IN_LAST(hook, statement);                         \
		return 0;                                               \
	}
#else
#define RUN(hook, statement) UNINTERRUPTED(statement)
#define RAW_STAND_INS(section, name, hook, statement)
#define TRACING_STAND_INS(section, name, hook, statement, arguments...)
#endif

#endif
