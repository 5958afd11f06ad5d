/* The BPF objects, embedded, and the layout of what they send. */
#ifndef TATTLE_CPROBES_H
#define TATTLE_CPROBES_H

#include <stdbool.h>
#include <stddef.h>
#include "probe_abi.h"

/* A BPF object file as it was compiled, or a text. */
struct tattle_object {
	const unsigned char *bytes;
	size_t length;
};

/* `is_uninterrupted`: the build that keeps its CPU to itself, for kernels with bpf_local_irq_save(). */
struct tattle_object tattle_trampoline_object(bool is_uninterrupted);
struct tattle_object tattle_kprobe_object(bool is_uninterrupted);
struct tattle_object tattle_tracepoint_object(bool is_uninterrupted);

/* One program for each way of hooking, which does nothing. */
struct tattle_object tattle_mechanisms_object(void);
/* Every `match-proto:` line of bpf/, as grep -n prints it. */
struct tattle_object tattle_prototypes(void);

#endif
