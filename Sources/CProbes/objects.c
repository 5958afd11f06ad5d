/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* C23 #embed: a megabyte costs nothing, where SwiftPM's .embedInCode takes minutes. `make bpf` first. */
#include "CProbes.h"

_Alignas(8) static const unsigned char trampoline_bytes[] = {
#embed "../../bpf/out/trampoline.bpf.o"
};

_Alignas(8) static const unsigned char trampoline_uninterrupted_bytes[] = {
#embed "../../bpf/out/trampoline-uninterrupted.bpf.o"
};

_Alignas(8) static const unsigned char kprobe_bytes[] = {
#embed "../../bpf/out/kprobe.bpf.o"
};

_Alignas(8) static const unsigned char kprobe_uninterrupted_bytes[] = {
#embed "../../bpf/out/kprobe-uninterrupted.bpf.o"
};

_Alignas(8) static const unsigned char tracepoint_bytes[] = {
#embed "../../bpf/out/tracepoint.bpf.o"
};

_Alignas(8) static const unsigned char tracepoint_uninterrupted_bytes[] = {
#embed "../../bpf/out/tracepoint-uninterrupted.bpf.o"
};

_Alignas(8) static const unsigned char mechanisms_bytes[] = {
#embed "../../bpf/out/mechanisms.bpf.o"
};

static const unsigned char prototypes_bytes[] = {
#embed "../../bpf/out/prototypes.txt"
};

struct tattle_object tattle_trampoline_object(bool is_uninterrupted)
{
	if (is_uninterrupted)
		return (struct tattle_object){ trampoline_uninterrupted_bytes, sizeof(trampoline_uninterrupted_bytes) };
	return (struct tattle_object){ trampoline_bytes, sizeof(trampoline_bytes) };
}

struct tattle_object tattle_kprobe_object(bool is_uninterrupted)
{
	if (is_uninterrupted)
		return (struct tattle_object){ kprobe_uninterrupted_bytes, sizeof(kprobe_uninterrupted_bytes) };
	return (struct tattle_object){ kprobe_bytes, sizeof(kprobe_bytes) };
}

struct tattle_object tattle_tracepoint_object(bool is_uninterrupted)
{
	if (is_uninterrupted)
		return (struct tattle_object){ tracepoint_uninterrupted_bytes, sizeof(tracepoint_uninterrupted_bytes) };
	return (struct tattle_object){ tracepoint_bytes, sizeof(tracepoint_bytes) };
}

struct tattle_object tattle_mechanisms_object(void)
{
	return (struct tattle_object){ mechanisms_bytes, sizeof(mechanisms_bytes) };
}

struct tattle_object tattle_prototypes(void)
{
	return (struct tattle_object){ prototypes_bytes, sizeof(prototypes_bytes) };
}
