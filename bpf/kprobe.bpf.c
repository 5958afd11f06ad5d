// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Hook set `kprobe`: for kernels that refuse trampolines. A kretprobe exists in few copies
 * (twice the CPUs; before 5.15 as many as there are CPUs), or in as many as tracefs is told:
 * each call that sleeps holds one. So __inet_stream_connect is hooked at its entry only, and
 * its result is put together from the functions below it that return at once.
 */
/* udp.h: of a socket whose end a softirq brings while another kprobe runs. */
#define TATTLE_ENDS_MAY_BE_MISSED
#include "tattle.h"
#include "functions.h"

static __always_inline void remember(enum call_kind kind, void *first, void *second, __u64 length)
{
	struct call call = {};
	__u64 key = call_key(kind);

	call.socket = (__u64)first;
	call.argument = (__u64)second;
	call.length = length;
	put_call(key, &call);
}

/* What the thread entered with; copied out, for the entry is deleted. */
static __always_inline bool recall(enum call_kind kind, struct call *call)
{
	__u64 key = call_key(kind);
	struct call *known = find_call(key);

	if (!known)
		return false;
	*call = *known;
	drop_call(key);
	return true;
}

/* The socket that the thread entered with; NULL: it did not. */
static __always_inline struct sock *entered_socket(enum call_kind kind)
{
	__u64 key = call_key(kind);
	struct call *known = find_call(key);

	return known ? (struct sock *)known->socket : NULL;
}

/* match-proto: net/ipv4/af_inet.c: int __inet_stream_connect(struct socket *sock, struct sockaddr *uaddr, int addr_len, int flags, int is_sendmsg) */
/* match-proto: net/ipv4/af_inet.c: int __inet_stream_connect(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len, int flags, int is_sendmsg); since 6.19 */
SEC("kprobe/__inet_stream_connect")
int BPF_KPROBE(on_connect_entry, struct socket *sock, void *uaddr, int addr_len, int flags, int is_sendmsg)
{
	if (enter_stream_connect(sock, uaddr, addr_len, is_sendmsg))
		remember(CALL_CONNECT, BPF_CORE_READ(sock, sk), NULL, 0);
	return 0;
}

static __always_inline void leave_connect(int result, __u8 blocked_by, __u8 hook)
{
	struct call call;

	if (recall(CALL_CONNECT, &call))
		finish_connect(call.socket, result, !result && is_answered((struct sock *)call.socket), blocked_by, hook);
}

/* match-proto: net/ipv4/tcp_ipv4.c: int tcp_v4_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len) */
/* match-proto: net/ipv4/tcp_ipv4.c: int tcp_v4_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int addr_len); since 6.19 */
SEC("kretprobe/tcp_v4_connect")
int BPF_KRETPROBE(on_connect_exit, int ret)
{
	leave_connect(ret, TATTLE_BLOCKED_BY_NONE, TATTLE_HOOK_CONNECT_EXIT);
	return 0;
}

/* match-proto: net/ipv6/tcp_ipv6.c: int tcp_v6_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len) */
/* match-proto: net/ipv6/tcp_ipv6.c: int tcp_v6_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int addr_len); since 6.19 */
SEC("kretprobe/tcp_v6_connect")
int BPF_KRETPROBE(on_connect_exit6, int ret)
{
	leave_connect(ret, TATTLE_BLOCKED_BY_NONE, TATTLE_HOOK_CONNECT_EXIT);
	return 0;
}

/* match-proto: kernel/bpf/cgroup.c: int __cgroup_bpf_run_filter_sock_addr(struct sock *sk, struct sockaddr *uaddr, …) */
/* match-proto: kernel/bpf/cgroup.c: int __cgroup_bpf_run_filter_sock_addr(struct sock *sk, struct sockaddr_unsized *uaddr, …); since 6.19 */
SEC("kprobe/__cgroup_bpf_run_filter_sock_addr")
int BPF_KPROBE(on_address_filter_entry, struct sock *sk)
{
	remember(CALL_CGROUP_FILTER, sk, NULL, 0);
	return 0;
}

SEC("kretprobe/__cgroup_bpf_run_filter_sock_addr")
int BPF_KRETPROBE(on_address_filter, int ret)
{
	struct call call;

	if (!recall(CALL_CGROUP_FILTER, &call) || ret >= 0)
		return 0;
	note_refusal(call.socket, TATTLE_BLOCKED_BY_CGROUP);
	leave_connect(ret, TATTLE_BLOCKED_BY_CGROUP, TATTLE_HOOK_CGROUP);
	return 0;
}

/* match-proto: kernel/bpf/cgroup.c: int __cgroup_bpf_run_filter_skb(struct sock *sk, struct sk_buff *skb, enum cgroup_bpf_attach_type atype) */
/* match-proto: kernel/bpf/cgroup.c: int __cgroup_bpf_run_filter_skb(struct sock *sk, struct sk_buff *skb, enum bpf_attach_type type); before 5.15 */
SEC("kprobe/__cgroup_bpf_run_filter_skb")
int BPF_KPROBE(on_packet_filter_entry, struct sock *sk)
{
	remember(CALL_EGRESS_FILTER, sk, NULL, 0);
	return 0;
}

SEC("kretprobe/__cgroup_bpf_run_filter_skb")
int BPF_KRETPROBE(on_packet_filter, int ret)
{
	struct call call;

	if (recall(CALL_EGRESS_FILTER, &call) && ret < 0)
		refuse_packet((struct sock *)call.socket, TATTLE_BLOCKED_BY_CGROUP);
	return 0;
}

/* match-proto: net/ipv4/tcp_output.c: int tcp_connect(struct sock *sk) */
SEC("kprobe/tcp_connect")
int BPF_KPROBE(on_syn_entry, struct sock *sk)
{
	remember(CALL_SEND, sk, NULL, 0);
	return 0;
}

SEC("kretprobe/tcp_connect")
int BPF_KRETPROBE(on_syn, int ret)
{
	struct call call;

	if (recall(CALL_SEND, &call))
		leave_tcp_connect((struct sock *)call.socket, ret);
	return 0;
}

/* match-proto: security/security.c: int security_socket_connect(struct socket *sock, struct sockaddr *address, int addrlen) */
SEC("kprobe/security_socket_connect")
int BPF_KPROBE(on_security_connect_entry, struct socket *sock, void *address, int addrlen)
{
	remember(CALL_LSM, sock, address, addrlen);
	return 0;
}

SEC("kretprobe/security_socket_connect")
int BPF_KRETPROBE(on_security_connect, int ret)
{
	struct call call;

	if (recall(CALL_LSM, &call))
		leave_security_connect((void *)call.socket, (void *)call.argument, call.length, ret);
	return 0;
}

/* match-proto: net/ipv4/af_inet.c: int inet_dgram_connect(struct socket *sock, struct sockaddr *uaddr, int addr_len, int flags) */
/* match-proto: net/ipv4/af_inet.c: int inet_dgram_connect(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len, int flags); since 6.19 */
SEC("kprobe/inet_dgram_connect")
int BPF_KPROBE(on_datagram_connect_entry, struct socket *sock, void *uaddr, int addr_len)
{
	remember(CALL_DATAGRAM_CONNECT, sock, uaddr, addr_len);
	return 0;
}

SEC("kretprobe/inet_dgram_connect")
int BPF_KRETPROBE(on_datagram_connect, int ret)
{
	struct call call;

	if (recall(CALL_DATAGRAM_CONNECT, &call))
		leave_datagram_connect((void *)call.socket, (void *)call.argument, call.length, ret);
	return 0;
}

/* match-proto: net/ipv4/udp.c: int udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len) */
SEC("kprobe/udp_sendmsg")
int BPF_KPROBE(on_send4_entry, struct sock *sk, struct msghdr *msg)
{
	remember(CALL_SEND, sk, msg, 0);
	return 0;
}

SEC("kretprobe/udp_sendmsg")
int BPF_KRETPROBE(on_send4, int ret)
{
	struct call call;

	if (recall(CALL_SEND, &call))
		leave_send4((void *)call.socket, (void *)call.argument, ret);
	return 0;
}

/* match-proto: net/ipv6/udp.c: int udpv6_sendmsg(struct sock *sk, struct msghdr *msg, size_t len) */
SEC("kprobe/udpv6_sendmsg")
int BPF_KPROBE(on_send6_entry, struct sock *sk, struct msghdr *msg)
{
	remember(CALL_SEND6, sk, msg, 0);
	return 0;
}

SEC("kretprobe/udpv6_sendmsg")
int BPF_KRETPROBE(on_send6, int ret)
{
	struct call call;

	if (recall(CALL_SEND6, &call))
		leave_send6((void *)call.socket, (void *)call.argument, ret);
	return 0;
}

/* match-proto: net/ipv4/udp.c: void udp_destroy_sock(struct sock *sk) */
SEC("kprobe/udp_destroy_sock")
int BPF_KPROBE(on_socket_end, struct sock *sk)
{
	end_socket((__u64)sk, TATTLE_HOOK_SOCKET_END);
	return 0;
}

/* match-proto: net/ipv6/udp.c: void udpv6_destroy_sock(struct sock *sk) */
SEC("kprobe/udpv6_destroy_sock")
int BPF_KPROBE(on_socket_end6, struct sock *sk)
{
	end_socket((__u64)sk, TATTLE_HOOK_SOCKET_END6);
	return 0;
}

/*
 * match-proto: net/socket.c: int __sys_connect_file(struct file *file, struct sockaddr_storage *address, int addrlen, int file_flags)
 *
 * This one does sleep: BPF/ReturnProbe.swift. Only what SCTP, DCCP and vsock come to rests on it.
 */
SEC("kprobe/__sys_connect_file")
int BPF_KPROBE(on_any_connect_entry, struct file *file)
{
	remember(CALL_OTHER_CONNECT, file, NULL, 0);
	return 0;
}

SEC("kretprobe/__sys_connect_file")
int BPF_KRETPROBE(on_any_connect, int ret)
{
	struct call call;

	if (recall(CALL_OTHER_CONNECT, &call))
		leave_any_connect((struct file *)call.socket, ret);
	return 0;
}

/* match-proto: security/security.c: int security_sctp_bind_connect(struct sock *sk, int optname, struct sockaddr *address, int addrlen) */
SEC("kprobe/security_sctp_bind_connect")
int BPF_KPROBE(on_associate_entry, struct sock *sk, int optname, void *address, int addrlen)
{
	remember(CALL_ASSOCIATE, sk, address, (__u64)optname << 32 | (__u32)addrlen);
	return 0;
}

SEC("kretprobe/security_sctp_bind_connect")
int BPF_KRETPROBE(on_associate, int ret)
{
	struct call call;

	if (recall(CALL_ASSOCIATE, &call))
		associate((struct sock *)call.socket, call.length >> 32, (void *)call.argument, (int)call.length, ret);
	return 0;
}

/* match-proto: security/security.c: int security_socket_sendmsg(struct socket *sock, struct msghdr *msg, int size) */
SEC("kprobe/security_socket_sendmsg")
int BPF_KPROBE(on_security_send_entry, struct socket *sock, struct msghdr *msg)
{
	/* Every message of the machine comes by. */
	if (is_refusal_told_of(sock, msg))
		remember(CALL_LSM_SEND, sock, msg, 0);
	return 0;
}

SEC("kretprobe/security_socket_sendmsg")
int BPF_KRETPROBE(on_security_send, int ret)
{
	struct call call;

	if (ret && recall(CALL_LSM_SEND, &call))
		leave_security_send((struct socket *)call.socket, (struct msghdr *)call.argument, ret);
	return 0;
}

/* match-proto: net/ipv4/af_inet.c: int inet_sendmsg(struct socket *sock, struct msghdr *msg, size_t size) */
SEC("kprobe/inet_sendmsg")
int BPF_KPROBE(on_message_entry, struct socket *sock, struct msghdr *msg)
{
	/* Every message to an IPv4 peer comes by. */
	if (BPF_CORE_READ(sock, sk, sk_protocol) == IPPROTO_SCTP)
		remember(CALL_OTHER_SEND, sock, msg, 0);
	return 0;
}

SEC("kretprobe/inet_sendmsg")
int BPF_KRETPROBE(on_message, int ret)
{
	struct call call;

	if (recall(CALL_OTHER_SEND, &call))
		leave_message((struct socket *)call.socket, (struct msghdr *)call.argument, ret);
	return 0;
}

/* match-proto: net/ipv4/udp.c: int udp_sendpage(struct sock *sk, struct page *page, int offset, size_t size, int flags); until 6.4 */
SEC("kprobe/udp_sendpage")
int BPF_KPROBE(on_page_send_entry, struct sock *sk)
{
	enter_page_send(sk);
	return 0;
}

SEC("kretprobe/udp_sendpage")
int BPF_KRETPROBE(on_page_send, int ret)
{
	leave_page_send(entered_socket(CALL_PAGE_SEND), ret);
	return 0;
}

/* The entry of a send on a raw, ping or packet socket, and its return. */
#define CRAFTED_SEND(function, name, type, enter, kind, hook)          \
	SEC("kprobe/" #function)                                       \
	int BPF_KPROBE(name##_entry, type *socket, struct msghdr *msg) \
	{                                                              \
		enter(socket, msg);                                    \
		return 0;                                              \
	}                                                              \
	SEC("kretprobe/" #function)                                    \
	int BPF_KRETPROBE(name, int ret)                               \
	{                                                              \
		leave_crafted_send(entered_socket(kind), kind, ret, hook); \
		return 0;                                              \
	}

CRAFTED_SEND(raw_sendmsg, on_raw_send4, struct sock, enter_raw_send, CALL_RAW_SEND, TATTLE_HOOK_RAW_SEND4)
CRAFTED_SEND(rawv6_sendmsg, on_raw_send6, struct sock, enter_raw_send, CALL_RAW_SEND, TATTLE_HOOK_RAW_SEND6)
CRAFTED_SEND(ping_v4_sendmsg, on_ping_send4, struct sock, enter_ping_send, CALL_PING_SEND, TATTLE_HOOK_PING_SEND4)
CRAFTED_SEND(ping_v6_sendmsg, on_ping_send6, struct sock, enter_ping_send, CALL_PING_SEND, TATTLE_HOOK_PING_SEND6)
CRAFTED_SEND(packet_sendmsg, on_packet_send, struct socket, enter_any_packet_send, CALL_PACKET_SEND, TATTLE_HOOK_PACKET_SEND)

CRAFTED_SEND(packet_sendmsg_spkt, on_old_packet_send, struct socket, enter_packet_send, CALL_PACKET_SEND, TATTLE_HOOK_OLD_PACKET_SEND)

SEC("kretprobe/packet_sendmsg")
int BPF_KRETPROBE(on_packet_ring, int ret)
{
	leave_ring_send(ret);
	return 0;
}

/* match-proto: security/security.c: void security_sk_free(struct sock *sk) */
SEC("kprobe/security_sk_free")
int BPF_KPROBE(on_socket_free, struct sock *sk)
{
	if (is_told_when_freed(sk))
		free_socket(sk);
	else if (is_of_connections(sk))
		note_unseen_end((__u64)sk);
	return 0;
}

/* match-proto: net/core/sock.c: void sock_def_wakeup(struct sock *sk) */
SEC("kprobe/sock_def_wakeup")
int BPF_KPROBE(on_wake_up, struct sock *sk)
{
	__u16 protocol = READ(sk, sk_protocol);

	if (protocol != IPPROTO_TCP && is_other_connection(READ(sk, __sk_common.skc_family), protocol))
		wake_up(sk, TATTLE_HOOK_WAKE_UP);
	return 0;
}

/* match-proto: net/core/sock.c: void sock_def_error_report(struct sock *sk) */
SEC("kprobe/sock_def_error_report")
int BPF_KPROBE(on_error_report, struct sock *sk)
{
	if (READ(sk, __sk_common.skc_family) == AF_VSOCK)
		wake_up(sk, TATTLE_HOOK_ERROR_REPORT);
	return 0;
}
