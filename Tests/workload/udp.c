/* SPDX-License-Identifier: GPL-2.0-only */
/* UDP: the first datagram of a socket to a destination is the attempt. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY 20

static uint16_t port_of(const struct kind *kind)
{
	if (kind->setup == SETUP_DROP)
		return FILTERED_PORT;
	return kind->setup == SETUP_LOOPBACK ? CLOSED_PORT : 53;
}

int error_of(ssize_t result)
{
	return result < 0 ? errno : 0;
}

void sent(struct expected *expected, unsigned int datagrams)
{
	expected->has_disconnect = true;
	expected->datagrams = datagrams;
	expected->sends = datagrams;
	expected->bytes_sent = 10 * datagrams;
}

static int send_once(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, port_of(kind));
	int fd = new_socket(&to, SOCK_DGRAM);
	struct expected *expected = expect(truth, IPPROTO_UDP, &to, kind->result, kind->error);
	int seen = error_of(sendto(fd, "0123456789", 10, 0, &to.any, to.length));

	if (kind->error == ENETUNREACH || kind->error == EHOSTUNREACH)
		expected->blocked_by = "route";
	if (kind->setup == SETUP_DROP)
		blocked_by_netfilter(expected);
	if (!kind->error)
		sent(expected, 1);
	close(fd);
	return check_errno(truth, "sendto", seen, kind->error);
}

/* The child sends on its parent's socket to where that has sent: an attempt of its own. */
static int send_inherited(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 0);
	int receiver = bind_at(&to), fd = new_socket(&to, SOCK_DGRAM), seen, status = 0;
	struct expected *expected = expect(truth, IPPROTO_UDP, &to, kind->result, 0);
	pid_t child;

	sent(expected, 1);
	seen = error_of(sendto(fd, "0123456789", 10, 0, &to.any, to.length));
	child = fork();
	if (!child) {
		for (int round = 0; round < 2 && !seen; round++)
			seen = error_of(sendto(fd, "0123456789", 10, 0, &to.any, to.length));
		_exit(seen);
	}
	expected = expect(truth, IPPROTO_UDP, &to, kind->result, 0);
	expected->pid = expected->tid = child;
	sent(expected, 2);
	waitpid(child, &status, 0);
	close(fd);
	seen = check_errno(truth, "sendto", seen ? seen : WEXITSTATUS(status), 0);
	return seen ? seen : check_received(truth, receiver, 3, 10);
}

/* What a resolver does first. */
static int connect_fails(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, port_of(kind));
	int fd = new_socket(&to, SOCK_DGRAM);
	int seen;

	expect(truth, IPPROTO_UDP, &to, kind->result, kind->error)->blocked_by = "route";
	seen = error_of(connect(fd, &to.any, to.length));
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

/* Connected, nothing sent: nobody was tried to be reached. */
static int connect_only(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);
	int fd = new_socket(&to, SOCK_DGRAM);
	int seen = error_of(connect(fd, &to.any, to.length));

	close(fd);
	return check_errno(truth, "connect", seen, 0);
}

int bind_at(struct address *to)
{
	int receiver = new_socket(to, SOCK_DGRAM);

	if (receiver < 0 || bind(receiver, &to->any, to->length) || getsockname(receiver, &to->any, &to->length))
		return -1;
	return receiver;
}

int check_received(struct truth *truth, int receiver, int datagrams, ssize_t length)
{
	char buffer[2048];

	for (int index = 0; index < datagrams; index++) {
		ssize_t size;

		if (poll(&(struct pollfd){ .fd = receiver, .events = POLLIN }, 1, 60000) != 1)
			return problem(truth, UNEXPECTED, "%d datagrams came instead of %d", index, datagrams);
		size = recv(receiver, buffer, sizeof(buffer), 0);
		if (size != length)
			return problem(truth, UNEXPECTED, "a datagram of %zd bytes came instead of %zd", size, length);
	}
	if (recv(receiver, buffer, sizeof(buffer), MSG_DONTWAIT) >= 0)
		return problem(truth, UNEXPECTED, "more than %d datagrams came", datagrams);
	return AS_EXPECTED;
}

static int send_many(struct truth *truth, const struct kind *kind, bool is_connected)
{
	struct address to = address_of(kind->ip, 0);
	int receiver = bind_at(&to), fd = new_socket(&to, SOCK_DGRAM);
	int seen = 0;

	if (receiver < 0)
		return problem(truth, UNEXPECTED, "no receiver: %s", strerror(errno));
	if (is_connected && connect(fd, &to.any, to.length))
		return problem(truth, UNEXPECTED, "connect: %s", strerror(errno));
	sent(expect(truth, IPPROTO_UDP, &to, kind->result, 0), MANY);
	for (int round = 0; round < MANY && !seen; round++) {
		if (!is_connected)
			seen = error_of(sendto(fd, "0123456789", 10, 0, &to.any, to.length));
		else if (round % 2)
			seen = error_of(write(fd, "0123456789", 10));
		else
			seen = error_of(send(fd, "0123456789", 10, 0));
	}
	close(fd);
	close(receiver);
	return check_errno(truth, "send", seen, 0);
}

static int send_connected(struct truth *truth, const struct kind *kind)
{
	return send_many(truth, kind, true);
}

static int send_unconnected(struct truth *truth, const struct kind *kind)
{
	return send_many(truth, kind, false);
}

/* The first datagram brings an ICMP error back, the second send is told. */
static int refused_second(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);
	int fd = new_socket(&to, SOCK_DGRAM);
	struct expected *expected;
	int seen;

	if (connect(fd, &to.any, to.length))
		return problem(truth, UNEXPECTED, "connect: %s", strerror(errno));
	expected = expect(truth, IPPROTO_UDP, &to, kind->result, 0);
	sent(expected, 1);
	expected->later_error = ECONNREFUSED;
	expected->failures = 1;
	seen = error_of(send(fd, "0123456789", 10, 0));
	if (seen)
		return check_errno(truth, "send", seen, 0);
	/* On a busy machine the ICMP error takes its time. */
	if (poll(&(struct pollfd){ .fd = fd }, 1, 60000) != 1)
		return problem(truth, UNEXPECTED, "no ICMP error came");
	seen = error_of(send(fd, "0123456789", 10, 0));
	close(fd);
	return check_errno(truth, "second send", seen, ECONNREFUSED);
}

/* One socket, five destinations, by turns, twice. */
static int five_destinations(struct truth *truth, const struct kind *kind)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct address to = address_of(kind->ip, CLOSED_PORT);
	int seen = 0;

	for (int round = 0; round < 2; round++) {
		for (unsigned int index = 0; index < 5 && !seen; index++) {
			to.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + index);
			if (!round)
				sent(expect(truth, IPPROTO_UDP, &to, kind->result, 0), 2);
			seen = error_of(sendto(fd, "0123456789", 10, 0, &to.any, to.length));
		}
	}
	close(fd);
	return check_errno(truth, "sendto", seen, 0);
}

const struct kind udp_kinds[] = {
	{ "udp4-sendto-offline", SETUP_OFFLINE, send_once, "203.0.113.53", ENETUNREACH, "unreachable", "sendto() with no route" },
	{ "udp6-sendto-offline", SETUP_OFFLINE, send_once, "2001:db8::53", ENETUNREACH, "unreachable", "sendto() with no route" },
	{ "udp4-connect-offline", SETUP_OFFLINE, connect_fails, "203.0.113.53", ENETUNREACH, "unreachable", "connect() with no route" },
	{ "udp6-connect-offline", SETUP_OFFLINE, connect_fails, "2001:db8::53", ENETUNREACH, "unreachable", "connect() with no route" },
	{ "udp4-mapped-offline", SETUP_OFFLINE, send_once, "::ffff:203.0.113.53", ENETUNREACH, "unreachable", "IPv4 through an IPv6 socket, no route" },
	{ "udp4-dark", SETUP_DARK, send_once, "203.0.113.53", ENETUNREACH, "unreachable", "sendto() with no route, lo is down" },
	{ "udp6-dark", SETUP_DARK, send_once, "2001:db8::53", EADDRNOTAVAIL, "failed", "sendto() with no route and no address, lo is down" },
	{ "udp4-route-unreachable", SETUP_ROUTES, send_once, "203.0.113.1", EHOSTUNREACH, "unreachable", "a route of type unreachable" },
	{ "udp4-route-prohibit", SETUP_ROUTES, send_once, "203.0.113.33", EACCES, "denied", "a route of type prohibit" },
	{ "udp4-route-blackhole", SETUP_ROUTES, send_once, "203.0.113.65", EINVAL, "failed", "a route of type blackhole" },
	{ "udp4-no-listener", SETUP_LOOPBACK, send_once, "127.0.0.1", 0, "sent", "a closed port, nobody says so" },
	{ "udp6-no-listener", SETUP_LOOPBACK, send_once, "::1", 0, "sent", "a closed port, nobody says so" },
	{ "udp4-mapped", SETUP_LOOPBACK, send_once, "::ffff:127.0.0.1", 0, "sent", "IPv4 through an IPv6 socket" },
	{ "udp4-silent", SETUP_ROUTED, send_once, SILENT4, 0, "sent", "out, and nobody answers" },
	{ "udp4-refused-second", SETUP_LOOPBACK, refused_second, "127.0.0.1", 0, "sent", "connected, the second send is refused" },
	{ "udp6-refused-second", SETUP_LOOPBACK, refused_second, "::1", 0, "sent", "connected, the second send is refused" },
	{ "udp4-connected-many", SETUP_LOOPBACK, send_connected, "127.0.0.1", 0, "sent", "20 datagrams on a connected socket: one attempt" },
	{ "udp6-connected-many", SETUP_LOOPBACK, send_connected, "::1", 0, "sent", "20 datagrams on a connected socket: one attempt" },
	{ "udp4-mapped-many", SETUP_LOOPBACK, send_connected, "::ffff:127.0.0.1", 0, "sent", "the same, IPv4 through an IPv6 socket" },
	{ "udp4-many", SETUP_LOOPBACK, send_unconnected, "127.0.0.1", 0, "sent", "20 datagrams by sendto(): one attempt" },
	{ "udp4-inherited", SETUP_LOOPBACK, send_inherited, "127.0.0.1", 0, "sent", "a socket of its own, then a child on the same socket" },
	{ "udp4-five-destinations", SETUP_LOOPBACK, five_destinations, "127.0.0.1", 0, "sent", "one socket, five destinations, twice by turns" },
	{ "udp4-connect-only", SETUP_LOOPBACK, connect_only, "127.0.0.1", 0, "", "connect() and nothing sent: no attempt" },
	{ "udp4-nft-drop", SETUP_DROP, send_once, SILENT4, EPERM, "denied", "nft drops it on its way out" },
	{},
};
