/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a thread is in the middle of, from one hook to the next, and what those were given. */
#ifndef TATTLE_CALLS_H
#define TATTLE_CALLS_H

/* kind << 32 | tid */
static __always_inline __u64 call_key(enum call_kind kind)
{
	return (__u64)kind << 32 | (__u32)bpf_get_current_pid_tgid();
}

static __always_inline void destination_of(const struct call *call, struct destination *to)
{
	__builtin_memcpy(to->address, call->destination, 16);
	to->scope_id = call->scope_id;
	to->port_be = call->destination_port_be;
	to->family = call->family;
	to->flags = call->flags;
}

/* Keeps for the function's return what is known at its entry only: where a send on `sk` goes. */
static __always_inline void remember_send(enum call_kind kind, struct sock *sk, const struct destination *to, __u16 protocol)
{
	struct call call = {};
	__u64 key = call_key(kind);

	call.socket = (__u64)sk;
	__builtin_memcpy(call.destination, to->address, 16);
	call.scope_id = to->scope_id;
	call.destination_port_be = to->port_be;
	call.family = to->family;
	call.flags = to->flags;
	call.protocol = protocol;
	put_call(key, &call);
}

/* The compiler must not make one load of two, at an offset that varies: the verifier wants a constant one. */
#define load_argument(ctx, index)                                                             \
	({                                                                                    \
		__u64 loaded;                                                                 \
		asm volatile("%0 = *(u64 *)(%1 + %2)" : "=r"(loaded) : "r"(ctx), "i"((index) * 8)); \
		loaded;                                                                       \
	})

#endif
