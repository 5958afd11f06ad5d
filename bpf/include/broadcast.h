/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Whether an IPv4 address is a network's own broadcast address. Only the routes know: the kernel keeps such an
 * address as a route of 32 bits and type RTN_BROADCAST in its table `local`, a trie by the address's bits
 * (net/ipv4/fib_trie.c). Nothing is hooked for it: it is looked up where it may be one, that is for a socket with
 * SO_BROADCAST, without which no broadcast is sent, and for a send that is refused for want of it.
 */
#ifndef TATTLE_BROADCAST_H
#define TATTLE_BROADCAST_H

#define RT_TABLE_LOCAL 255
#define RTN_BROADCAST 3
/* Each step down the trie settles one bit of the address at least. */
#define MAX_TRIE_DEPTH 32
/* Routes to the same address, and tables with the same hash: more are not looked at. */
#define MAX_NEIGHBOURS 4

/* The trie of the table `local`; NULL: the namespace has none. */
static __always_inline struct trie *local_routes(struct net *net)
{
	struct hlist_head *tables = BPF_CORE_READ(net, ipv4.fib_table_hash);
	/* 256 tables with CONFIG_IP_MULTIPLE_TABLES, else 2: include/net/ip_fib.h TABLE_LOCAL_INDEX */
	__u32 index = bpf_core_field_exists(net->ipv4.fib_main) ? RT_TABLE_LOCAL : 1;
	struct hlist_node *node = NULL;

	bpf_probe_read_kernel(&node, sizeof(node), (void *)tables + index * bpf_core_type_size(struct hlist_head));
	for (int i = 0; i < MAX_NEIGHBOURS && node; i++) {
		struct fib_table *table = (void *)node - bpf_core_field_offset(struct fib_table, tb_hlist);

		if (BPF_CORE_READ(table, tb_id) == RT_TABLE_LOCAL)
			return (struct trie *)BPF_CORE_READ(table, tb_data);
		node = BPF_CORE_READ(node, next);
	}
	return NULL;
}

/* The leaf of exactly this address; NULL: there is none. */
static __always_inline struct key_vector *find_leaf(struct trie *routes, __u32 address)
{
	struct key_vector *node = (void *)routes + bpf_core_field_offset(struct trie, kv);
	__u64 index = 0;

	for (int i = 0; i <= MAX_TRIE_DEPTH; i++) {
		void *children = (void *)node + bpf_core_field_offset(struct key_vector, tnode);
		__u8 bits;

		if (bpf_probe_read_kernel(&node, sizeof(node), children + index * sizeof(node)) || !node)
			return NULL;
		bits = BPF_CORE_READ(node, bits);
		index = (__u64)(address ^ BPF_CORE_READ(node, key)) >> (BPF_CORE_READ(node, pos) & 63);
		/* What the way down has passed over is not the address's. */
		if (index >= 1ULL << (bits & 63))
			return NULL;
		if (!bits)
			return node;
	}
	return NULL;
}

/* `net`: a struct net * that was read, so that it is a number to the verifier. */
LOOKED_AT_ONCE int is_network_broadcast(__u64 net, __u32 address_be)
{
	struct trie *routes = local_routes((struct net *)net);
	struct hlist_node *node = NULL;
	struct key_vector *leaf;

	if (!routes)
		return false;
	leaf = find_leaf(routes, bpf_ntohl(address_be));
	if (!leaf)
		return false;
	node = BPF_CORE_READ(leaf, leaf.first);
	for (int i = 0; i < MAX_NEIGHBOURS && node; i++) {
		struct fib_alias *route = (void *)node - bpf_core_field_offset(struct fib_alias, fa_list);

		/* fa_slen: the bits that are not the prefix's. */
		if (BPF_CORE_READ(route, fa_type) == RTN_BROADCAST && !BPF_CORE_READ(route, fa_slen))
			return true;
		node = BPF_CORE_READ(node, next);
	}
	return false;
}

/* Marks an attempt by a send on `sk` that returned `result`. 255.255.255.255 says it by itself. */
static __always_inline void mark_broadcast(struct tattle_attempt *attempt, struct sock *sk, long result)
{
	const __be32 *words = (const __be32 *)attempt->destination;

	if (attempt->family != AF_INET || !sk)
		return;
	if (result != -EACCES && !(READ(sk, __sk_common.skc_flags) & (1 << SOCK_BROADCAST)))
		return;
	if (is_network_broadcast((__u64)BPF_CORE_READ(sk, __sk_common.skc_net.net), words[3]))
		attempt->flags |= TATTLE_FLAG_BROADCAST;
}

#endif
