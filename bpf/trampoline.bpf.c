// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Hook set `trampoline`: fentry and fexit, the cheapest and the most exact. Needs BTF and the
 * right to load BPF_PROG_TYPE_TRACING; 5.10 and later.
 */
/* Its programs are given the sockets: read.h. */
#define TATTLE_TYPED_SOCKETS
#ifdef TATTLE_UNINTERRUPTED
/* udp.h: by programs that are preempted. */
#define TATTLE_ENDS_MAY_BE_MISSED
#endif
#include "tattle.h"
#include "functions.h"

static __always_inline void leave_stream_connect(struct socket *sock, int result)
{
	struct sock *sk = sock->sk;

	/* Security modules were asked before, so EPERM comes from a cgroup program. */
	finish_connect((__u64)sk, result, is_answered(sk), take_refusal((__u64)sk, result, TATTLE_BLOCKED_BY_CGROUP),
		       TATTLE_HOOK_CONNECT_EXIT);
}

/* match-proto: net/ipv4/af_inet.c: int __inet_stream_connect(struct socket *sock, struct sockaddr *uaddr, int addr_len, int flags, int is_sendmsg) */
/* match-proto: net/ipv4/af_inet.c: int __inet_stream_connect(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len, int flags, int is_sendmsg); since 6.19 */
SEC("fentry/__inet_stream_connect")
int BPF_PROG(on_connect_entry, struct socket *sock, void *uaddr, int addr_len, int flags, int is_sendmsg)
{
	RUN(TATTLE_HOOK_CONNECT_ENTRY, enter_stream_connect(sock, uaddr, addr_len, is_sendmsg));
	return 0;
}

SEC("fexit/__inet_stream_connect")
int BPF_PROG(on_connect_exit, struct socket *sock, void *uaddr, int addr_len, int flags, int is_sendmsg, int ret)
{
	RUN(TATTLE_HOOK_CONNECT_EXIT, leave_stream_connect(sock, ret));
	return 0;
}

/* match-proto: net/ipv4/tcp_output.c: int tcp_connect(struct sock *sk) */
SEC("fexit/tcp_connect")
int BPF_PROG(on_syn, struct sock *sk, int ret)
{
	RUN(TATTLE_HOOK_SYN, leave_tcp_connect(sk, ret));
	return 0;
}

/* match-proto: security/security.c: int security_socket_connect(struct socket *sock, struct sockaddr *address, int addrlen) */
SEC("fexit/security_socket_connect")
int BPF_PROG(on_security_connect, struct socket *sock, void *address, int addrlen, int ret)
{
	RUN(TATTLE_HOOK_LSM, leave_security_connect(sock, address, addrlen, ret));
	return 0;
}

/* match-proto: net/ipv4/af_inet.c: int inet_dgram_connect(struct socket *sock, struct sockaddr *uaddr, int addr_len, int flags) */
/* match-proto: net/ipv4/af_inet.c: int inet_dgram_connect(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len, int flags); since 6.19 */
SEC("fexit/inet_dgram_connect")
int BPF_PROG(on_datagram_connect, struct socket *sock, void *uaddr, int addr_len, int flags, int ret)
{
	RUN(TATTLE_HOOK_DATAGRAM_CONNECT, leave_datagram_connect(sock, uaddr, addr_len, ret));
	return 0;
}

/* match-proto: net/ipv4/udp.c: int udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len) */
SEC("fexit/udp_sendmsg")
int BPF_PROG(on_send4, struct sock *sk, struct msghdr *msg, __u64 len, int ret)
{
	RUN(TATTLE_HOOK_DATAGRAM_SEND4, leave_send4(sk, msg, ret));
	return 0;
}

/* match-proto: net/ipv6/udp.c: int udpv6_sendmsg(struct sock *sk, struct msghdr *msg, size_t len) */
SEC("fexit/udpv6_sendmsg")
int BPF_PROG(on_send6, struct sock *sk, struct msghdr *msg, __u64 len, int ret)
{
	RUN(TATTLE_HOOK_DATAGRAM_SEND6, leave_send6(sk, msg, ret));
	return 0;
}

/* match-proto: net/ipv4/udp.c: void udp_destroy_sock(struct sock *sk) */
SEC("fentry/udp_destroy_sock")
int BPF_PROG(on_socket_end, struct sock *sk)
{
	RUN(TATTLE_HOOK_SOCKET_END, end_socket((__u64)sk, TATTLE_HOOK_SOCKET_END));
	return 0;
}

/* match-proto: net/ipv6/udp.c: void udpv6_destroy_sock(struct sock *sk) */
SEC("fentry/udpv6_destroy_sock")
int BPF_PROG(on_socket_end6, struct sock *sk)
{
	RUN(TATTLE_HOOK_SOCKET_END6, end_socket((__u64)sk, TATTLE_HOOK_SOCKET_END6));
	return 0;
}

/* match-proto: net/socket.c: int __sys_connect_file(struct file *file, struct sockaddr_storage *address, int addrlen, int file_flags) */
SEC("fexit/__sys_connect_file")
int BPF_PROG(on_any_connect, struct file *file, void *address, int addrlen, int file_flags, int ret)
{
	if (ends_by_return(file))
		RUN(TATTLE_HOOK_OTHER_CONNECT, leave_any_connect(file, ret));
	return 0;
}

/* match-proto: security/security.c: int security_sctp_bind_connect(struct sock *sk, int optname, struct sockaddr *address, int addrlen) */
SEC("fexit/security_sctp_bind_connect")
int BPF_PROG(on_associate, struct sock *sk, int optname, void *address, int addrlen, int ret)
{
	RUN(TATTLE_HOOK_ASSOCIATE, associate(sk, optname, address, addrlen, ret));
	return 0;
}

/* match-proto: security/security.c: int security_socket_sendmsg(struct socket *sock, struct msghdr *msg, int size) */
SEC("fexit/security_socket_sendmsg")
int BPF_PROG(on_security_send, struct socket *sock, struct msghdr *msg, int size, int ret)
{
	/* Every message of the machine comes by. */
	if (ret)
		UNINTERRUPTED(leave_security_send(sock, msg, ret));
	return 0;
}

/* match-proto: net/ipv4/udp.c: int udp_sendpage(struct sock *sk, struct page *page, int offset, size_t size, int flags); until 6.4 */
SEC("fentry/udp_sendpage")
int BPF_PROG(on_page_send_entry, struct sock *sk)
{
	UNINTERRUPTED(enter_page_send(sk));
	return 0;
}

SEC("fexit/udp_sendpage")
int BPF_PROG(on_page_send, struct sock *sk, void *page, int offset, __u64 size, int flags, int ret)
{
	UNINTERRUPTED(leave_page_send(sk, ret));
	return 0;
}

/* Whether a socket of IP sends to many in order, as SCTP's alone may. */
static __always_inline bool is_to_many(struct socket *sock)
{
	return sock->type == SOCK_SEQPACKET;
}

/* match-proto: net/ipv4/af_inet.c: int inet_sendmsg(struct socket *sock, struct msghdr *msg, size_t size) */
SEC("fexit/inet_sendmsg")
int BPF_PROG(on_message, struct socket *sock, struct msghdr *msg, __u64 size, int ret)
{
	/* Every message to an IPv4 peer comes by, each write on a TCP connection too. */
	if (is_to_many(sock))
		RUN(TATTLE_HOOK_OTHER_SEND, leave_message(sock, msg, ret));
	return 0;
}

/* The entry of a send on a raw, ping or packet socket, its return, and the stand-ins of that. */
#define CRAFTED_SEND(function, name, type, sk, enter, kind, hook)                                            \
	SEC("fentry/" #function)                                                                             \
	int BPF_PROG(name##_entry, type *socket, struct msghdr *msg)                                         \
	{                                                                                                    \
		UNINTERRUPTED(enter(socket, msg));                                                           \
		return 0;                                                                                    \
	}                                                                                                    \
	SEC("fexit/" #function)                                                                              \
	int BPF_PROG(name, type *socket, struct msghdr *msg, __u64 len, int ret)                             \
	{                                                                                                    \
		RUN(hook, leave_crafted_send(sk, kind, ret, hook));                                          \
		return 0;                                                                                    \
	}                                                                                                    \
	TRACING_STAND_INS("fexit/" #function, name, hook, leave_crafted_send(sk, kind, ret, hook),           \
			  type *socket, struct msghdr *msg, __u64 len, int ret)

/* match-proto: net/ipv4/raw.c: int raw_sendmsg(struct sock *sk, struct msghdr *msg, size_t len) */
CRAFTED_SEND(raw_sendmsg, on_raw_send4, struct sock, socket, enter_raw_send, CALL_RAW_SEND, TATTLE_HOOK_RAW_SEND4)

/* match-proto: net/ipv6/raw.c: int rawv6_sendmsg(struct sock *sk, struct msghdr *msg, size_t len) */
CRAFTED_SEND(rawv6_sendmsg, on_raw_send6, struct sock, socket, enter_raw_send, CALL_RAW_SEND, TATTLE_HOOK_RAW_SEND6)

/* match-proto: net/ipv4/ping.c: int ping_v4_sendmsg(struct sock *sk, struct msghdr *msg, size_t len) */
CRAFTED_SEND(ping_v4_sendmsg, on_ping_send4, struct sock, socket, enter_ping_send, CALL_PING_SEND, TATTLE_HOOK_PING_SEND4)

/* match-proto: net/ipv6/ping.c: int ping_v6_sendmsg(struct sock *sk, struct msghdr *msg, size_t len) */
CRAFTED_SEND(ping_v6_sendmsg, on_ping_send6, struct sock, socket, enter_ping_send, CALL_PING_SEND, TATTLE_HOOK_PING_SEND6)

/* match-proto: net/packet/af_packet.c: int packet_sendmsg(struct socket *sock, struct msghdr *msg, size_t len) */
CRAFTED_SEND(packet_sendmsg, on_packet_send, struct socket, socket->sk, enter_any_packet_send, CALL_PACKET_SEND, TATTLE_HOOK_PACKET_SEND)

/* match-proto: net/packet/af_packet.c: int packet_sendmsg_spkt(struct socket *sock, struct msghdr *msg, size_t len) */
CRAFTED_SEND(packet_sendmsg_spkt, on_old_packet_send, struct socket, socket->sk, enter_packet_send, CALL_PACKET_SEND, TATTLE_HOOK_OLD_PACKET_SEND)

SEC("fexit/packet_sendmsg")
int BPF_PROG(on_packet_ring, struct socket *socket, struct msghdr *msg, __u64 len, int ret)
{
	if (has_transmit_ring(socket->sk))
		leave_ring_send(ret);
	return 0;
}

/* match-proto: security/security.c: void security_sk_free(struct sock *sk) */
SEC("fentry/security_sk_free")
int BPF_PROG(on_socket_free, struct sock *sk)
{
	if (is_told_when_freed(sk))
		UNINTERRUPTED(free_socket(sk));
	else if (is_of_connections(sk))
		note_unseen_end((__u64)sk);
	return 0;
}

/* match-proto: net/core/sock.c: void sock_def_wakeup(struct sock *sk) */
SEC("fentry/sock_def_wakeup")
int BPF_PROG(on_wake_up, struct sock *sk)
{
	/* Every TCP connection comes by. */
	if (sk->sk_protocol != IPPROTO_TCP && is_other_connection(sk->__sk_common.skc_family, sk->sk_protocol))
		UNINTERRUPTED(wake_up(sk, TATTLE_HOOK_WAKE_UP));
	return 0;
}

/* match-proto: net/core/sock.c: void sock_def_error_report(struct sock *sk) */
SEC("fentry/sock_def_error_report")
int BPF_PROG(on_error_report, struct sock *sk)
{
	/* What SCTP reports so may be no end: net/sctp/input.c sctp_v4_err_handle() */
	if (sk->__sk_common.skc_family == AF_VSOCK)
		UNINTERRUPTED(wake_up(sk, TATTLE_HOOK_ERROR_REPORT));
	return 0;
}

/* match-proto: kernel/bpf/cgroup.c: int __cgroup_bpf_run_filter_sock_addr(struct sock *sk, struct sockaddr *uaddr, …) */
/* match-proto: kernel/bpf/cgroup.c: int __cgroup_bpf_run_filter_sock_addr(struct sock *sk, struct sockaddr_unsized *uaddr, …); since 6.19 */
SEC("fexit/__cgroup_bpf_run_filter_sock_addr")
int on_address_filter(unsigned long long *ctx)
{
	__u64 result = 0;

	/* What it returned stands behind its parameters, of which it got more: in 5.12 and 6.7. */
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_func_ret))
		bpf_get_func_ret(ctx, &result);
	else if (LINUX_KERNEL_VERSION < KERNEL_VERSION_5_12)
		result = load_argument(ctx, 4);
	else
		result = load_argument(ctx, 5);
	if ((int)result < 0)
		UNINTERRUPTED(note_refusal(ctx[0], TATTLE_BLOCKED_BY_CGROUP));
	return 0;
}

/* match-proto: kernel/bpf/cgroup.c: int __cgroup_bpf_run_filter_skb(struct sock *sk, struct sk_buff *skb, enum cgroup_bpf_attach_type atype) */
/* match-proto: kernel/bpf/cgroup.c: int __cgroup_bpf_run_filter_skb(struct sock *sk, struct sk_buff *skb, enum bpf_attach_type type); before 5.15 */
SEC("fexit/__cgroup_bpf_run_filter_skb")
int BPF_PROG(on_packet_filter, struct sock *sk, struct sk_buff *skb, int type, int ret)
{
	if (ret < 0)
		UNINTERRUPTED(refuse_packet(sk, TATTLE_BLOCKED_BY_CGROUP));
	return 0;
}

TRACING_STAND_INS("fentry/__inet_stream_connect", on_connect_entry, TATTLE_HOOK_CONNECT_ENTRY,
		  enter_stream_connect(sock, uaddr, addr_len, is_sendmsg),
		  struct socket *sock, void *uaddr, int addr_len, int flags, int is_sendmsg)
TRACING_STAND_INS("fexit/__inet_stream_connect", on_connect_exit, TATTLE_HOOK_CONNECT_EXIT,
		  leave_stream_connect(sock, ret),
		  struct socket *sock, void *uaddr, int addr_len, int flags, int is_sendmsg, int ret)
TRACING_STAND_INS("fexit/tcp_connect", on_syn, TATTLE_HOOK_SYN,
		  leave_tcp_connect(sk, ret),
		  struct sock *sk, int ret)
TRACING_STAND_INS("fexit/security_socket_connect", on_security_connect, TATTLE_HOOK_LSM,
		  leave_security_connect(sock, address, addrlen, ret),
		  struct socket *sock, void *address, int addrlen, int ret)
TRACING_STAND_INS("fexit/inet_dgram_connect", on_datagram_connect, TATTLE_HOOK_DATAGRAM_CONNECT,
		  leave_datagram_connect(sock, uaddr, addr_len, ret),
		  struct socket *sock, void *uaddr, int addr_len, int flags, int ret)
TRACING_STAND_INS("fexit/udp_sendmsg", on_send4, TATTLE_HOOK_DATAGRAM_SEND4,
		  leave_send4(sk, msg, ret),
		  struct sock *sk, struct msghdr *msg, __u64 len, int ret)
TRACING_STAND_INS("fexit/udpv6_sendmsg", on_send6, TATTLE_HOOK_DATAGRAM_SEND6,
		  leave_send6(sk, msg, ret),
		  struct sock *sk, struct msghdr *msg, __u64 len, int ret)
TRACING_STAND_INS("fentry/udp_destroy_sock", on_socket_end, TATTLE_HOOK_SOCKET_END,
		  end_socket((__u64)sk, TATTLE_HOOK_SOCKET_END),
		  struct sock *sk)
TRACING_STAND_INS("fentry/udpv6_destroy_sock", on_socket_end6, TATTLE_HOOK_SOCKET_END6,
		  end_socket((__u64)sk, TATTLE_HOOK_SOCKET_END6),
		  struct sock *sk)
TRACING_STAND_INS_IF("fexit/__sys_connect_file", on_any_connect, TATTLE_HOOK_OTHER_CONNECT,
		     ends_by_return(file), leave_any_connect(file, ret),
		     struct file *file, void *address, int addrlen, int file_flags, int ret)
TRACING_STAND_INS("fexit/security_sctp_bind_connect", on_associate, TATTLE_HOOK_ASSOCIATE,
		  associate(sk, optname, address, addrlen, ret),
		  struct sock *sk, int optname, void *address, int addrlen, int ret)
TRACING_STAND_INS_IF("fexit/inet_sendmsg", on_message, TATTLE_HOOK_OTHER_SEND,
		     is_to_many(sock), leave_message(sock, msg, ret),
		     struct socket *sock, struct msghdr *msg, __u64 size, int ret)
