/* The BPF objects, embedded, and the layout of what they send. */
#ifndef TATTLE_CPROBES_H
#define TATTLE_CPROBES_H

#include <stddef.h>
#include "probe_abi.h"

/* A BPF object file as it was compiled. */
struct tattle_object {
	const unsigned char *bytes;
	size_t length;
};

struct tattle_object tattle_trampoline_object(void);
struct tattle_object tattle_kprobe_object(void);
struct tattle_object tattle_tracepoint_object(void);

#endif
