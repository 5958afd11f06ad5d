// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Hook set `trampoline`: fentry and fexit, the cheapest and the most exact. Needs BTF and the
 * right to load BPF_PROG_TYPE_TRACING; 5.10 and later.
 */
#include "tattle.h"
#include "functions.h"

static __always_inline void leave_stream_connect(struct socket *sock, int result)
{
	/* Security modules were asked before, so EPERM comes from a cgroup program. */
	finish_connect((__u64)BPF_CORE_READ(sock, sk), result,
		       result == -EPERM ? TATTLE_BLOCKED_BY_CGROUP : TATTLE_BLOCKED_BY_NONE, TATTLE_HOOK_CONNECT_EXIT);
}

/* match-proto: net/ipv4/af_inet.c: int __inet_stream_connect(struct socket *sock, struct sockaddr *uaddr, int addr_len, int flags, int is_sendmsg) */
/* match-proto: net/ipv4/af_inet.c: int __inet_stream_connect(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len, int flags, int is_sendmsg); since 6.19 */
SEC("fentry/__inet_stream_connect")
int BPF_PROG(on_connect_entry, struct socket *sock, void *uaddr, int addr_len)
{
	RUN(TATTLE_HOOK_CONNECT_ENTRY, enter_stream_connect(sock, uaddr, addr_len));
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
	RUN(TATTLE_HOOK_SYN, mark_syn(sk, (__u64)sk, ret, TATTLE_HOOK_SYN));
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

TRACING_STAND_INS("fentry/__inet_stream_connect", on_connect_entry, TATTLE_HOOK_CONNECT_ENTRY,
		  enter_stream_connect(sock, uaddr, addr_len),
		  struct socket *sock, void *uaddr, int addr_len)
TRACING_STAND_INS("fexit/__inet_stream_connect", on_connect_exit, TATTLE_HOOK_CONNECT_EXIT,
		  leave_stream_connect(sock, ret),
		  struct socket *sock, void *uaddr, int addr_len, int flags, int is_sendmsg, int ret)
TRACING_STAND_INS("fexit/tcp_connect", on_syn, TATTLE_HOOK_SYN,
		  mark_syn(sk, (__u64)sk, ret, TATTLE_HOOK_SYN),
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
