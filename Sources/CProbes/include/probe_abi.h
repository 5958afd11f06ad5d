/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The layout of every record that crosses the ring buffer from bpf/ to Swift.
 *
 * Included by the BPF programs and, through the CProbes module, by Capture: the
 * only two places that may know it. Fields are ordered by size so that no
 * compiler inserts padding; byte order and unit stand in the names: `_be` is
 * network order, `boot_ns` is nanoseconds of CLOCK_BOOTTIME, everything else is
 * in host order.
 *
 * A test compares offsets and sizes as C, as Swift and as the object's BTF see
 * them; change TATTLE_ABI_VERSION with every change of meaning.
 */
#ifndef TATTLE_PROBE_ABI_H
#define TATTLE_PROBE_ABI_H

#ifndef __bpf__
#include <stdint.h>
typedef uint8_t tattle_u8;
typedef uint16_t tattle_u16;
typedef uint32_t tattle_u32;
typedef int32_t tattle_s32;
typedef uint64_t tattle_u64;
#else
typedef unsigned char tattle_u8;
typedef unsigned short tattle_u16;
typedef unsigned int tattle_u32;
typedef int tattle_s32;
typedef unsigned long long tattle_u64;
#endif

#define TATTLE_ABI_VERSION 4

/* Sizes shared by both sides. */
#define TATTLE_COMM_LENGTH 16       /* TASK_COMM_LEN */
#define TATTLE_PATH_CAPACITY 4096   /* PATH_MAX */
#define TATTLE_ARGS_CAPACITY 4096   /* bytes of argv kept from the kernel */
#define TATTLE_SCRIPT_CAPACITY 4096 /* PATH_MAX */
#define TATTLE_VARIABLES_CAPACITY 2048 /* bytes of the environment kept */
#define TATTLE_VARIABLES 8          /* names that are looked for in the environment */

/* What a record is. */
enum tattle_record_type {
	TATTLE_RECORD_ATTEMPT = 1,  /* struct tattle_attempt: any phase but the end */
	TATTLE_RECORD_CLOSE = 2,    /* struct tattle_close: an established TCP connection ended */
	TATTLE_RECORD_FLOW_END = 3, /* struct tattle_flow_end: a UDP flow ended in the kernel */
	TATTLE_RECORD_EXEC = 4,     /* struct tattle_exec + path + arguments */
	TATTLE_RECORD_FORK = 5,     /* struct tattle_fork */
	TATTLE_RECORD_EXIT = 6,     /* struct tattle_exit */
	TATTLE_LOST_OUTCOME = 7,    /* no type: index of lost outcomes of attempts that were told of */
	TATTLE_RECORD_CGROUP = 8,   /* struct tattle_cgroup + path */
	TATTLE_RECORD_MODULE = 9,   /* struct tattle_module */
	TATTLE_RECORD_TYPES = 16,
};

/*
 * Which hook wrote it. Sequence numbers count per (CPU, hook): the kernel does not run
 * a program while the same one runs on that CPU (fentry and fexit: since 5.12; before,
 * they run with preemption off), but two different ones do nest (softirq over process
 * context), so only this pair has a counter that needs no atomic fetch (5.12+).
 */
enum tattle_hook {
	TATTLE_HOOK_CONNECT_ENTRY = 1,
	TATTLE_HOOK_CONNECT_EXIT = 2,
	TATTLE_HOOK_SYN = 3,
	TATTLE_HOOK_STATE = 4,
	TATTLE_HOOK_LSM = 5,
	TATTLE_HOOK_DATAGRAM_CONNECT = 6,
	TATTLE_HOOK_DATAGRAM_SEND4 = 7,
	TATTLE_HOOK_DATAGRAM_SEND6 = 8,
	TATTLE_HOOK_SOCKET_END = 9,
	TATTLE_HOOK_EXEC = 10,
	TATTLE_HOOK_FORK = 11,
	TATTLE_HOOK_EXIT = 12,
	TATTLE_HOOK_SYSCALL_EXIT = 13,
	TATTLE_HOOK_SEND_LENGTH = 14,
	TATTLE_HOOK_CGROUP = 15,
	TATTLE_HOOK_SOCKET_END6 = 16,
	TATTLE_HOOK_STATE_AGAIN = 17,
	TATTLE_HOOK_TEST = 18,
	TATTLE_HOOK_CGROUP_MADE = 19,
	TATTLE_HOOK_CGROUP_REMOVED = 20,
	TATTLE_HOOK_RAW_SEND4 = 21,
	TATTLE_HOOK_RAW_SEND6 = 22,
	TATTLE_HOOK_PING_SEND4 = 23,
	TATTLE_HOOK_PING_SEND6 = 24,
	TATTLE_HOOK_PACKET_SEND = 25,
	TATTLE_HOOK_PAGE_SEND = 26,
	TATTLE_HOOK_LSM_SEND = 27,
	TATTLE_HOOK_OTHER_CONNECT = 28,
	TATTLE_HOOK_SOCKET_FREE = 29,
	TATTLE_HOOK_WAKE_UP = 30,
	TATTLE_HOOK_DROP = 31,
	TATTLE_HOOK_ASSOCIATE = 32,
	TATTLE_HOOK_OTHER_SEND = 33,
	TATTLE_HOOK_ERROR_REPORT = 34,
	TATTLE_HOOK_PACKET_RING = 35,
	TATTLE_HOOK_MODULE = 36,
	TATTLE_HOOK_OLD_PACKET_SEND = 37,
	TATTLE_HOOKS = 64,             /* a power of two: programs mask with it */
};

/* How much of the attempt this record tells. */
enum tattle_phase {
	TATTLE_PHASE_BEGUN = 1,   /* on its way; the outcome follows under the same attempt_id */
	TATTLE_PHASE_WHOLE = 2,   /* attempt and outcome in one */
	TATTLE_PHASE_OUTCOME = 3, /* the outcome of one already reported as begun */
};

enum tattle_outcome {
	TATTLE_OUTCOME_PENDING = 0,
	TATTLE_OUTCOME_ESTABLISHED = 1, /* TCP: the handshake was completed */
	TATTLE_OUTCOME_FAILED = 2,      /* `error` says why */
	TATTLE_OUTCOME_ABORTED = 3,     /* closed from this side before an answer came */
	TATTLE_OUTCOME_SENT = 4,        /* UDP: the kernel took the datagram */
};

enum tattle_via {
	TATTLE_VIA_SYSCALL = 0,
	TATTLE_VIA_FAST_OPEN = 1, /* connected by a send, or the SYN waits for the first write (RFC 7413) */
	TATTLE_VIA_MPTCP = 2,
	TATTLE_VIA_PACKET = 3,    /* a packet socket: the frame's own addresses */
	TATTLE_VIA_RAW = 4,       /* a raw IP socket */
	TATTLE_VIA_IO_URING = 5,
	TATTLE_VIA_SENDMMSG = 6,
	TATTLE_VIA_SPLICE = 7,    /* splice, tee, vmsplice, sendfile */
	TATTLE_VIA_KERNEL = 8,    /* a kernel thread for the kernel itself */
};

enum tattle_blocker {
	TATTLE_BLOCKED_BY_NONE = 0,
	TATTLE_BLOCKED_BY_LSM = 1,
	TATTLE_BLOCKED_BY_CGROUP = 2,
	TATTLE_BLOCKED_BY_NETFILTER = 3,
};

enum tattle_attempt_flags {
	TATTLE_FLAG_SYN_SENT = 1 << 0,        /* tcp_connect() was reached */
	TATTLE_FLAG_REPORTED = 1 << 1,        /* a BEGUN or WHOLE record of it is in the ring */
	TATTLE_FLAG_ESTABLISHED = 1 << 2,
	TATTLE_FLAG_KERNEL_THREAD = 1 << 3,   /* made by the kernel for itself */
	TATTLE_FLAG_USER_ADDRESS = 1 << 4,    /* destination read from user memory after the call */
	TATTLE_FLAG_CONNECTED = 1 << 5,       /* UDP: the socket is connected to the destination */
	TATTLE_FLAG_MAPPED = 1 << 6,          /* written as IPv4, made through an IPv6 socket */
	TATTLE_FLAG_BROADCAST = 1 << 7,       /* the destination is a network's own broadcast address */
};

/* What the process was at the time of the attempt. */
enum tattle_process_flags {
	TATTLE_PROCESS_TRACED = 1 << 0,       /* the thread was being ptraced */
	TATTLE_PROCESS_DELETED = 1 << 1,      /* its executable has no link left */
};

struct tattle_header {
	tattle_u8 type;       /* enum tattle_record_type */
	tattle_u8 hook;       /* enum tattle_hook */
	tattle_u16 length;    /* of the whole record in bytes */
	tattle_u32 cpu;
	tattle_u64 sequence;  /* per (cpu, hook), from 1; one missing is one record lost */
	tattle_u64 boot_ns;
};

/*
 * An attempt. Addresses are 16 bytes in network order, IPv4 as ::ffff:a.b.c.d;
 * `family` is the family written (AF_INET 2, AF_INET6 10). All-zero source: not
 * chosen yet. AF_PACKET (17), a frame without IP: destination is the hardware
 * address in six bytes and the EtherType in two. AF_VSOCK (40): the CID and the
 * port, four bytes each.
 */
struct tattle_attempt {
	struct tattle_header header;
	tattle_u64 attempt_id;             /* unique while the programs are loaded, never 0 */
	tattle_u64 started_boot_ns;        /* when the application called */
	tattle_u64 established_boot_ns;    /* TCP: when the handshake was completed; 0: it was not */
	tattle_u64 process_start_boot_ns;  /* task->group_leader->start_boottime; 0: not known */
	tattle_u64 cgroup_id;              /* cgroup v2 id (inode); 0: not known */
	tattle_u64 socket_key;             /* address or cookie of the socket */
	tattle_u64 socket_generation;      /* UDP: tells sockets at the same address apart */
	tattle_u64 capabilities;           /* effective set, bit N is capability N */
	tattle_u8 destination[16];
	tattle_u8 source[16];
	tattle_u32 pid;                    /* thread group, initial pid namespace */
	tattle_u32 tid;
	tattle_u32 uid;                    /* real uid, initial user namespace */
	tattle_u32 netns_inode;
	tattle_u32 scope_id;               /* sin6_scope_id; 0: none */
	tattle_s32 error;                  /* positive errno; 0: none */
	tattle_u16 destination_port_be;
	tattle_u16 source_port_be;
	tattle_u16 protocol;               /* IPPROTO_* of the socket, or of the packet where that is hand-made */
	tattle_u8 family;
	tattle_u8 phase;                   /* enum tattle_phase */
	tattle_u8 outcome;                 /* enum tattle_outcome */
	tattle_u8 via;                     /* enum tattle_via */
	tattle_u8 blocked_by;              /* enum tattle_blocker */
	tattle_u8 flags;                   /* enum tattle_attempt_flags */
	tattle_u32 bytes;                  /* datagrams: payload of the first one */
	tattle_u32 effective_uid;          /* initial user namespace */
	tattle_u32 effective_gid;
	tattle_u32 exec_id;                /* task->self_exec_id: which program of the process this is */
	tattle_u32 process_flags;          /* enum tattle_process_flags */
	tattle_u32 bound_interface;        /* SO_BINDTODEVICE: index of the interface; 0: none */
	tattle_u32 refused_segments;       /* TCP: tcp_sock.segs_out when a SYN of it was refused last */
	tattle_u8 comm[TATTLE_COMM_LENGTH];/* the thread's name */
};

/* The end of an established TCP connection, from the socket's own counters. */
struct tattle_close {
	struct tattle_attempt attempt;     /* header.type is TATTLE_RECORD_CLOSE */
	tattle_u64 bytes_sent;             /* tcp_sock.bytes_sent − bytes_retrans: payload */
	tattle_u64 bytes_received;         /* tcp_sock.bytes_received */
	tattle_u32 packets_sent;           /* tcp_sock.segs_out */
	tattle_u32 packets_received;       /* tcp_sock.segs_in */
	tattle_u32 retransmits;            /* tcp_sock.total_retrans */
	tattle_u32 reserved;
};

/* What the kernel counts for one UDP (socket, destination, process): a socket may have been inherited. */
struct tattle_flow {
	tattle_u64 attempt_id;
	tattle_u64 first_boot_ns;
	tattle_u64 last_boot_ns;
	tattle_u64 datagrams;              /* taken by the kernel, the first one included */
	tattle_u64 bytes;                  /* their payload */
	tattle_u64 failures;               /* sends that returned an error */
	tattle_u64 gap_min_ns;             /* between two sends; 0 while there were fewer than two */
	tattle_u64 gap_max_ns;
	tattle_u64 gap_square_sum_us2;     /* sum of squared gaps in square microseconds, saturating */
	tattle_s32 last_error;             /* positive errno that was told of last; 0: none */
	tattle_u16 has_succeeded;          /* a send that was taken has been told of */
	tattle_u16 is_corked;              /* a datagram is being put together (MSG_MORE, UDP_CORK) */
};

/* A UDP flow that ended where the kernel could see it: its socket died or it began anew. */
struct tattle_flow_end {
	struct tattle_header header;
	tattle_u64 socket_key;
	tattle_u64 socket_generation;
	struct tattle_flow flow;
	tattle_u32 socket_died;            /* 1: every other flow of this socket ended too */
	tattle_u32 reserved;
};

/* The key of a flow that is not its socket's most recent one. */
struct tattle_flow_key {
	tattle_u64 socket_generation;
	tattle_u8 destination[16];
	tattle_u16 destination_port_be;
	tattle_u16 reserved;
	tattle_u32 scope_id;
	tattle_u32 sender;                 /* thread group of the task that sent */
	tattle_u32 padding;
};

/* A UDP socket and its most recent flow, held beside it so that one look-up serves. */
struct tattle_udp_socket {
	tattle_u64 generation;
	tattle_u8 destination[16];
	struct tattle_flow flow;
	tattle_u16 destination_port_be;
	tattle_u16 reserved;
	tattle_u32 inode;                  /* the socket's, which no other had before; 0: not asked for */
	tattle_u32 scope_id;               /* as its sockaddr had it */
	tattle_u32 sender;                 /* thread group of the task that sent */
};

/*
 * What is kept by socket stands in `tcp_places` and `udp_places` at the number (key × factor) >> shift, in 32 bits, or,
 * where another socket has that place, in `tcp_attempts` and `udp_sockets`, by its key.
 */
#define TATTLE_PLACES 16384
#define TATTLE_PLACE_SHIFT 18
#define TATTLE_PLACE_FACTOR 0x9e3779b1U

struct tattle_place {
	tattle_u64 key;                    /* whose it is; 0: nobody's */
	tattle_u64 claims;                 /* 1: taken; more: somebody else tries to */
	tattle_u64 releases;               /* who lets go of it at this moment */
	tattle_u64 has_displaced;          /* 1: another one's is in a map that forgets by itself, or was */
};

struct tattle_tcp_place {
	struct tattle_place place;
	struct tattle_attempt attempt;
};

struct tattle_udp_place {
	struct tattle_place place;
	struct tattle_udp_socket socket;
};

enum tattle_exec_flags {
	TATTLE_EXEC_PATH_TRUNCATED = 1 << 0,
	TATTLE_EXEC_ARGS_TRUNCATED = 1 << 1,
	TATTLE_EXEC_ARGS_UNREADABLE = 1 << 2,
	TATTLE_EXEC_DELETED = 1 << 3,       /* the file had no link left when it was executed */
	TATTLE_EXEC_NO_FOLDER = 1 << 4,     /* the file is in no folder: a memfd */
	TATTLE_EXEC_TRACED = 1 << 5,        /* the thread was being ptraced */
	TATTLE_EXEC_FOLDER_TRUNCATED = 1 << 6,
	TATTLE_EXEC_VARIABLES_TRUNCATED = 1 << 7, /* not all of the environment was looked through */
};

/*
 * A program was started. Followed by the executable's path, the working folder's path, the script's
 * name, environment variables and arguments, each as long as its length says. Paths come as
 * NUL-terminated components from the file up to the root: Swift turns them round. The script's name is
 * what the caller of execve() gave; empty: no script. Variables (NAME=VALUE) and arguments are
 * NUL-separated, as in /proc/PID/environ and /proc/PID/cmdline.
 */
struct tattle_exec {
	struct tattle_header header;
	tattle_u64 start_boot_ns;
	tattle_u64 parent_start_boot_ns;
	tattle_u64 cgroup_id;
	tattle_u64 args_total;             /* bytes of arguments the program was given */
	tattle_u64 inode;
	tattle_u64 file_size;              /* bytes */
	tattle_u64 modified_ns;            /* mtime, nanoseconds of CLOCK_REALTIME */
	tattle_u64 changed_ns;             /* ctime, the same */
	tattle_u64 capabilities;           /* effective set, bit N is capability N */
	tattle_u32 device;                 /* kernel dev_t: major << 20 | minor */
	tattle_u32 pid;
	tattle_u32 parent_pid;
	tattle_u32 uid;
	tattle_u32 effective_uid;
	tattle_u32 gid;
	tattle_u32 effective_gid;
	tattle_u32 login_uid;              /* 0xffffffff: none */
	tattle_u32 audit_session;          /* 0xffffffff: none */
	tattle_u32 session_leader_pid;     /* 0: not known */
	tattle_u32 tty_device;             /* major << 20 | minor of the controlling terminal; 0: none */
	tattle_u32 exec_id;                /* task->self_exec_id */
	tattle_u32 vpid;                   /* in the innermost pid namespace */
	tattle_u32 netns_inode;
	tattle_u32 pidns_inode;
	tattle_u32 mntns_inode;
	tattle_u32 userns_inode;
	tattle_u32 flags;                  /* enum tattle_exec_flags */
	tattle_u16 path_length;
	tattle_u16 folder_length;
	tattle_u16 script_length;
	tattle_u16 variables_length;
	tattle_u16 args_length;
	tattle_u16 file_mode;              /* i_mode */
	tattle_u32 reserved;
	tattle_u8 comm[TATTLE_COMM_LENGTH];
};

/* A process was started by fork, vfork or clone; it runs the forker's program until it execs. */
struct tattle_fork {
	struct tattle_header header;
	tattle_u64 start_boot_ns;
	tattle_u64 parent_start_boot_ns;
	tattle_u64 forker_start_boot_ns;
	tattle_u32 pid;
	tattle_u32 parent_pid;             /* differs from the forker with CLONE_PARENT */
	tattle_u32 forker_pid;
	tattle_u32 vpid;                   /* in the innermost pid namespace */
	tattle_u32 netns_inode;
	tattle_u32 pidns_inode;
	tattle_u32 mntns_inode;
	tattle_u32 userns_inode;
	tattle_u32 exec_id;                /* as in the forker */
	tattle_u32 reserved;
};

struct tattle_exit {
	struct tattle_header header;
	tattle_u64 start_boot_ns;
	tattle_u32 pid;
	tattle_u32 exit_code;              /* wait(2) status */
};

/* A cgroup was made or removed. Followed by `path_length` bytes of path, from the hierarchy's root. */
struct tattle_cgroup {
	struct tattle_header header;
	tattle_u64 cgroup_id;
	tattle_u32 is_removed;
	tattle_u32 path_length;
};

/* A module of the kernel with a protocol that more has to be hooked for. */
enum tattle_module_name {
	TATTLE_MODULE_SCTP = 1,
	TATTLE_MODULE_VSOCK = 2,
};

/* It is being loaded: none of its own code has run. */
struct tattle_module {
	struct tattle_header header;
	tattle_u32 module;                 /* enum tattle_module_name */
	tattle_u32 reserved;
};

/* Per-CPU counters of what one hook wrote and what it could not. */
struct tattle_hook_counters {
	tattle_u64 sequence;
	tattle_u64 stand_ins;                 /* events that a stand-in took over: the program was skipped */
	tattle_u64 lost[TATTLE_RECORD_TYPES]; /* ring full, by record type */
};

/* Hash maps that stay empty on most machines: whether they did is told without walking over them. */
enum tattle_spare_map {
	TATTLE_SPARE_ATTEMPTS = 0, /* tcp_attempts */
	TATTLE_SPARE_SOCKETS = 1,  /* udp_sockets */
	TATTLE_SPARE_FLOWS = 2,    /* udp_flows */
	TATTLE_SPARE_MAPS = 3,
};

struct tattle_cpu_state {
	tattle_u64 map_full;               /* attempts followed no further: no room for their state */
	tattle_u64 untold_frames;          /* of sends from a PACKET_TX_RING with more frames than are told of */
	tattle_u64 unseen_ends;            /* attempts whose end no program saw: no state of TCP's, or nothing hooked yet of a module */
	tattle_u64 is_used[TATTLE_SPARE_MAPS]; /* whether something was ever put there on this CPU, enum tattle_spare_map */
	tattle_u8 is_busy[TATTLE_HOOKS];   /* a hook's program runs here and is skipped if needed */
	struct tattle_hook_counters hook[TATTLE_HOOKS];
};

/* Filters, as bits of `filter_mask`: a set bit means the map of that name decides. */
enum tattle_filter {
	TATTLE_FILTER_PID = 1 << 0,
	TATTLE_FILTER_COMM = 1 << 1,
	TATTLE_FILTER_USER = 1 << 2,
	TATTLE_FILTER_TCP_ONLY = 1 << 3,
	TATTLE_FILTER_UDP_ONLY = 1 << 4,
	TATTLE_FILTER_TO = 1 << 5,
	TATTLE_FILTER_NOT_TO = 1 << 6,
	TATTLE_FILTER_PORT = 1 << 7,
};

/* Values of the `followed` map: what is done when that process forks. */
enum tattle_follow {
	TATTLE_FOLLOW_PROCESS = 1,      /* this process alone */
	TATTLE_FOLLOW_DESCENDANTS = 2,  /* it and whatever it starts */
};

/* Key of the LPM tries `filter_to` and `filter_not_to`; IPv4 as ::ffff:a.b.c.d/96+n. */
struct tattle_prefix {
	tattle_u32 length;              /* bits, 0...128 */
	tattle_u8 address[16];
};

#endif
