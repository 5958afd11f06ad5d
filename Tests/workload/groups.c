/* SPDX-License-Identifier: GPL-2.0-only */
/* Broadcast and multicast. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

/* Options of kinds. */
enum {
	ALLOWED = 1, /* SO_BROADCAST */
	DEVICE = 2,  /* SO_BINDTODEVICE, in place of a route */
	DIRECTED = 4,/* a subnet's broadcast address, which only the routes know */
	CONNECT = 8,
};

static bool choose_interface(int fd, const struct address *to)
{
	struct ip_mreqn interface = { .imr_ifindex = (int)if_nametoindex("near") };

	if (to->any.sa_family == AF_INET)
		return !setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof(interface));
	return !setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &interface.imr_ifindex, sizeof(int));
}

static int send_to_all(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 5353);
	int fd = new_socket(&to, SOCK_DGRAM), on = 1, seen;
	struct expected *expected;

	if (kind->option & ALLOWED)
		setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
	if (kind->option & DEVICE && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "near", 5))
		return problem(truth, UNEXPECTED, "SO_BINDTODEVICE: %s", strerror(errno));
	expected = expect(truth, IPPROTO_UDP, &to, kind->result, kind->error);
	if (kind->option & DIRECTED)
		expected->scope = "broadcast";
	if (kind->option & DEVICE)
		expected->interface_index = if_nametoindex("near");
	if (kind->error == ENETUNREACH)
		expected->blocked_by = "route";
	if (!strcmp(expected->scope, "multicast") && !kind->error && !choose_interface(fd, &to))
		return problem(truth, UNEXPECTED, "MULTICAST_IF: %s", strerror(errno));
	if (!kind->error)
		sent(expected, 1);
	if (kind->option & CONNECT)
		seen = error_of(connect(fd, &to.any, to.length));
	else
		seen = error_of(sendto(fd, "0123456789", 10, 0, &to.any, to.length));
	close(fd);
	return check_errno(truth, kind->option & CONNECT ? "connect" : "sendto", seen, kind->error);
}

/* TCP knows no groups. */
static int connect_to_all(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 443);
	int fd = new_socket(&to, SOCK_STREAM), seen;

	expect(truth, IPPROTO_TCP, &to, kind->result, kind->error)->blocked_by = "route";
	seen = error_of(connect(fd, &to.any, to.length));
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

const struct kind group_kinds[] = {
	{ "udp4-broadcast", SETUP_ROUTED, send_to_all, "255.255.255.255", 0, "sent", "SO_BROADCAST, by an interface", ALLOWED | DEVICE },
	{ "udp4-broadcast-forbidden", SETUP_ROUTED, send_to_all, "255.255.255.255", EACCES, "denied", "without SO_BROADCAST", DEVICE },
	{ "udp4-broadcast-offline", SETUP_OFFLINE, send_to_all, "255.255.255.255", ENETUNREACH, "unreachable", "with no route", ALLOWED },
	{ "udp4-subnet-broadcast", SETUP_ROUTED, send_to_all, "192.0.2.255", 0, "sent", "a subnet's broadcast address", ALLOWED | DIRECTED },
	{ "udp4-subnet-broadcast-forbidden", SETUP_ROUTED, send_to_all, "192.0.2.255", EACCES, "denied", "the same without SO_BROADCAST", DIRECTED },
	{ "udp4-connect-broadcast-forbidden", SETUP_ROUTED, send_to_all, "192.0.2.255", EACCES, "denied", "connect() without SO_BROADCAST", DIRECTED | CONNECT },
	{ "udp4-multicast", SETUP_ROUTED, send_to_all, "239.1.2.3", 0, "sent", "IP_MULTICAST_IF" },
	{ "udp6-multicast", SETUP_ROUTED, send_to_all, "ff05::1:3", 0, "sent", "IPV6_MULTICAST_IF" },
	{ "udp6-multicast-link", SETUP_ROUTED, send_to_all, "ff02::fb", 0, "sent", "link-local scope, IPV6_MULTICAST_IF" },
	{ "udp4-multicast-offline", SETUP_OFFLINE, send_to_all, "239.1.2.3", ENETUNREACH, "unreachable", "with no route" },
	{ "udp6-multicast-offline", SETUP_OFFLINE, send_to_all, "ff05::1:3", ENETUNREACH, "unreachable", "with no route" },
	{ "tcp4-multicast", SETUP_ROUTED, connect_to_all, "239.1.2.3", ENETUNREACH, "unreachable", "TCP knows no groups" },
	{ "tcp6-multicast", SETUP_ROUTED, connect_to_all, "ff05::1:3", ENETUNREACH, "unreachable", "TCP knows no groups" },
	{},
};
