/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where to and where from: addresses as sixteen bytes, IPv4 as ::ffff:a.b.c.d. */
#ifndef TATTLE_ENDPOINT_H
#define TATTLE_ENDPOINT_H

static __always_inline void set_mapped(__u8 *address, __be32 v4)
{
	__u32 *words = (__u32 *)address;

	words[0] = 0;
	words[1] = 0;
	words[2] = bpf_htonl(0xffff);
	words[3] = v4;
}

static __always_inline bool is_mapped(const __u8 *address)
{
	const __u32 *words = (const __u32 *)address;

	return !words[0] && !words[1] && words[2] == bpf_htonl(0xffff);
}

/* A destination on its way into an attempt or a call. */
struct destination {
	__u8 address[16] __attribute__((aligned(8)));
	__u32 scope_id;
	__be16 port_be;
	__u8 family;
	__u8 flags;
};

/* Which kind it is of, for the verifier: forget(). */
static __always_inline void forget_destination(struct destination *to, __u64 unknown)
{
	__u64 *words = (__u64 *)to->address;

	words[0] = forget(words[0], unknown);
	words[1] = forget(words[1], unknown);
	to->scope_id = forget(to->scope_id, unknown);
	to->family = forget(to->family, unknown);
	to->flags = forget(to->flags, unknown);
}

enum address_kind {
	ADDRESS_OF_CONNECT,
	ADDRESS_OF_SEND,        /* AF_UNSPEC is AF_INET: net/ipv4/udp.c udp_sendmsg() */
	ADDRESS_IN_USER_MEMORY, /* of connect() */
};

/*
 * Reads a sockaddr of `length` bytes. Returns false for what is no address to reach: too short,
 * AF_UNSPEC in connect() (a disconnect), families without IP.
 */
static __always_inline bool read_destination(struct destination *to, const void *address, int length,
					     enum address_kind kind)
{
	bool is_user = kind == ADDRESS_IN_USER_MEMORY;
	struct sockaddr_in6 raw = {};
	__u64 unknown;
	long error;

	if (length < (int)sizeof(struct sockaddr_in))
		return false;
	if (is_user)
		error = bpf_probe_read_user(&raw, sizeof(struct sockaddr_in), address);
	else
		error = bpf_probe_read_kernel(&raw, sizeof(struct sockaddr_in), address);
	if (error)
		return false;
	to->family = AF_INET;
	to->flags = 0;
	to->scope_id = 0;
	to->port_be = raw.sin6_port;
	if (raw.sin6_family == AF_INET || (kind == ADDRESS_OF_SEND && raw.sin6_family == AF_UNSPEC)) {
		/* sin_addr stands where sin6_flowinfo does. */
		set_mapped(to->address, raw.sin6_flowinfo);
	} else {
		if (raw.sin6_family != AF_INET6 || length < 24)
			return false;
		if (is_user)
			error = bpf_probe_read_user(&raw, sizeof(raw), address);
		else
			error = bpf_probe_read_kernel(&raw, sizeof(raw), address);
		if (error)
			return false;
		__builtin_memcpy(to->address, raw.sin6_addr, 16);
		if (is_mapped(to->address)) {
			to->flags = TATTLE_FLAG_MAPPED;
		} else {
			to->family = AF_INET6;
			/* Only link-local and multicast addresses have a scope. */
			if (raw.sin6_addr[0] == 0xfe || raw.sin6_addr[0] == 0xff)
				to->scope_id = raw.sin6_scope_id;
		}
	}
	/* A send's is forgotten together with the peer that a connected socket has in its place. */
	if (kind != ADDRESS_OF_SEND) {
		__builtin_memcpy(&unknown, &raw, sizeof(unknown));
		forget_destination(to, unknown);
	}
	return true;
}

/* The peer of a connected socket. */
static __always_inline void read_peer(struct destination *to, struct sock *sk, bool is_v4)
{
	to->flags = TATTLE_FLAG_CONNECTED;
	to->scope_id = 0;
	to->port_be = READ(sk, __sk_common.skc_dport);
	if (is_v4) {
		to->family = AF_INET;
		set_mapped(to->address, READ(sk, __sk_common.skc_daddr));
		return;
	}
	to->family = AF_INET6;
	READ_ADDRESS(to->address, sk, skc_v6_daddr);
	if (is_mapped(to->address))
		to->family = AF_INET;
}

/* The local address and port that the kernel chose, as far as it has; of a socket that is but a number. */
static __always_inline void read_source(struct tattle_attempt *attempt, struct sock *sk)
{
	/* They stand side by side, or with a pointer in between: one read for both. */
	const __u32 start = bpf_core_field_offset(struct inet_sock, inet_saddr);
	const __u32 port = bpf_core_field_offset(struct inet_sock, inet_sport);
	__u8 neighbours[32] = {};

	if (attempt->family != AF_INET && attempt->family != AF_INET6)
		return;
	bpf_probe_read_kernel(neighbours, sizeof(neighbours), (void *)sk + start);
	attempt->source_port_be = *(__be16 *)(neighbours + ((port - start) & 30));
	if (attempt->family == AF_INET)
		set_mapped(attempt->source, *(__be32 *)neighbours);
	else
		BPF_CORE_READ_INTO((struct in6_addr *)attempt->source, sk, __sk_common.skc_v6_rcv_saddr);
}

#ifdef TATTLE_TYPED_SOCKETS
/* Whether it may have a local address or port. */
static __always_inline bool is_bound(struct sock *sk)
{
	return sk->__sk_common.skc_num || sk->__sk_common.skc_rcv_saddr;
}

static __always_inline void fill_source(struct tattle_attempt *attempt, struct sock *sk)
{
	struct tcp_sock *tcp = tcp_of(sk);

	if (tcp) {
		attempt->source_port_be = tcp->inet_conn.icsk_inet.inet_sport;
		if (attempt->family == AF_INET)
			set_mapped(attempt->source, tcp->inet_conn.icsk_inet.inet_saddr);
		else
			READ_ADDRESS(attempt->source, sk, skc_v6_rcv_saddr);
	} else if (attempt->family == AF_INET && !sk->__sk_common.skc_rcv_saddr) {
		/* Bound to no address, so it has none to send from; only TCP keeps its port when it has closed. */
		attempt->source_port_be = bpf_htons(sk->__sk_common.skc_num);
		set_mapped(attempt->source, 0);
	} else {
		/* What it is bound to may be a multicast address, which nobody sends from. */
		read_source(attempt, sk);
	}
}
#else
static __always_inline bool is_bound(struct sock *sk)
{
	return true;
}

static __always_inline void fill_source(struct tattle_attempt *attempt, struct sock *sk)
{
	read_source(attempt, sk);
}
#endif

#endif
