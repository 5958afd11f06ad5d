/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The kernel's structures, only the fields that are read. Every access is relocated
 * at load time against the running kernel's BTF (preserve_access_index), so neither
 * order nor offsets matter here; names and types must be the kernel's.
 */
#ifndef TATTLE_KERNEL_TYPES_H
#define TATTLE_KERNEL_TYPES_H

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* <linux/bpf.h> needs the kernel's own __uNN; the guard keeps <asm/types.h> out. */
#define _ASM_GENERIC_INT_LL64_H
#define _LINUX_TYPES_H
#define __bitwise
typedef __u64 __attribute__((aligned(8))) __aligned_u64;
#include <linux/bpf.h>

#define AF_UNSPEC 0
#define AF_INET 2
#define AF_INET6 10
#define AF_PACKET 17
#define AF_VSOCK 40
#define SOCK_RAW 3
#define SOCK_SEQPACKET 5
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_CLOSE 7
#define TCP_CLOSE_WAIT 8
#define TCP_NEW_SYN_RECV 12
#define IPPROTO_ICMP 1
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_DCCP 33
#define IPPROTO_ICMPV6 58
#define IPPROTO_SCTP 132
#define IPPROTO_UDPLITE 136
#define IPPROTO_RAW 255
#define IPPROTO_MPTCP 262
#define SOCK_DONE 1 /* enum sock_flags: the peer's FIN came */
#define SOCK_BROADCAST 6
#define PF_IO_WORKER 0x00000010 /* since 5.12 */
#define PF_KTHREAD 0x00200000
#define S_IFMT 0170000
#define S_IFSOCK 0140000

#define EPERM 1
#define EINTR 4
#define EAGAIN 11
#define EACCES 13
#define EPIPE 32
#define ECONNRESET 104
#define EALREADY 114
#define EINPROGRESS 115
#define ERESTARTSYS 512
#define ERESTART_RESTARTBLOCK 516

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
#endif

struct in6_addr {
	union {
		__u8 u6_addr8[16];
		__u32 u6_addr32[4];
	} in6_u;
};

struct ns_common {
	unsigned int inum;
};

struct module {
	char name[56];
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct fib_table {
	struct hlist_node tb_hlist;
	__u32 tb_id;
	unsigned long *tb_data; /* struct trie */
};

struct key_vector {
	unsigned int key;
	unsigned char pos;
	unsigned char bits; /* 0: a leaf */
	union {
		struct hlist_head leaf;
		struct key_vector *tnode[0];
	};
};

struct trie {
	struct key_vector kv[1];
};

struct fib_alias {
	struct hlist_node fa_list;
	__u8 fa_type; /* RTN_* */
	__u8 fa_slen;
};

struct netns_ipv4 {
	struct fib_table *fib_main; /* with CONFIG_IP_MULTIPLE_TABLES */
	struct hlist_head *fib_table_hash;
};

struct net {
	struct ns_common ns;
	struct netns_ipv4 ipv4;
};

typedef struct {
	struct net *net;
} possible_net_t;

typedef struct {
	__s64 counter;
} atomic64_t;

typedef struct {
	int counter;
} atomic_t;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	int skc_bound_dev_if;
	unsigned char skc_ipv6only : 1;
	possible_net_t skc_net;
	unsigned long skc_flags; /* enum sock_flags, as bit numbers */
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
};

struct socket;

struct sk_buff;

struct sk_buff_head {
	__u32 qlen;
};

struct sock_backlog {
	struct sk_buff *tail; /* what came while somebody held the socket's lock */
};

struct sock {
	struct sock_common __sk_common;
	struct sock_backlog sk_backlog;
	struct sk_buff_head sk_write_queue; /* UDP: of the datagram that is being put together */
	__u16 sk_type;
	__u16 sk_protocol;
	int sk_err;
	struct socket *sk_socket;
};

struct inet_cork {
	int length; /* payload put together so far, and eight bytes of header */
};

struct inet_cork_full {
	struct inet_cork base;
};

struct inet_sock {
	struct sock sk;
	__be32 inet_saddr;
	__be16 inet_sport;
	struct inet_cork_full cork;
	__u8 hdrincl : 1;         /* until 6.5 */
	unsigned long inet_flags; /* since: INET_FLAGS_* as bit numbers */
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
	void *icsk_ulp_data;
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u64 bytes_received;
	__u64 bytes_sent;
	__u64 bytes_retrans;
	__u32 segs_out;
	__u32 segs_in;
	__u32 total_retrans;
	__u8 is_mptcp : 1; /* a subflow of an MPTCP connection */
	__u8 fastopen_connect : 1; /* TCP_FASTOPEN_CONNECT */
};

struct mptcp_subflow_context {
	struct sock *conn; /* the MPTCP socket */
	__u32 request_join : 1;
};

/* CO-RE tells an enumeration from an integer. */
typedef enum {
	SS_FREE = 0,
	SS_UNCONNECTED,
} socket_state;

struct socket {
	socket_state state;
	short type;
	struct sock *sk;
};

struct iovec {
	void *iov_base;
	unsigned long iov_len;
};

enum iter_type {
	ITER_IOVEC = 0,
	ITER_KVEC = 1,
	ITER_UBUF = 2, /* since 6.0 */
};

struct iov_iter {
	__u8 iter_type;
	unsigned long iov_offset;
	struct iovec *__iov; /* since 6.4 */
	void *ubuf;
	unsigned long nr_segs;
};

struct iov_iter___before_6_4 {
	struct iovec *iov;
};

struct iov_iter___before_5_14 {
	unsigned int type; /* with WRITE as bit 0 */
};

struct msghdr {
	void *msg_name;
	int msg_namelen;
	struct iov_iter msg_iter;
	unsigned int msg_flags;
};

struct sk_buff {
	struct sock *sk;
};

struct pgv {
	char *buffer;
};

struct packet_ring_buffer {
	struct pgv *pg_vec; /* blocks of frames; NULL: there is no ring */
	unsigned int head;  /* the next frame */
	unsigned int frames_per_block;
	unsigned int frame_size;
	unsigned int frame_max; /* the last frame's index */
};

enum tpacket_versions {
	TPACKET_V1,
	TPACKET_V2,
	TPACKET_V3,
};

struct packet_sock {
	struct packet_ring_buffer tx_ring;
	enum tpacket_versions tp_version;
	unsigned int tp_hdrlen;
	unsigned int tp_tx_has_off : 1; /* until 6.2 */
	unsigned long flags;            /* since: enum packet_sock_flags, as bit numbers */
	unsigned int has_vnet_hdr : 1;  /* until 6.2 */
	__u8 vnet_hdr_sz;               /* since 6.6 */
	__be16 num; /* EtherType that it is bound to */
};

enum packet_sock_flags {
	PACKET_SOCK_TX_HAS_OFF,
};

enum skb_drop_reason {
	SKB_DROP_REASON_NETFILTER_DROP,
	SKB_DROP_REASON_BPF_CGROUP_EGRESS,
};

struct qstr {
	const unsigned char *name;
};

#include "kernel_tasks.h"

/* What perf's tracepoints give their programs: include/trace/events. */
struct trace_event_raw_inet_sock_set_state {
	const void *skaddr;
	int oldstate;
	int newstate;
};

struct trace_event_raw_sched_process_fork {
	int child_pid;
};

struct trace_event_raw_sys_exit {
	long ret;
};

struct io_uring_cqe {
	__s32 res;
};

struct io_kiocb {
	struct file *file;
};

/* x86-64; arm64 keeps its registers elsewhere, see PT_REGS_* in bpf_tracing.h. */
struct pt_regs {
	unsigned long r15;
	unsigned long r14;
	unsigned long r13;
	unsigned long r12;
	unsigned long bp;
	unsigned long bx;
	unsigned long r11;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
	unsigned long ip;
	unsigned long cs;
	unsigned long flags;
	unsigned long sp;
	unsigned long ss;
};

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

/* Part of the interface to user space: fixed, so not relocated. */
struct sockaddr_in {
	__u16 sin_family;
	__be16 sin_port;
	__be32 sin_addr;
};

struct sockaddr_ll {
	__u16 sll_family;
	__be16 sll_protocol;
	int sll_ifindex;
	__u16 sll_hatype;
	__u8 sll_pkttype;
	__u8 sll_halen;
	__u8 sll_addr[8];
};

struct sockaddr_vm {
	__u16 svm_family;
	__u16 svm_reserved1;
	__u32 svm_port;
	__u32 svm_cid;
};

struct sockaddr_in6 {
	__u16 sin6_family;
	__be16 sin6_port;
	__be32 sin6_flowinfo;
	__u8 sin6_addr[16];
	__u32 sin6_scope_id;
};

#endif
