/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How the kernel's structures are read.
 *
 * Of a pointer whose type the verifier knows a field is a load, and what it points to is known as well: the arguments
 * of fentry, fexit and tp_btf programs, and the current task since 5.11. Of any other each step is a call of
 * bpf_probe_read_kernel(), some sixty instructions: BPF_CORE_READ().
 *
 *   ->          of what is an argument in every hook set: tracepoints'
 *   READ        of sockets and what belongs to them: an argument in the trampoline set; elsewhere a number, which the
 *               kernel takes for a pointer to what we say since 6.2
 *   READ_TASK   of the current task, from current_task()
 *
 * What the verifier knows ends with the declared type: a sock that is a tcp_sock has to be asked for as one, and what a
 * map or a cast gave is a number again.
 */
#ifndef TATTLE_READ_H
#define TATTLE_READ_H

/* Whether the kernel makes of a number a pointer whose type is known (6.2), at no cost. */
const volatile bool has_casts = false;

extern void *bpf_rdonly_cast(const void *object, __u32 type) __ksym __weak;

#define as_type(type, number) ((type *)bpf_rdonly_cast((const void *)(number), bpf_core_type_id_kernel(type)))

#define load_address(to, sk, field)                                                             \
	do {                                                                                    \
		for (int word = 0; word < 4; word++)                                            \
			((__u32 *)(to))[word] = (sk)->__sk_common.field.in6_u.u6_addr32[word];  \
	} while (0)

#ifdef TATTLE_TYPED_SOCKETS
#define READ(pointer, fields...) ___arrow(pointer, fields)
#define READ_BITFIELD(pointer, field) BPF_CORE_READ_BITFIELD(pointer, field)
#define READ_ADDRESS(to, sk, field) load_address(to, sk, field)

/* The socket as TCP's; NULL: it is another protocol's. */
static __always_inline struct tcp_sock *tcp_of(struct sock *sk)
{
#ifdef TATTLE_UNINTERRUPTED
	/* Also where the socket is but a number. */
	return sk->sk_protocol == IPPROTO_TCP ? as_type(struct tcp_sock, sk) : NULL;
#else
	return bpf_skc_to_tcp_sock(sk);
#endif
}
#else
#define typed(pointer) as_type(__typeof__(*(pointer)), pointer)
#define READ(pointer, fields...) (has_casts ? ___arrow(typed(pointer), fields) : BPF_CORE_READ(pointer, fields))
#define READ_BITFIELD(pointer, field)                                      \
	(has_casts ? ({ __typeof__(pointer) cast = typed(pointer);         \
			BPF_CORE_READ_BITFIELD(cast, field); })            \
		   : BPF_CORE_READ_BITFIELD_PROBED(pointer, field))
#define READ_ADDRESS(to, sk, field)                                                              \
	do {                                                                                     \
		if (has_casts)                                                                   \
			load_address(to, typed(sk), field);                                      \
		else                                                                             \
			BPF_CORE_READ_INTO((struct in6_addr *)(to), sk, __sk_common.field);      \
	} while (0)

static __always_inline struct tcp_sock *tcp_of(struct sock *sk)
{
	return READ(sk, sk_protocol) == IPPROTO_TCP ? (struct tcp_sock *)sk : NULL;
}
#endif

static __always_inline bool is_task_typed(void)
{
	return bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf);
}

static __always_inline struct task_struct *current_task(void)
{
	if (is_task_typed())
		return (struct task_struct *)bpf_get_current_task_btf();
	return (struct task_struct *)bpf_get_current_task();
}

#define READ_TASK(task, fields...) \
	(is_task_typed() ? ___arrow(task, fields) : BPF_CORE_READ(task, fields))

#endif
