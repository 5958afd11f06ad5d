/* SPDX-License-Identifier: GPL-2.0-only */
/* Ping sockets: ICMP echo requests without rights, net.ipv4.ping_group_range. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Options of kinds. */
enum {
	UNCONNECTED,
	CONNECTED,
	ONLY_CONNECT,
};

static int protocol_of(const struct address *to)
{
	return to->any.sa_family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
}

static int open_ping(struct truth *truth, const struct address *to)
{
	int fd;

	write_file("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
	fd = socket(to->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, protocol_of(to));
	if (fd < 0)
		problem(truth, MISSING, "no ping sockets: %s", strerror(errno));
	return fd;
}

static int echo(int fd, const struct address *to, bool is_connected)
{
	struct icmphdr request = { .type = to->any.sa_family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST };

	if (is_connected)
		return error_of(send(fd, &request, sizeof(request), 0));
	return error_of(sendto(fd, &request, sizeof(request), 0, &to->any, to->length));
}

static int fail(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 0);
	int fd = open_ping(truth, &to), seen;
	struct expected *expected;

	if (fd < 0)
		return MISSING;
	expected = expect(truth, protocol_of(&to), &to, kind->result, kind->error);
	if (kind->error == ENETUNREACH)
		expected->blocked_by = "route";
	seen = kind->option == CONNECTED ? error_of(connect(fd, &to.any, to.length)) : echo(fd, &to, false);
	close(fd);
	return check_errno(truth, kind->option == CONNECTED ? "connect" : "sendto", seen, kind->error);
}

/* Three requests, three answers. */
static int be_answered(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 0);
	int fd = open_ping(truth, &to), seen = 0;
	struct expected *expected;
	char answer[64];

	if (fd < 0)
		return MISSING;
	if (kind->option && connect(fd, &to.any, to.length))
		return problem(truth, UNEXPECTED, "connect: %s", strerror(errno));
	if (kind->option == ONLY_CONNECT)
		return AS_EXPECTED;
	expected = expect(truth, protocol_of(&to), &to, kind->result, 0);
	sent(expected, 3);
	expected->bytes_sent = 3 * sizeof(struct icmphdr);
	for (int round = 0; round < 3 && !seen; round++) {
		seen = echo(fd, &to, kind->option == CONNECTED);
		if (!seen && (poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 60000) != 1 ||
			      recv(fd, answer, sizeof(answer), 0) != sizeof(struct icmphdr)))
			return problem(truth, UNEXPECTED, "no answer came");
	}
	close(fd);
	return check_errno(truth, "sendto", seen, 0);
}

const struct kind ping_kinds[] = {
	{ "ping4", SETUP_LOOPBACK, be_answered, "127.0.0.1", 0, "sent", "three requests, answered", UNCONNECTED },
	{ "ping6", SETUP_LOOPBACK, be_answered, "::1", 0, "sent", "three requests, answered", UNCONNECTED },
	{ "ping4-connected", SETUP_LOOPBACK, be_answered, "127.0.0.1", 0, "sent", "the same, connected", CONNECTED },
	{ "ping6-connected", SETUP_LOOPBACK, be_answered, "::1", 0, "sent", "the same, connected", CONNECTED },
	{ "ping4-connect-only", SETUP_LOOPBACK, be_answered, "127.0.0.1", 0, "", "connect() and nothing sent: no attempt", ONLY_CONNECT },
	{ "ping4-offline", SETUP_OFFLINE, fail, SILENT4, ENETUNREACH, "unreachable", "with no route", UNCONNECTED },
	{ "ping6-offline", SETUP_OFFLINE, fail, SILENT6, ENETUNREACH, "unreachable", "with no route", UNCONNECTED },
	{ "ping4-connect-offline", SETUP_OFFLINE, fail, SILENT4, ENETUNREACH, "unreachable", "connect() with no route", CONNECTED },
	{ "ping6-connect-offline", SETUP_OFFLINE, fail, SILENT6, ENETUNREACH, "unreachable", "connect() with no route", CONNECTED },
	{ "ping4-route-prohibit", SETUP_ROUTES, fail, "203.0.113.33", EACCES, "denied", "a route of type prohibit", UNCONNECTED },
	{},
};
