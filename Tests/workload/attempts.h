/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `attempts` makes one attempt to reach the network, of a kind of one's choice, in a network
 * namespace of its own, and tells the truth about it as one line of JSON: what the tests hold
 * tattle's records against. Nothing it makes can leave the machine.
 */
#ifndef ATTEMPTS_H
#define ATTEMPTS_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Exit codes. */
enum {
	AS_EXPECTED = 0, /* the program saw what it should */
	UNEXPECTED = 1,
	USAGE = 2,
	MISSING = 3, /* this kernel or machine cannot do it, and `problem` says what is missing */
};

/* The network that a kind finds. All but SETUP_NONE are a new namespace. */
enum setup {
	SETUP_NONE,     /* where we are */
	SETUP_DARK,     /* nothing: no route, and even lo is down */
	SETUP_OFFLINE,  /* lo, no route to anywhere */
	SETUP_LOOPBACK, /* lo, for attempts at it */
	SETUP_ROUTED,   /* lo, and a veth to where nobody answers */
	SETUP_ROUTES,   /* lo, and routes that forbid */
	SETUP_DROP,     /* lo and the veth; nft drops what goes to FILTERED_PORT */
	SETUP_REJECT,   /* the same, rejecting with an ICMP error */
	SETUP_RESET,    /* the same, rejecting with a RST */
	SETUP_POSTROUTING, /* as SETUP_DROP, in POSTROUTING */
};

/* With a neighbour that swallows everything, and with none. */
#define SILENT4 "203.0.113.9"
#define SILENT6 "2001:db8::9"
#define NO_NEIGHBOUR4 "203.0.113.77"
#define NO_NEIGHBOUR6 "2001:db8::77"
#define FILTERED_PORT 4242
#define CLOSED_PORT 9

#define MAX_EXPECTED 16

/* What is no number of the IP protocol. */
enum {
	PROTOCOL_VSOCK = 1000,
	PROTOCOL_NONE, /* a frame that is not IP */
};

/* One attempt as a record must show it. */
struct expected {
	int protocol;       /* IPPROTO_..., or one of the above */
	char ip[INET6_ADDRSTRLEN];
	uint32_t port;      /* 0: there is none */
	const char *via;    /* how it was made */
	const char *scope;  /* "broadcast", "multicast" or "" */
	char address[16];   /* vsock: the CID */
	char mac[18];       /* a frame that is not IP: where it goes, as in RFC 7042 */
	uint16_t ether_type;/* and what it is */
	unsigned int interface_index; /* of SO_BINDTODEVICE; 0: none */
	char source_ip[INET6_ADDRSTRLEN]; /* that the program chose; "": it did not */
	uint16_t source_port;
	const char *result; /* `tattle.attempt.result` in the end */
	int error;          /* errno in the end; 0: none */
	int later_error;    /* UDP: what a later send failed with */
	const char *blocked_by;
	bool is_blocker_hidden; /* this kernel may not tell who blocked it */
	bool is_kernels;    /* made by a thread of the kernel: `pid` and `tid` are 0 */
	uint64_t netns;     /* then, which namespace's: the inode of ns/net */
	bool is_any_thread; /* made by a thread that the kernel lends the process */
	bool is_late;       /* the outcome comes a second or more after the call */
	bool is_any_time;   /* the outcome may be early or late, and both are right */
	bool has_disconnect;/* a connection or flow that ends is told of */
	pid_t pid;
	pid_t tid;
	char thread_name[16];
	uint64_t start_boot_ns;
	uint64_t bytes_sent;
	uint64_t bytes_received;
	uint64_t datagrams;  /* that left */
	uint64_t sends;      /* calls that succeeded: more when corked, fewer when segmented by the kernel */
	uint64_t failures;
};

struct truth {
	const char *kind;
	char problem[256];
	int count;
	struct expected attempts[MAX_EXPECTED];
};

struct kind {
	const char *name;
	enum setup setup;
	int (*run)(struct truth *truth, const struct kind *kind);
	const char *ip;
	int error;
	const char *result;
	const char *summary;
	int option; /* what `run` takes it for */
};

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t length;
};

/* The tables of kinds, each ended by an entry without a name. */
extern const struct kind tcp_kinds[];
extern const struct kind tcp_waiting_kinds[];
extern const struct kind tcp_ending_kinds[];
extern const struct kind udp_kinds[];
extern const struct kind denied_kinds[];
extern const struct kind fast_open_kinds[];
extern const struct kind io_uring_kinds[];
extern const struct kind io_uring_send_kinds[];
extern const struct kind netfilter_kinds[];
extern const struct kind packet_kinds[];
extern const struct kind ping_kinds[];
extern const struct kind raw_kinds[];
extern const struct kind batch_kinds[];
extern const struct kind mptcp_kinds[];
extern const struct kind sctp_kinds[];
extern const struct kind dccp_kinds[];
extern const struct kind vsock_kinds[];
extern const struct kind udplite_kinds[];
extern const struct kind address_kinds[];
extern const struct kind group_kinds[];
extern const struct kind compat_kinds[];
extern const struct kind cgroup_denied_kinds[];
extern const struct kind bpf_lsm_kinds[];
extern const struct kind kernel_kinds[];
extern const struct kind other_family_kinds[];
extern const struct kind splice_kinds[];

/* truth.c */
uint64_t boot_ns(void);
struct address address_of(const char *ip, uint16_t port);
/* Begins an attempt of the calling thread: its truth, to be completed with what is special. */
struct expected *expect(struct truth *truth, int protocol, const struct address *to, const char *result, int error);
/* Notes what went wrong and returns `status`. */
int problem(struct truth *truth, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Holds what a call left in errno against what it should have. */
int check_errno(struct truth *truth, const char *what, int seen, int wanted);
void print_truth(const struct truth *truth, int status);

/* setup.c */
int set_up(struct truth *truth, enum setup setup);
/* Runs PROGRAM with `input` on its standard input; 0 when it succeeded. */
int run_tool(struct truth *truth, const char *path, char *const arguments[], const char *input);
int write_file(const char *path, const char *text);
/* Runs the lines as iproute2's commands. */
int run_ip(struct truth *truth, const char *batch);
/* Brings `lo` up; false: errno says why not. */
bool raise_loopback(void);
/* Lets what goes to FILTERED_PORT pass again. */
int clear_filter(struct truth *truth);

/* server.c: who answers, a thread of our own */
struct server {
	int listener;
	int connections; /* to wait for, one after the other; each is read to its end */
	uint64_t bytes;  /* that came */
	int status;
	pthread_t thread;
};

/* Listens at `to`, whose port is chosen when it is 0, with a socket of this type and protocol. */
int listen_with(struct address *to, int type, int protocol);
int start_server(struct truth *truth, struct server *server, struct address *to, int type, int protocol);
/* Waits until all have come and gone and so many bytes have been read. */
int finish_server(struct truth *truth, struct server *server, uint64_t bytes);
/* Completes the truth of a connection that sends ten bytes. */
void talks(struct expected *expected);
/* Connects to where a kind goes, which fails as the kind says. `expected` is begun, `fd` is closed. */
int fail_to_connect(struct truth *truth, const struct kind *kind, int fd, struct expected *expected, const struct address *to);
/* Where a kind that fails to connect goes: a closed port of ours, or a port of somebody else. */
struct address failing_address(const struct kind *kind);
/* Connects, sends ten bytes and closes. */
int talk_to(struct truth *truth, struct server *server, int fd, struct expected *expected, const struct address *to);
/* The same without a thread, over what is connected to `listener` already: sends, accepts, reads and closes all. */
int talk_alone(struct truth *truth, int fd, int listener);

/* modules.c */
bool load_module(const char *name);
int load_modules(int argc, char **argv);
int unload_modules(int argc, char **argv);
/* socket(), for which a module of the kernel may be needed. */
int open_with_module(int family, int type, int protocol, const char *module);

/* tcp.c */
int new_socket(const struct address *to, int type);
/* A listening socket at an address; `to` gets the port that was chosen. */
int listen_at(struct address *to);

/* This program's path: what is run under it bears its name. */
const char *own_path(void);

/* udp.c */
int error_of(ssize_t result);
/* Completes the truth of a flow of `datagrams`, each of ten bytes, each sent by a call of its own. */
void sent(struct expected *expected, unsigned int datagrams);
/* A socket that receives datagrams at an address; `to` gets the port that was chosen. */
int bind_at(struct address *to);
/* Reads so many datagrams of so many bytes each: they did come. */
int check_received(struct truth *truth, int receiver, int datagrams, ssize_t length);

/* tcp_waiting.c */
/* Waits for the end of a connect() under way and returns its errno. */
int wait_for_end(int fd);

/* netfilter.c: completes the truth of what nft lets not out */
void blocked_by_netfilter(struct expected *expected);

/* netfilter.c: whether the kernel says why it drops a packet, as they do since 5.17 */
bool has_drop_reasons(void);

/* cgroup.c: where cgroups (v2) are. */
bool find_cgroups(char *path, size_t capacity);

/* attempts.c: the kind with this index; NULL: there are no more */
const struct kind *kind_at(size_t index);

/* Commands that are no kinds. */
int storm(int argc, char **argv);
int one_shot(int argc, char **argv);
int flood_tcp(int argc, char **argv);
int flood_udp(int argc, char **argv);
int scatter(int argc, char **argv);
int many_open(int argc, char **argv);
int weird_args(int argc, char **argv);
int big_args(int argc, char **argv);
int hostile_name(int argc, char **argv);
int refused_with_args(int argc, char **argv);
int refused_until(int argc, char **argv);
int refused_overwriting(int argc, char **argv);
int background(int argc, char **argv);
int filtered(int argc, char **argv);
int drop_privileges(int argc, char **argv);
int bpf_state(int argc, char **argv);
int bpf_maps(int argc, char **argv);
int unseen_end(int argc, char **argv);
int run_kinds(int argc, char **argv);
int mixed(int argc, char **argv);
int list_lineages(int argc, char **argv);
int run_lineages(int argc, char **argv);
int shot_command(int argc, char **argv);
int copies(int argc, char **argv);
int again(int argc, char **argv);
int held_shot(int argc, char **argv);
int hold(int argc, char **argv);
int alone(int argc, char **argv);
int call_home(int argc, char **argv);
int held_beacon(int argc, char **argv);
int flow_beacon(int argc, char **argv);

#endif
