/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What is kept by socket, TCP attempts and UDP sockets with their flow, and by thread, the calls that it is in. A hash
 * map costs some six hundred instructions to put an attempt in, three hundred to take it out and more than a hundred to
 * look it up, several times for each. So each key has one place in an array, and what finds its place taken goes to the
 * hash map. What is never taken out, because a program was skipped or a thread killed, keeps its place.
 *
 * A place is taken without an atomic exchange, which 5.10 lacks: whoever adds one to its claims and then reads one has
 * it, until it is let go. Of two who come together neither may; both go to the hash map.
 */
#ifndef TATTLE_PLACES_H
#define TATTLE_PLACES_H

/* TCP attempts on their way and connections they became. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TATTLE_PLACES);
	__type(key, __u32);
	__type(value, struct tattle_tcp_place);
} tcp_places SEC(".maps");

/* UDP sockets with their most recent flow. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TATTLE_PLACES);
	__type(key, __u32);
	__type(value, struct tattle_udp_place);
} udp_places SEC(".maps");

/* How many attempts are in the hash map: while there is none, nobody looks there. */
volatile __u64 displaced_attempts;

/* BPF_XADD, which 5.10 has; the compiler's builtin becomes an atomic fetch, which is 5.12's. */
static __always_inline void add_atomically(tattle_u64 *sum, __u64 value)
{
	asm volatile("lock *(u64 *)(%0 + 0) += %1" : : "r"(sum), "r"(value) : "memory");
}

/* Something is put into one of the maps that most do without. */
static __always_inline void mark_used(enum tattle_spare_map map)
{
	struct tattle_cpu_state *state = this_cpu_state();

	if (state)
		state->is_used[map] = 1;
}

/* Capture finds them by the same rule. */
static __always_inline __u32 place_number(__u64 socket_key)
{
	__u32 low;

	/* The verifier lets nobody calculate with a socket's address, but for a copy of half of it. */
	asm volatile("%0 = %1" : "=w"(low) : "w"((__u32)socket_key));
	return (low * TATTLE_PLACE_FACTOR) >> TATTLE_PLACE_SHIFT;
}

/* Whether a place is the caller's now, who fills it and then writes its key. */
static __always_inline bool claim(struct tattle_place *place)
{
	add_atomically(&place->claims, 1);
	if (*(volatile tattle_u64 *)&place->claims == 1)
		return true;
	add_atomically(&place->claims, -1);
	return false;
}

/*
 * Whether one that this place is for was ever put into a map that forgets by itself, because the place was taken: only
 * then it is looked for there.
 */
static __always_inline bool has_displaced(const struct tattle_place *place)
{
	return *(volatile tattle_u64 *)&place->has_displaced;
}

static __always_inline void mark_displaced(struct tattle_place *place)
{
	*(volatile tattle_u64 *)&place->has_displaced = 1;
}

/* Lets a place go, if it is still that key's; once, whoever else does so at this moment. */
static __always_inline void let_go(struct tattle_place *place, __u64 key)
{
	add_atomically(&place->releases, 1);
	if (*(volatile tattle_u64 *)&place->releases == 1 && *(volatile tattle_u64 *)&place->key == key) {
		place->key = 0;
		add_atomically(&place->claims, -1);
	}
	add_atomically(&place->releases, -1);
}

static __always_inline struct tattle_tcp_place *tcp_place_of(__u64 socket_key)
{
	__u32 number = place_number(socket_key);

	return bpf_map_lookup_elem(&tcp_places, &number);
}

static __always_inline struct tattle_attempt *find_attempt(__u64 socket_key)
{
	struct tattle_tcp_place *tcp = tcp_place_of(socket_key);

	if (tcp && tcp->place.key == socket_key)
		return &tcp->attempt;
	if (!displaced_attempts)
		return NULL;
	return bpf_map_lookup_elem(&tcp_attempts, &socket_key);
}

static const struct tattle_attempt no_attempt;

/* Room in the hash map, empty; NULL: there is none. */
static __always_inline struct tattle_attempt *displaced_attempt(__u64 socket_key)
{
	mark_used(TATTLE_SPARE_ATTEMPTS);
	if (!bpf_map_update_elem(&tcp_attempts, &socket_key, &no_attempt, BPF_NOEXIST))
		add_atomically((tattle_u64 *)&displaced_attempts, 1);
	else if (bpf_map_update_elem(&tcp_attempts, &socket_key, &no_attempt, BPF_EXIST))
		return NULL;
	return bpf_map_lookup_elem(&tcp_attempts, &socket_key);
}

static __always_inline void forget_attempt(__u64 socket_key)
{
	struct tattle_tcp_place *tcp = tcp_place_of(socket_key);

	if (tcp && tcp->place.key == socket_key)
		let_go(&tcp->place, socket_key);
	else if (displaced_attempts && !bpf_map_delete_elem(&tcp_attempts, &socket_key))
		add_atomically((tattle_u64 *)&displaced_attempts, -1);
}

static __always_inline struct tattle_udp_place *udp_place_of(__u64 socket_key)
{
	__u32 number = place_number(socket_key);

	return bpf_map_lookup_elem(&udp_places, &number);
}

static __always_inline struct tattle_udp_socket *find_socket(__u64 socket_key)
{
	struct tattle_udp_place *udp = udp_place_of(socket_key);

	if (udp && udp->place.key == socket_key)
		return &udp->socket;
	if (udp && !has_displaced(&udp->place))
		return NULL;
	return bpf_map_lookup_elem(&udp_sockets, &socket_key);
}

static const struct tattle_udp_socket no_socket;

/*
 * Keeps a socket by its first destination, with no flow yet; NULL: the map refused. Another send of the same socket
 * that comes between finds it empty or keeps one of its own: no harm.
 */
static __always_inline struct tattle_udp_socket *new_socket(__u64 socket_key, __u64 generation, __u32 inode,
							    const __u8 *destination, __be16 destination_port_be,
							    __u32 scope_id, __u32 sender)
{
	struct tattle_udp_place *udp = udp_place_of(socket_key);
	struct tattle_udp_socket *socket;
	bool is_placed = udp && (udp->place.key == socket_key || claim(&udp->place));

	if (is_placed) {
		socket = &udp->socket;
		__builtin_memset(socket, 0, sizeof(*socket));
	} else {
		if (udp)
			mark_displaced(&udp->place);
		mark_used(TATTLE_SPARE_SOCKETS);
		bpf_map_update_elem(&udp_sockets, &socket_key, &no_socket, BPF_ANY);
		socket = bpf_map_lookup_elem(&udp_sockets, &socket_key);
		if (!socket)
			return NULL;
	}
	socket->generation = generation;
	socket->inode = inode;
	__builtin_memcpy(socket->destination, destination, 16);
	socket->destination_port_be = destination_port_be;
	socket->scope_id = scope_id;
	socket->sender = sender;
	if (is_placed)
		*(volatile tattle_u64 *)&udp->place.key = socket_key;
	return socket;
}

static __always_inline void forget_socket(__u64 socket_key)
{
	struct tattle_udp_place *udp = udp_place_of(socket_key);

	if (udp && udp->place.key == socket_key)
		let_go(&udp->place, socket_key);
	else if (!udp || has_displaced(&udp->place))
		bpf_map_delete_elem(&udp_sockets, &socket_key);
}

/* What a thread is in the middle of. */
struct call_place {
	struct tattle_place place;
	struct call call;
};

#define CALL_PLACES 8192
#define CALL_PLACE_SHIFT 19

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CALL_PLACES);
	__type(key, __u32);
	__type(value, struct call_place);
} call_places SEC(".maps");

/* `key`: kind << 32 | tid */
static __always_inline struct call_place *call_place_of(__u64 key)
{
	__u32 number = ((__u32)(key >> 32) + (__u32)key * 32) * TATTLE_PLACE_FACTOR >> CALL_PLACE_SHIFT;

	return bpf_map_lookup_elem(&call_places, &number);
}

static __always_inline struct call *find_call(__u64 key)
{
	struct call_place *place = call_place_of(key);

	if (place && place->place.key == key)
		return &place->call;
	if (place && !has_displaced(&place->place))
		return NULL;
	return bpf_map_lookup_elem(&calls, &key);
}

static __always_inline void put_call(__u64 key, const struct call *call)
{
	struct call_place *place = call_place_of(key);

	if (place && (place->place.key == key || claim(&place->place))) {
		__builtin_memcpy(&place->call, call, sizeof(*call));
		*(volatile tattle_u64 *)&place->place.key = key;
		return;
	}
	if (place)
		mark_displaced(&place->place);
	bpf_map_update_elem(&calls, &key, call, BPF_ANY);
}

static __always_inline void drop_call(__u64 key)
{
	struct call_place *place = call_place_of(key);

	if (place && place->place.key == key)
		let_go(&place->place, key);
	else if (!place || has_displaced(&place->place))
		bpf_map_delete_elem(&calls, &key);
}

#endif
