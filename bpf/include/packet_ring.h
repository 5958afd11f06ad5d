/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * PACKET_TX_RING: frames lie in memory that the program shares with the kernel, and a send without bytes sends those
 * that are ready (net/packet/af_packet.c tpacket_snd()). The kernel moves the ring's head past each frame that it
 * took, so what was sent is known when the call returns: the frames from where the head was before on, until their
 * lengths come to what the call returned. What the program overwrites by then is told as what it overwrote it with.
 * Its program shares its hook with no stand-in, so it needs no interrupts off, with which functions cannot be global.
 */
#ifndef TATTLE_PACKET_RING_H
#define TATTLE_PACKET_RING_H

/* More frames in one call are counted as lost. */
#define MAX_FRAMES 128
#define SOCKADDR_LL_LENGTH 20

/* Where the header of each version (include/uapi/linux/if_packet.h) has what. */
#define TPACKET1_STATUS 0
#define TPACKET1_LENGTH 8
#define TPACKET1_MAC 16
#define TPACKET2_STATUS 0
#define TPACKET2_LENGTH 4
#define TPACKET2_MAC 12
#define TPACKET3_STATUS 20
#define TPACKET3_LENGTH 16
#define TPACKET3_MAC 24
/* Of a frame that is to be sent, one that the kernel did not take, and of what it is at. */
#define TP_STATUS_SEND_REQUEST 1
#define TP_STATUS_WRONG_FORMAT 4

static __always_inline void count_untold_frames(__u32 count)
{
	struct tattle_cpu_state *state = this_cpu_state();

	if (state)
		state->untold_frames += count;
}

static __always_inline bool has_transmit_ring(struct sock *sk)
{
	return BPF_CORE_READ((struct packet_sock *)sk, tx_ring.pg_vec) != NULL;
}

/*
 * Several threads may send from one ring at a time, one after the other. Each tells of what was not told of yet, be it
 * another's; the ring may have been set up anew when nobody was sending.
 */
static __always_inline void enter_ring_send(struct sock *sk, struct msghdr *message)
{
	__u32 head = BPF_CORE_READ((struct packet_sock *)sk, tx_ring.head);
	struct call call = { .socket = (__u64)sk, .argument = (__u64)message, .length = head };
	struct transmit_ring *ring, new = { .callers = 1, .next = head };
	__u64 key = call_key(CALL_RING_SEND), socket_key = (__u64)sk;

	put_call(key, &call);
	ring = bpf_map_lookup_elem(&transmit_rings, &socket_key);
	if (!ring) {
		bpf_map_update_elem(&transmit_rings, &socket_key, &new, BPF_NOEXIST);
		return;
	}
	if (!ring->callers)
		ring->next = head;
	add_atomically(&ring->callers, 1);
}

/* What the version of the ring's headers makes of it: the offsets of its members. */
struct frame_header {
	__u32 status;
	__u32 length;
	__u32 mac;
};

static __always_inline struct frame_header header_of(enum tpacket_versions version)
{
	if (version == TPACKET_V1)
		return (struct frame_header){ TPACKET1_STATUS, TPACKET1_LENGTH, TPACKET1_MAC };
	if (version == TPACKET_V3)
		return (struct frame_header){ TPACKET3_STATUS, TPACKET3_LENGTH, TPACKET3_MAC };
	return (struct frame_header){ TPACKET2_STATUS, TPACKET2_LENGTH, TPACKET2_MAC };
}

static __always_inline bool has_own_offset(struct packet_sock *packet)
{
	if (bpf_core_field_exists(packet->tp_tx_has_off))
		return BPF_CORE_READ_BITFIELD_PROBED(packet, tp_tx_has_off);
	return BPF_CORE_READ(packet, flags) >> bpf_core_enum_value(enum packet_sock_flags, PACKET_SOCK_TX_HAS_OFF) & 1;
}

/* Where the bytes of a frame begin; 0: the kernel would not take it. */
static __always_inline __u32 frame_offset(struct packet_sock *packet, __u64 frame, __u32 mac)
{
	__u16 places[2] = {}; /* tp_mac, tp_net */

	if (!has_own_offset(packet))
		return BPF_CORE_READ(packet, tp_hdrlen) - SOCKADDR_LL_LENGTH;
	bpf_probe_read_kernel(places, sizeof(places), (void *)frame + mac);
	return BPF_CORE_READ((struct sock *)packet, sk_type) == SOCK_RAW ? places[0] : places[1];
}

static __always_inline __u64 frame_at(struct packet_sock *packet, __u32 index)
{
	struct pgv *blocks = BPF_CORE_READ(packet, tx_ring.pg_vec);
	__u32 per_block = BPF_CORE_READ(packet, tx_ring.frames_per_block);
	char *block = NULL;

	if (!per_block)
		return 0;
	bpf_probe_read_kernel(&block, sizeof(block), (void *)blocks + index / per_block * bpf_core_type_size(struct pgv));
	return block ? (__u64)block + (__u64)(index % per_block) * BPF_CORE_READ(packet, tx_ring.frame_size) : 0;
}

/* Of a frame that was not sent, in the place of how many were before it. */
#define REFUSED 0xffffffff

/*
 * Keeps where a frame goes, for leave_frame(). `places`: its index, and the head's << 32, where the next call begins;
 * `name`: the message's; `left`: bytes of the call that are not told of; `turn`: how many frames were before it.
 * Returns its length; 0: it was passed over; less: what was sent is told of.
 */
__noinline int enter_frame(__u64 socket, __u64 name, __u64 places, __u64 left, __u32 turn)
{
	struct packet_sock *packet = (struct packet_sock *)socket;
	struct frame_header header = header_of(BPF_CORE_READ(packet, tp_version));
	__u64 frame = frame_at(packet, places);
	struct payload payload = { .is_user = false };
	__u32 length = 0, status = 0, offset;
	struct destination to;
	__u16 protocol;

	/* Not in the first turn: all of the ring's frames bring the head to where it was. */
	if (!frame || !left || (turn && turn != REFUSED && (__u32)places == places >> 32))
		return -1;
	bpf_probe_read_kernel(&length, sizeof(length), (void *)frame + header.length);
	bpf_probe_read_kernel(&status, sizeof(status), (void *)frame + header.status);
	if (turn == REFUSED && !(status & (TP_STATUS_SEND_REQUEST | TP_STATUS_WRONG_FORMAT)))
		return -1;
	offset = frame_offset(packet, frame, header.mac);
	payload.data = (void *)frame + offset;
	/* The kernel takes none that is longer, and passes over it. */
	if ((__u64)offset + length > BPF_CORE_READ(packet, tx_ring.frame_size))
		return 0;
	read_frame(&to, &protocol, &payload, (struct sock *)packet, (const void *)name);
	remember_send(CALL_PACKET_SEND, (struct sock *)packet, &to, protocol);
	return length & 0x7fffffff;
}

/* A send of that frame returned `result`. The socket is but a number here: what is read of it is read as one. */
__noinline int leave_frame(__u64 result)
{
	__u64 key = call_key(CALL_PACKET_SEND);
	struct call *call = find_call(key);
	struct destination to;
	struct send send;
	struct sock *sk;

	if (!call)
		return 0;
	sk = (struct sock *)call->socket;
	destination_of(call, &to);
	send = send_of(NULL, call->socket, call->protocol, (long)result, TATTLE_BLOCKED_BY_NONE, TATTLE_HOOK_PACKET_RING);
	send.via = TATTLE_VIA_PACKET;
	send.netns_inode = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	drop_call(key);
	account_send(&send, &to);
	return 0;
}

/* A walk through the frames that one call sent. */
struct frame_walk {
	__u64 socket;
	__u64 name;
	__u64 left;
	__u64 end;  /* << 32 */
	__u32 from;
	__u32 size; /* of the ring, in frames */
	__u64 is_over;
};

/* In the loop nothing branches but its end, and what is called is global: the verifier looks at neither 128 times. */
static __always_inline void walk_frames(struct frame_walk *walk)
{
	for (__u32 turn = 0; turn < MAX_FRAMES; turn++) {
		__u32 index = (walk->from + turn) % walk->size;
		long length = enter_frame(walk->socket, walk->name, walk->end | index, walk->left, turn);

		if (length < 0) {
			walk->is_over = true;
			return;
		}
		leave_frame(length);
		walk->left -= length;
	}
}

/* The frames that a call sent, and the one that it failed with. */
static __always_inline void tell_frames(struct sock *sk, struct msghdr *message, __u32 from, long result)
{
	struct packet_sock *packet = (struct packet_sock *)sk;
	__u32 end = BPF_CORE_READ(packet, tx_ring.head);
	struct frame_walk walk = {
		.socket = (__u64)sk,
		.name = (__u64)BPF_CORE_READ(message, msg_name),
		/* How many bytes went before a failure is not known: up to the head. */
		.left = result < 0 ? ~0ULL >> 1 : result,
		.end = (__u64)end << 32,
		.from = from,
		.size = BPF_CORE_READ(packet, tx_ring.frame_max) + 1,
	};

	/* Nothing went before the failure. */
	if (result >= 0 || from != end)
		walk_frames(&walk);
	else
		walk.is_over = true;
	if (!walk.is_over)
		count_untold_frames((end + walk.size - from - 1) % walk.size + 1 - MAX_FRAMES);
	if (result < 0 && result != -EAGAIN && enter_frame(walk.socket, walk.name, walk.end | end, walk.left, REFUSED) > 0)
		leave_frame(result);
}

static __always_inline void leave_ring_send(long result)
{
	__u64 key = call_key(CALL_RING_SEND), socket_key;
	struct call *call = find_call(key);
	struct transmit_ring *ring;
	struct msghdr *message;
	struct sock *sk;
	__u32 from;

	if (!call)
		return;
	sk = (struct sock *)call->socket;
	message = (struct msghdr *)call->argument;
	from = call->length;
	drop_call(key);
	socket_key = (__u64)sk;
	ring = bpf_map_lookup_elem(&transmit_rings, &socket_key);
	if (ring) {
		from = ring->next;
		/* Taken before it is told, so that another thread takes what comes after. */
		ring->next = BPF_CORE_READ((struct packet_sock *)sk, tx_ring.head);
		add_atomically(&ring->callers, -1);
	}
	tell_frames(sk, message, from, result);
}

static __always_inline void enter_any_packet_send(struct socket *socket, struct msghdr *message)
{
	struct sock *sk = READ(socket, sk);

	/* What is sent from a ring is not in the message. */
	if (has_transmit_ring(sk))
		enter_ring_send(sk, message);
	else
		enter_packet_send(socket, message);
}

#endif
