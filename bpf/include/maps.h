/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Every map, and every knob that user space sets before loading. State is bounded: what
 * dies is deleted by the hook that sees it die; what could be missed is in an LRU map.
 */
#ifndef TATTLE_MAPS_H
#define TATTLE_MAPS_H

#define MAX_SOCKETS 65536
#define MAX_FLOWS 65536
#define MAX_CALLS 16384
#define MAX_RINGS 1024
#define MAX_FILTER_ENTRIES 4096

/* Everything goes to user space through this one ring, so its order is the order of events. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

/* Whether the ring's reader has been woken since it last found the ring empty, which it says itself: waking.h. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} reader_wakings SEC(".maps");

/*
 * By CPU; user space says how many there are. Mapped there: reading by system call would stop every
 * kprobe on that CPU meanwhile (kernel/bpf/syscall.c bpf_disable_instrumentation()), and for long
 * where the reader is preempted.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tattle_cpu_state);
} cpu_states SEC(".maps");

static __always_inline struct tattle_cpu_state *this_cpu_state(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&cpu_states, &cpu);
}

/* TCP attempts whose place another one has, by socket key: places.h. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_SOCKETS);
	__type(key, __u64);
	__type(value, struct tattle_attempt);
} tcp_attempts SEC(".maps");

/* UDP sockets whose place another one has, by socket key. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_FLOWS);
	__type(key, __u64);
	__type(value, struct tattle_udp_socket);
} udp_sockets SEC(".maps");

/* The other flows of sockets that talk to several destinations. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_FLOWS);
	__type(key, struct tattle_flow_key);
	__type(value, struct tattle_flow);
} udp_flows SEC(".maps");

/* What a thread is in the middle of, from a function's entry or a cgroup hook to its return. */
struct call {
	__u64 socket_key;
	__u64 socket;    /* struct sock * */
	__u64 argument;  /* the function's second one: sockaddr or msghdr; CALL_REFUSED: enum tattle_blocker */
	__u64 length;    /* of the sockaddr; CALL_ASSOCIATE: option << 32 | length; CALL_RING_SEND: the ring's head */
	__u64 entry_boot_ns;
	__u8 destination[16];
	__u32 scope_id;
	__be16 destination_port_be;
	__u16 protocol;
	__u8 family;
	__u8 flags;      /* enum tattle_attempt_flags */
	__u8 left_to_exit; /* the state change did not say why: the return value will */
	__u8 reserved[5];
};

enum call_kind {
	CALL_CONNECT = 1,
	CALL_DATAGRAM_CONNECT = 2,
	CALL_SEND = 3,
	CALL_SEND6 = 4,
	CALL_LSM = 5,
	CALL_REFUSED = 6,
	CALL_RAW_SEND = 7,
	CALL_PING_SEND = 8,
	CALL_PACKET_SEND = 9,
	CALL_CGROUP_FILTER = 10,
	CALL_EGRESS_FILTER = 11,
	CALL_PAGE_SEND = 12,
	CALL_LSM_SEND = 13,
	CALL_OTHER_CONNECT = 14,
	CALL_ASSOCIATE = 15,
	CALL_MESSAGE = 16, /* and MAX_MESSAGES − 1 after it: the messages of one sendmmsg() */
	CALL_RING_SEND = 24,
	CALL_OTHER_SEND = 25,
	CALL_SOCKET_END = 26,
};

#define MAX_MESSAGES 8

/* LRU: a function that never returns here (its thread was killed) costs nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_CALLS);
	__type(key, __u64); /* kind << 32 | tid */
	__type(value, struct call);
} calls SEC(".maps");

/* A packet socket that sends from a ring: which of its frames was told of last. */
struct transmit_ring {
	tattle_u64 callers; /* threads that are in a send */
	__u32 next;         /* the first frame that was not told of */
	__u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_RINGS);
	__type(key, __u64); /* struct sock * */
	__type(value, struct transmit_ring);
} transmit_rings SEC(".maps");

/* Processes whose attempts are wanted, and whether their children's are: enum tattle_follow. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_SOCKETS);
	__type(key, __u32);
	__type(value, __u32);
} followed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_FILTER_ENTRIES);
	__type(key, char[TATTLE_COMM_LENGTH]);
	__type(value, __u32);
} filter_comms SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_FILTER_ENTRIES);
	__type(key, __u32);
	__type(value, __u32);
} filter_users SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_FILTER_ENTRIES);
	__type(key, __u32);
	__type(value, __u32);
} filter_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, MAX_FILTER_ENTRIES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct tattle_prefix);
	__type(value, __u32);
} filter_to SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, MAX_FILTER_ENTRIES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct tattle_prefix);
	__type(value, __u32);
} filter_not_to SEC(".maps");

/*
 * A record with text is built here: too large for the stack, of no constant size for reserve. By CPU,
 * as cpu_states; not a per-CPU array, whose values are limited to 32 KiB.
 */
#define TEXT_CAPACITY 32768

struct scratch {
	union {
		struct tattle_exec exec;
		struct tattle_cgroup cgroup;
		struct tattle_attempt attempt;
	};
	/* Room for the longest text past the bound that the verifier sees. */
	char text[TEXT_CAPACITY + 4352];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/*
 * Puts every record's layout into BTF, where a test compares it with what Swift reads: BTF has
 * only what a variable or a signature mentions.
 */
const union {
	struct tattle_attempt attempt;
	struct tattle_close close;
	struct tattle_flow_end flow_end;
	struct tattle_exec exec;
	struct tattle_fork fork;
	struct tattle_exit exit;
	struct tattle_cgroup cgroup;
	struct tattle_module module;
	struct tattle_tcp_place tcp_place;
	struct tattle_udp_place udp_place;
} record_layouts __attribute__((used)) = {};

/* enum tattle_filter; the maps above hold what each bit asks for. */
const volatile __u32 filter_mask = 0;
/* How much of what is quiet may wait in the ring: a 64th of it. */
const volatile __u64 quiet_bytes = 131072;
/* A UDP flow that was silent for longer begins anew with its next datagram. */
const volatile __u64 flow_idle_ns = 60000000000ULL;
/* The first eight bytes of `NAME=` of the environment variables that are wanted, and which of them count. */
const volatile __u64 variable_names[TATTLE_VARIABLES] = {};
const volatile __u64 variable_masks[TATTLE_VARIABLES] = {};
/* tracepoint set: whether sock_send_length (6.4) tells how a send ended. */
const volatile bool has_send_length = false;
/* Whether splice() sends pages by a function of its own (until 6.4). */
const volatile bool has_page_send = false;
/* Whether io_uring_complete tells the result in a completion queue entry, as after 6.12. */
const volatile bool has_completion_entry = false;
/* The text of nf_hook_slow(), where the kernel does not say why it drops a packet (before 5.17); 0: not known. */
const volatile __u64 netfilter_begin = 0;
const volatile __u64 netfilter_length = 0;

#endif
