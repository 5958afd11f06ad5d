/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The kernel skips a program that is already running on that CPU (bpf_prog.active, counted as
 * recursion_misses), and with it the event. Two things make it happen: a softirq over process
 * context, and, where the kernel preempts tracing programs, another task. So a program keeps its
 * CPU to itself while it runs, where there is a way: bpf_local_irq_save(), a kfunc since 6.13. A
 * second build of each object uses it; user space loads that one where BTF has the function.
 */
#ifndef TATTLE_UNINTERRUPTED_H
#define TATTLE_UNINTERRUPTED_H

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

#endif
