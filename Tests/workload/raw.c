/* SPDX-License-Identifier: GPL-2.0-only */
/* Raw IP sockets: the protocol is the socket's or, with a header of our own, the packet's. */
#define _GNU_SOURCE
#include "craft.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* RFC 3692: for experiments. */
#define PROTOCOL_EXPERIMENT 253
#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36
#endif

/* Options of kinds: the protocol, and how. */
enum {
	PROTOCOL_MASK = 0xff,
	OWN_HEADER = 0x100,   /* a socket of IPPROTO_RAW */
	HEADER_OPTION = 0x200,/* IP_HDRINCL on a socket of another protocol */
	CONNECTED = 0x400,
	MANY = 0x800,
	ELSEWHERE = 0x1000,   /* another address to send to than in the packet */
};

static int protocol_of(const struct kind *kind)
{
	return kind->option & PROTOCOL_MASK;
}

static int open_raw(const struct kind *kind, const struct address *to)
{
	int protocol = kind->option & OWN_HEADER ? IPPROTO_RAW : protocol_of(kind), fd, on = 1;

	/* The packet then is of another protocol than the socket. */
	if (kind->option & HEADER_OPTION)
		protocol = to->any.sa_family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	fd = socket(to->any.sa_family, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (kind->option & HEADER_OPTION) {
		if (to->any.sa_family == AF_INET)
			setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &on, sizeof(on));
		else
			setsockopt(fd, IPPROTO_IPV6, IPV6_HDRINCL, &on, sizeof(on));
	}
	return fd;
}

static struct address source_for(const struct address *to)
{
	return address_of(to->any.sa_family == AF_INET ? "127.0.0.1" : "::1", 0);
}

static int send_raw(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, has_ports(protocol_of(kind)) ? CLOSED_PORT : 0);
	struct address from = source_for(&to), where = to;
	int fd = open_raw(kind, &to), rounds = kind->option & MANY ? 5 : 1, seen = 0;
	bool is_connected = kind->option & CONNECTED;
	uint8_t packet[CRAFT_CAPACITY];
	struct expected *expected;
	size_t length;

	if (fd < 0)
		return problem(truth, MISSING, "no raw socket: %s", strerror(errno));
	/* A raw socket knows no ports, and IPv6 says so. */
	where.v4.sin_port = 0;
	/* Where the route is looked for, and not what the packet says. */
	if (kind->option & ELSEWHERE)
		where = address_of("127.0.0.2", 0);
	if (kind->option & (OWN_HEADER | HEADER_OPTION))
		length = craft_packet(packet, &from, &to, protocol_of(kind));
	else
		length = craft_body(packet, &from, &to, protocol_of(kind));
	if (is_connected && connect(fd, &where.any, where.length))
		return problem(truth, UNEXPECTED, "connect: %s", strerror(errno));
	expected = expect(truth, protocol_of(kind), &to, kind->result, kind->error);
	expected->via = "raw";
	if (kind->error == ENETUNREACH)
		expected->blocked_by = "route";
	if (kind->setup == SETUP_DROP)
		expected->blocked_by = "netfilter";
	if (!kind->error) {
		sent(expected, (unsigned int)rounds);
		expected->bytes_sent = (unsigned int)rounds * length;
	}
	for (int round = 0; round < rounds && !seen; round++) {
		if (is_connected)
			seen = error_of(send(fd, packet, length, 0));
		else
			seen = error_of(sendto(fd, packet, length, 0, &where.any, where.length));
	}
	close(fd);
	return check_errno(truth, "sendto", seen, kind->error);
}

static int connect_raw(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 0);
	int fd = open_raw(kind, &to), seen;
	struct expected *expected;

	if (kind->error) {
		expected = expect(truth, protocol_of(kind), &to, kind->result, kind->error);
		expected->via = "raw";
		expected->blocked_by = "route";
	}
	seen = error_of(connect(fd, &to.any, to.length));
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

const struct kind raw_kinds[] = {
	{ "raw4-icmp", SETUP_LOOPBACK, send_raw, "127.0.0.1", 0, "sent", "an echo request", IPPROTO_ICMP },
	{ "raw4-icmp-many", SETUP_LOOPBACK, send_raw, "127.0.0.1", 0, "sent", "five echo requests: one attempt", IPPROTO_ICMP | MANY },
	{ "raw4-protocol-253", SETUP_LOOPBACK, send_raw, "127.0.0.1", 0, "sent", "a protocol without a name", PROTOCOL_EXPERIMENT },
	{ "raw4-gre", SETUP_LOOPBACK, send_raw, "127.0.0.1", 0, "sent", "a protocol with a name", IPPROTO_GRE },
	{ "raw4-tcp", SETUP_LOOPBACK, send_raw, "127.0.0.1", 0, "sent", "a SYN by hand, the IP header is the kernel's", IPPROTO_TCP },
	{ "raw4-udp", SETUP_LOOPBACK, send_raw, "127.0.0.1", 0, "sent", "a datagram by hand, the IP header is the kernel's", IPPROTO_UDP },
	{ "raw4-header-icmp", SETUP_LOOPBACK, send_raw, "127.0.0.1", 0, "sent", "an echo request with its IP header", IPPROTO_ICMP | OWN_HEADER },
	{ "raw4-header-syn", SETUP_LOOPBACK, send_raw, "127.0.0.1", 0, "sent", "a SYN with its IP header", IPPROTO_TCP | OWN_HEADER },
	{ "raw4-header-udp", SETUP_LOOPBACK, send_raw, "127.0.0.1", 0, "sent", "a datagram with its IP header", IPPROTO_UDP | OWN_HEADER },
	{ "raw4-header-253", SETUP_LOOPBACK, send_raw, "127.0.0.1", 0, "sent", "a protocol without a name, with its IP header", PROTOCOL_EXPERIMENT | OWN_HEADER },
	{ "raw4-header-option", SETUP_LOOPBACK, send_raw, "127.0.0.1", 0, "sent", "IP_HDRINCL on an ICMP socket, and a SYN", IPPROTO_TCP | HEADER_OPTION },
	{ "raw4-connected", SETUP_LOOPBACK, send_raw, "127.0.0.1", 0, "sent", "connect(), then five sends", IPPROTO_ICMP | CONNECTED | MANY },
	{ "raw4-connect-only", SETUP_LOOPBACK, connect_raw, "127.0.0.1", 0, "", "connect() and nothing sent: no attempt", IPPROTO_ICMP },
	{ "raw4-connect-offline", SETUP_OFFLINE, connect_raw, SILENT4, ENETUNREACH, "unreachable", "connect() with no route", IPPROTO_ICMP },
	{ "raw4-offline", SETUP_OFFLINE, send_raw, SILENT4, ENETUNREACH, "unreachable", "with no route", IPPROTO_ICMP },
	{ "raw4-header-elsewhere", SETUP_LOOPBACK, send_raw, "127.0.0.1", 0, "sent", "the address of the send is another one than the header's", IPPROTO_UDP | OWN_HEADER | ELSEWHERE },
	{ "raw4-header-offline", SETUP_OFFLINE, send_raw, SILENT4, ENETUNREACH, "unreachable", "a SYN with its IP header, with no route", IPPROTO_TCP | OWN_HEADER },
	{ "raw4-route-prohibit", SETUP_ROUTES, send_raw, "203.0.113.33", EACCES, "denied", "a route of type prohibit", IPPROTO_ICMP },
	{ "raw4-nft-drop", SETUP_DROP, send_raw, SILENT4, EPERM, "denied", "nft drops it on its way out", PROTOCOL_EXPERIMENT },
	{ "raw6-icmp", SETUP_LOOPBACK, send_raw, "::1", 0, "sent", "an echo request", IPPROTO_ICMPV6 },
	{ "raw6-protocol-253", SETUP_LOOPBACK, send_raw, "::1", 0, "sent", "a protocol without a name", PROTOCOL_EXPERIMENT },
	{ "raw6-tcp", SETUP_LOOPBACK, send_raw, "::1", 0, "sent", "a SYN by hand, the IP header is the kernel's", IPPROTO_TCP },
	{ "raw6-header-syn", SETUP_LOOPBACK, send_raw, "::1", 0, "sent", "a SYN with its IP header", IPPROTO_TCP | OWN_HEADER },
	{ "raw6-header-option", SETUP_LOOPBACK, send_raw, "::1", 0, "sent", "IPV6_HDRINCL on an ICMPv6 socket, and a datagram", IPPROTO_UDP | HEADER_OPTION },
	{ "raw6-connected", SETUP_LOOPBACK, send_raw, "::1", 0, "sent", "connect(), then five sends", IPPROTO_ICMPV6 | CONNECTED | MANY },
	{ "raw6-connect-offline", SETUP_OFFLINE, connect_raw, SILENT6, ENETUNREACH, "unreachable", "connect() with no route", IPPROTO_ICMPV6 },
	{ "raw6-offline", SETUP_OFFLINE, send_raw, SILENT6, ENETUNREACH, "unreachable", "with no route", IPPROTO_ICMPV6 },
	{},
};
