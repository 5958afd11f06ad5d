/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Sends on raw IP, ping and packet sockets. What a program put together itself says where it goes:
 * protocol, port and, on packet sockets, addresses are read from the packet at the function's entry.
 */
#ifndef TATTLE_RAW_H
#define TATTLE_RAW_H

#include "payload.h"

#define SOCK_DGRAM 2
#define SOCK_PACKET 10
#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define ETH_P_8021Q 0x8100
#define ETHERNET_HEADER_LENGTH 14
#define VLAN_TAG_LENGTH 4
#define VIRTUAL_HEADER_LENGTH 10 /* struct virtio_net_hdr; chosen by the program since 6.6 */
#define IPV6_HEADER_LENGTH 40
#define INET_FLAGS_HDRINCL 12 /* include/net/inet_sock.h */

/* The destination port of a transport header, where the protocol has it as bytes 2 and 3. */
static __always_inline __be16 read_port(const struct payload *payload, __u32 offset, __u16 protocol)
{
	__be16 port = 0;

	if (protocol == IPPROTO_TCP || is_datagram_protocol(protocol) || protocol == IPPROTO_SCTP ||
	    protocol == IPPROTO_DCCP)
		read_payload(&port, sizeof(port), payload, offset + 2);
	return port;
}

/* Takes protocol, port and, if asked for, addresses from an IP header; false: it is none. */
static __always_inline bool read_packet(struct destination *to, __u16 *protocol, const struct payload *payload,
					__u32 offset, bool wants_address)
{
	__u8 header[IPV6_HEADER_LENGTH] = {};
	__u8 version;

	if (!read_payload(header, 20, payload, offset))
		return false;
	version = header[0] >> 4;
	if (version == 4) {
		*protocol = header[9];
		if (wants_address) {
			to->family = AF_INET;
			set_mapped(to->address, *(__be32 *)(header + 16));
		}
		to->port_be = read_port(payload, offset + (header[0] & 15) * 4, *protocol);
		return true;
	}
	if (version != 6 || !read_payload(header, sizeof(header), payload, offset))
		return false;
	*protocol = header[6];
	if (wants_address) {
		to->family = AF_INET6;
		__builtin_memcpy(to->address, header + 24, 16);
	}
	to->port_be = read_port(payload, offset + IPV6_HEADER_LENGTH, *protocol);
	return true;
}

/* Whether the program writes the IP header itself. */
static __always_inline bool has_own_header(struct sock *sk)
{
	struct inet_sock *inet = (struct inet_sock *)sk;

	if (bpf_core_field_exists(inet->hdrincl))
		return BPF_CORE_READ_BITFIELD_PROBED(inet, hdrincl);
	return BPF_CORE_READ(inet, inet_flags) & 1UL << INET_FLAGS_HDRINCL;
}

/* Where a message on an IP socket goes: its own address, or that of the socket's peer. */
static __always_inline bool read_message_destination(struct destination *to, struct sock *sk, struct msghdr *message)
{
	void *name = READ(message, msg_name);
	const __u64 *words = (const __u64 *)to->address;

	if (name)
		return read_destination(to, name, READ(message, msg_namelen), ADDRESS_OF_SEND);
	read_peer(to, sk, READ(sk, __sk_common.skc_family) == AF_INET);
	/* Not connected: nobody was meant. */
	return words[0] || (words[1] && words[1] != bpf_cpu_to_be64(0xffff00000000ULL));
}

/* The send on `sk` that a thread entered with returned `result`. */
static __always_inline void leave_crafted_send(struct sock *sk, enum call_kind kind, long result, __u8 hook)
{
	__u64 key = call_key(kind);
	struct call *call = find_call(key);
	struct destination to;
	struct send send;

	if (!call)
		return;
	destination_of(call, &to);
	/* Some do not tell the program what became of the packet. */
	send = send_of(sk, call->socket, call->protocol, result, take_note(call->socket), hook);
	drop_call(key);
	if (!send.blocked_by && result == -EPERM)
		send.blocked_by = TATTLE_BLOCKED_BY_NETFILTER;
	send.blocked_by = forget(send.blocked_by, send.now);
	forget_destination(&to, send.now);
	account_send(&send, &to);
}

static __always_inline void enter_raw_send(struct sock *sk, struct msghdr *message)
{
	__u16 protocol = READ(sk, sk_protocol);
	struct payload payload;
	struct destination to;

	if (!read_message_destination(&to, sk, message))
		return;
	/* Raw IPv6 sockets take a protocol in the port's place. */
	to.port_be = 0;
	if (find_payload(&payload, message)) {
		/* The address of the send is where the route is looked for, the header's where the packet goes. */
		if (has_own_header(sk))
			read_packet(&to, &protocol, &payload, 0, true);
		else
			to.port_be = read_port(&payload, 0, protocol);
	}
	remember_send(CALL_RAW_SEND, sk, &to, protocol);
}

static __always_inline void enter_ping_send(struct sock *sk, struct msghdr *message)
{
	struct destination to;

	if (!read_message_destination(&to, sk, message))
		return;
	to.port_be = 0;
	remember_send(CALL_PING_SEND, sk, &to, READ(sk, sk_protocol));
}

/* No IP in the frame: the neighbour that it is for. */
static __always_inline void set_link(struct destination *to, const __u8 *hardware_address, __be16 ethertype)
{
	__builtin_memset(to->address, 0, sizeof(to->address));
	__builtin_memcpy(to->address, hardware_address, 6);
	__builtin_memcpy(to->address + 6, &ethertype, sizeof(ethertype));
	to->family = AF_PACKET;
}

/* Bytes before the frame of a socket with PACKET_VNET_HDR. */
static __always_inline __u32 virtual_header_length(struct packet_sock *packet)
{
	if (bpf_core_field_exists(packet->vnet_hdr_sz))
		return BPF_CORE_READ(packet, vnet_hdr_sz);
	if (bpf_core_field_exists(packet->has_vnet_hdr))
		return BPF_CORE_READ_BITFIELD_PROBED(packet, has_vnet_hdr) ? VIRTUAL_HEADER_LENGTH : 0;
	return 0;
}

/*
 * Where a frame goes. `name`: the sockaddr_ll of the send, or NULL; `payload`: NULL if it is in no memory that can be
 * named. What cannot be read, as memory that was never touched, goes where the socket's address says.
 */
static __always_inline void read_frame(struct destination *to, __u16 *protocol, const struct payload *payload,
				       struct sock *sk, const void *name)
{
	__u8 frame[ETHERNET_HEADER_LENGTH] = {};
	struct sockaddr_ll link = {};
	__u32 offset = virtual_header_length((struct packet_sock *)sk);
	__u16 type = BPF_CORE_READ(sk, sk_type);
	__be16 ethertype;

	__builtin_memset(to, 0, sizeof(*to));
	*protocol = 0;
	/* SOCK_PACKET has an address of another kind, and the link's in the frame. */
	if (name && type != SOCK_PACKET)
		bpf_probe_read_kernel(&link, sizeof(link), name);
	ethertype = link.sll_protocol ? link.sll_protocol : BPF_CORE_READ((struct packet_sock *)sk, num);
	if (type != SOCK_DGRAM) {
		if (!payload || !read_payload(frame, sizeof(frame), payload, offset)) {
			set_link(to, link.sll_addr, ethertype);
			return;
		}
		ethertype = *(__be16 *)(frame + 12);
		offset += ETHERNET_HEADER_LENGTH;
		if (ethertype == bpf_htons(ETH_P_8021Q)) {
			read_payload(&ethertype, sizeof(ethertype), payload, offset + 2);
			offset += VLAN_TAG_LENGTH;
		}
		__builtin_memcpy(link.sll_addr, frame, 6);
	}
	if ((ethertype != bpf_htons(ETH_P_IP) && ethertype != bpf_htons(ETH_P_IPV6)) || !payload ||
	    !read_packet(to, protocol, payload, offset, true))
		set_link(to, link.sll_addr, ethertype);
}

static __always_inline void enter_packet_send(struct socket *socket, struct msghdr *message)
{
	struct sock *sk = READ(socket, sk);
	struct payload payload;
	struct destination to;
	__u16 protocol;
	bool is_found = find_payload(&payload, message);

	read_frame(&to, &protocol, is_found ? &payload : NULL, sk, READ(message, msg_name));
	remember_send(CALL_PACKET_SEND, sk, &to, protocol);
}

/*
 * Whether the end of a socket is told when its memory is freed. Every socket of the machine comes by; UDP's ends are
 * told before (udp_destroy_sock()), TCP's are a state.
 */
static __always_inline bool is_told_when_freed(struct sock *sk)
{
	__u16 type = READ(sk, sk_type), protocol = READ(sk, sk_protocol), family;

	if (type == SOCK_RAW)
		return true;
	/* Next to all that come by. */
	if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP)
		return false;
	family = READ(sk, __sk_common.skc_family);
	return family == AF_PACKET || family == AF_VSOCK || protocol == IPPROTO_SCTP ||
	       ((family == AF_INET || family == AF_INET6) && (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6));
}

/* Whether it may have an attempt that should be over. */
static __always_inline bool is_of_connections(struct sock *sk)
{
	return READ(sk, sk_protocol) == IPPROTO_TCP;
}

static __always_inline void free_socket(struct sock *sk)
{
	__u16 family = READ(sk, __sk_common.skc_family), protocol = READ(sk, sk_protocol);

	if (is_other_connection(family, protocol))
		end_association(sk, TATTLE_HOOK_SOCKET_FREE);
	if (family != AF_VSOCK)
		end_socket((__u64)sk, TATTLE_HOOK_SOCKET_FREE);
}

#endif
