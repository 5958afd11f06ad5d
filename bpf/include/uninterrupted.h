/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The kernel skips a program that is already running on that CPU (bpf_prog.active, counted as
 * recursion_misses), and with it the event. Two things bring that about: a softirq over process
 * context, and, where tracing programs are preempted (fentry with PREEMPT, raw tracepoints too in
 * 7.x), another task.
 *
 * So a hook has a stand-in: a second program on the same function, which does the first one's work
 * where that was skipped. inet_sock_set_state, which fires in softirq, has one always. The others
 * have two, the second for where both were skipped, in the second build of each object, which user
 * space loads where the kernel has bpf_local_irq_save() (6.13): with interrupts off while a record
 * is made, the programs of a hook share its sequence numbers.
 *
 * Whether the first one ran for this very event is marked by thread, not by CPU: between the
 * two programs the thread may be preempted, and whoever made the first one busy may go on.
 */
#ifndef TATTLE_UNINTERRUPTED_H
#define TATTLE_UNINTERRUPTED_H

static __always_inline void set_busy(struct tattle_cpu_state *state, __u8 hook, bool is_busy)
{
	if (state)
		*(volatile tattle_u8 *)&state->is_busy[hook] = is_busy;
}

/* Whether the hook's program is busy here: what happens now is not its to tell. */
static __always_inline bool is_busy(__u8 hook)
{
	struct tattle_cpu_state *state = this_cpu_state();

	return state && *(volatile tattle_u8 *)&state->is_busy[hook];
}

/* A stand-in does the hook's work: the program was skipped, which the kernel counts as well. */
static __always_inline void count_stand_in(__u8 hook)
{
	struct tattle_cpu_state *state = this_cpu_state();

	if (state)
		hook_of(state, hook)->stand_ins++;
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

/* For which hooks the event that a thread is in the midst of was taken. */
struct task_marks {
	__u8 is_taken[TATTLE_HOOKS];
};

/*
 * By thread id. No task storage: what has to be allocated there is refused on machines without
 * cmpxchg16b (mm/slub.c kmalloc_nolock()), as emulated ones are.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_CALLS);
	__type(key, __u32);
	__type(value, struct task_marks);
} marks_of_tasks SEC(".maps");

static const struct task_marks no_marks;

/* NULL: the map refused. */
static __always_inline struct task_marks *marks_of_current(void)
{
	__u32 thread = bpf_get_current_pid_tgid();
	struct task_marks *marks = bpf_map_lookup_elem(&marks_of_tasks, &thread);

	if (marks)
		return marks;
	bpf_map_update_elem(&marks_of_tasks, &thread, &no_marks, BPF_NOEXIST);
	return bpf_map_lookup_elem(&marks_of_tasks, &thread);
}

/* Only in process context, and where a thread is in one event of that hook at a time. */
#define RUN(hook, statement)                                            \
	do {                                                            \
		struct task_marks *marks;                               \
		UNINTERRUPTED(marks = marks_of_current();               \
			      if (marks) marks->is_taken[hook] = true;  \
			      statement);                               \
	} while (0)

/* The last one takes the mark back, for the thread's next event. */
#define STAND_IN(hook, is_last, statement)                                     \
	do {                                                                   \
		struct task_marks *marks;                                      \
		UNINTERRUPTED(marks = marks_of_current();                      \
			      if (marks && !marks->is_taken[hook]) {           \
				      marks->is_taken[hook] = true;            \
				      count_stand_in(hook);                    \
				      statement;                               \
			      }                                                \
			      if (is_last && marks) marks->is_taken[hook] = false); \
	} while (0)

/* Both stand-ins of a raw tracepoint's program; `statement` sees its ctx. */
#define RAW_STAND_INS(section, name, hook, condition, statement) \
	SEC(section)                                            \
	int name##_again(struct bpf_raw_tracepoint_args *ctx)   \
	{                                                       \
		if (condition)                                  \
			STAND_IN(hook, false, statement);       \
		return 0;                                       \
	}                                                       \
	SEC(section)                                            \
	int name##_last(struct bpf_raw_tracepoint_args *ctx)    \
	{                                                       \
		if (condition)                                  \
			STAND_IN(hook, true, statement);        \
		return 0;                                       \
	}

/*
 * The last stand-in where tracefs is there: perf's own probe of a tracepoint runs programs with preemption
 * off (kernel/trace/bpf_trace.c trace_call_bpf()), so no other task is ever in it. Not for sends, which would be
 * counted twice if somebody else's perf event came first; what it does here twice makes no difference.
 */
#define STEADY_STAND_IN(section, name, hook, type, statement) \
	SEC(section)                                         \
	int name##_steady(type *ctx)                         \
	{                                                    \
		STAND_IN(hook, true, statement);             \
		return 0;                                    \
	}

/* Both stand-ins of a trampoline's program; `condition` and `statement` see its arguments. */
#define TRACING_STAND_INS_IF(section, name, hook, condition, statement, arguments...) \
	SEC(section)                                                                  \
	int BPF_PROG(name##_again, arguments)                                         \
	{                                                                             \
		if (condition)                                                        \
			STAND_IN(hook, false, statement);                             \
		return 0;                                                             \
	}                                                                             \
	SEC(section)                                                                  \
	int BPF_PROG(name##_last, arguments)                                          \
	{                                                                             \
		if (condition)                                                        \
			STAND_IN(hook, true, statement);                              \
		return 0;                                                             \
	}

#define TRACING_STAND_INS(section, name, hook, statement, arguments...) \
	TRACING_STAND_INS_IF(section, name, hook, true, statement, arguments)

/*
 * The state hook fires in softirq too, where the current task is anybody: its work is such that it
 * may be done twice, so a stand-in does it always.
 */
#define STAND_IN_FOR_STATE(statement)                                       \
	do {                                                                \
		if (is_busy(TATTLE_HOOK_STATE))                             \
			UNINTERRUPTED(count_stand_in(TATTLE_HOOK_STATE));   \
		UNINTERRUPTED(statement);                                   \
	} while (0)

#define STATE_STAND_INS(name, statement)                      \
	SEC("tp_btf/inet_sock_set_state")                     \
	int name##_again(struct bpf_raw_tracepoint_args *ctx) \
	{                                                     \
		STAND_IN_FOR_STATE(statement);                \
		return 0;                                     \
	}                                                     \
	SEC("tp_btf/inet_sock_set_state")                     \
	int name##_last(struct bpf_raw_tracepoint_args *ctx)  \
	{                                                     \
		UNINTERRUPTED(statement);                     \
		return 0;                                     \
	}

#define STEADY_STATE_STAND_IN(name, statement)                         \
	SEC("tp/sock/inet_sock_set_state")                             \
	int name##_steady(struct trace_event_raw_inet_sock_set_state *ctx) \
	{                                                              \
		UNINTERRUPTED(statement);                              \
		return 0;                                              \
	}
#else
#define UNINTERRUPTED(statement) \
	do {                     \
		statement;       \
	} while (0)

#define RUN(hook, statement) UNINTERRUPTED(statement)
#define RAW_STAND_INS(section, name, hook, condition, statement)
#define STEADY_STAND_IN(section, name, hook, type, statement)
#define STEADY_STATE_STAND_IN(name, statement)
#define TRACING_STAND_INS_IF(section, name, hook, condition, statement, arguments...)
#define TRACING_STAND_INS(section, name, hook, statement, arguments...)

/* Only a softirq comes between, so the program is as busy then as it was when it was skipped. */
#define STATE_STAND_INS(name, statement)                           \
	SEC("tp_btf/inet_sock_set_state")                          \
	int name##_again(struct bpf_raw_tracepoint_args *ctx)      \
	{                                                          \
		if (is_busy(TATTLE_HOOK_STATE)) {                  \
			count_stand_in(TATTLE_HOOK_STATE);         \
			statement;                                 \
		}                                                  \
		return 0;                                          \
	}
#endif

/* Runs what the state's stand-ins must know of. */
#define RUN_STATE(statement)                                      \
	do {                                                      \
		struct tattle_cpu_state *state = this_cpu_state(); \
		set_busy(state, TATTLE_HOOK_STATE, true);         \
		UNINTERRUPTED(statement);                         \
		set_busy(state, TATTLE_HOOK_STATE, false);        \
	} while (0)

#endif
