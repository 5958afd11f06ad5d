/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses and sockets out of the ordinary: bound sources and devices, scope ids, 0.0.0.0. */
#define _GNU_SOURCE
#include "attempts.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOURCE_PORT 45678
#define LINK_LOCAL "fe80::1234"

/* Options of kinds. */
enum {
	TCP,
	UDP,
};

/* One attempt at a closed port: refused, or sent. */
static int try_it(struct truth *truth, const struct kind *kind, int fd, struct expected *expected, const struct address *to)
{
	int seen;

	if (kind->option == TCP) {
		seen = error_of(connect(fd, &to->any, to->length));
	} else {
		if (!kind->error)
			sent(expected, 1);
		seen = error_of(sendto(fd, "0123456789", 10, 0, &to->any, to->length));
	}
	close(fd);
	return check_errno(truth, kind->option == TCP ? "connect" : "sendto", seen, kind->error);
}

static int open_for(const struct kind *kind, const struct address *to)
{
	return new_socket(to, kind->option == TCP ? SOCK_STREAM : SOCK_DGRAM);
}

static struct expected *expect_for(struct truth *truth, const struct kind *kind, const struct address *to)
{
	return expect(truth, kind->option == TCP ? IPPROTO_TCP : IPPROTO_UDP, to, kind->result, kind->error);
}

static int from_bound(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);
	const char *source = to.any.sa_family == AF_INET ? "127.0.0.5" : "::1";
	struct address from = address_of(source, SOURCE_PORT);
	int fd = open_for(kind, &to);
	struct expected *expected;

	if (bind(fd, &from.any, from.length))
		return problem(truth, UNEXPECTED, "bind: %s", strerror(errno));
	expected = expect_for(truth, kind, &to);
	strcpy(expected->source_ip, source);
	expected->source_port = SOURCE_PORT;
	return try_it(truth, kind, fd, expected, &to);
}

/* The source of this datagram alone. */
static int from_message(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);
	struct in_pktinfo source = { .ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK + 4) };
	char control[CMSG_SPACE(sizeof(source))] = {};
	struct iovec payload = { .iov_base = "0123456789", .iov_len = 10 };
	struct msghdr message = {
		.msg_name = &to.any, .msg_namelen = to.length, .msg_iov = &payload, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fd = open_for(kind, &to), seen;
	struct expected *expected = expect_for(truth, kind, &to);

	header->cmsg_level = IPPROTO_IP;
	header->cmsg_type = IP_PKTINFO;
	header->cmsg_len = CMSG_LEN(sizeof(source));
	memcpy(CMSG_DATA(header), &source, sizeof(source));
	strcpy(expected->source_ip, "127.0.0.5");
	sent(expected, 1);
	seen = error_of(sendmsg(fd, &message, 0));
	close(fd);
	return check_errno(truth, "sendmsg", seen, 0);
}

/* bind() fails, and that is no attempt. */
static int bind_in_use(struct truth *truth, const struct kind *kind)
{
	struct address taken = address_of(kind->ip, 0);
	int listener = listen_at(&taken), fd = new_socket(&taken, SOCK_STREAM);
	int seen = error_of(bind(fd, &taken.any, taken.length));

	close(fd);
	close(listener);
	return check_errno(truth, "bind", seen, kind->error);
}

static int bind_and_connect(const struct address *from, const struct address *to)
{
	int fd = new_socket(to, SOCK_STREAM), on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) || bind(fd, &from->any, from->length))
		return errno;
	return error_of(connect(fd, &to->any, to->length));
}

/* A child has the very connection that we ask for. */
static int tuple_in_use(struct truth *truth, const struct kind *kind)
{
	struct address from = address_of(kind->ip, SOURCE_PORT), to = address_of(kind->ip, 0);
	int listener = listen_at(&to), says[2], ends[2], seen;
	struct expected *expected;
	pid_t child;
	char byte = 0;

	if (listener < 0 || pipe(says) || pipe(ends))
		return problem(truth, UNEXPECTED, "no listener: %s", strerror(errno));
	expected = expect(truth, IPPROTO_TCP, &to, "established", 0);
	expected->has_disconnect = true;
	strcpy(expected->source_ip, kind->ip);
	expected->source_port = SOURCE_PORT;
	child = fork();
	if (!child) {
		close(ends[1]);
		byte = (char)bind_and_connect(&from, &to);
		_exit(write(says[1], &byte, 1) != 1 || read(ends[0], &byte, 1) != 0);
	}
	expected->pid = expected->tid = child;
	if (read(says[0], &byte, 1) != 1 || byte)
		return problem(truth, UNEXPECTED, "the first connection: %s", strerror(byte));
	expected = expect(truth, IPPROTO_TCP, &to, kind->result, kind->error);
	strcpy(expected->source_ip, kind->ip);
	expected->source_port = SOURCE_PORT;
	seen = bind_and_connect(&from, &to);
	close(ends[0]);
	close(ends[1]);
	waitpid(child, NULL, 0);
	close(listener);
	return check_errno(truth, "connect", seen, kind->error);
}

static int by_device(struct truth *truth, const struct kind *kind)
{
	const char *device = kind->setup == SETUP_ROUTED ? "near" : "lo";
	struct address to = address_of(kind->ip, CLOSED_PORT);
	int fd = open_for(kind, &to);
	struct expected *expected;

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1))
		return problem(truth, UNEXPECTED, "SO_BINDTODEVICE: %s", strerror(errno));
	expected = expect_for(truth, kind, &to);
	expected->interface_index = if_nametoindex(device);
	return try_it(truth, kind, fd, expected, &to);
}

/* What the program asks for is what was tried, though the kernel takes it for loopback. */
static int to_zero(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);

	return try_it(truth, kind, open_for(kind, &to), expect_for(truth, kind, &to), &to);
}

/* Whether packets to an IPv6 address stay here: it has a route with RTF_LOCAL (linux/ipv6_route.h). */
static bool is_local(const struct in6_addr *address)
{
	FILE *routes = fopen("/proc/net/ipv6_route", "re");
	char line[256], wanted[33];
	bool is_found = false;
	unsigned int flags;

	for (int i = 0; i < 16; i++)
		snprintf(wanted + 2 * i, 3, "%02x", address->s6_addr[i]);
	while (routes && !is_found && fgets(line, sizeof(line), routes))
		is_found = !strncmp(line, wanted, 32) &&
			   sscanf(line, "%*s %*s %*s %*s %*s %*s %*s %*s %x", &flags) == 1 && flags & 0x80000000;
	if (routes)
		fclose(routes);
	return is_found;
}

/*
 * An address that means nothing without its interface. The kernel adds its route a little after the address, in a
 * work item (net/ipv6/addrconf.c addrconf_dad_work()): a SYN before that asks the neighbours, and is sent again.
 */
static int to_link_local(struct truth *truth, const struct kind *kind)
{
	int status = run_ip(truth, "addr add " LINK_LOCAL "/64 dev near nodad\n");
	struct address to = address_of(kind->ip, CLOSED_PORT);

	if (status)
		return status;
	for (int i = 0; i < 1000 && !is_local(&to.v6.sin6_addr); i++)
		usleep(5000);
	if (!kind->error || kind->error == ECONNREFUSED)
		to.v6.sin6_scope_id = if_nametoindex("near");
	return try_it(truth, kind, open_for(kind, &to), expect_for(truth, kind, &to), &to);
}

const struct kind address_kinds[] = {
	{ "tcp4-bound", SETUP_LOOPBACK, from_bound, "127.0.0.1", ECONNREFUSED, "refused", "bound to an address and a port", TCP },
	{ "tcp6-bound", SETUP_LOOPBACK, from_bound, "::1", ECONNREFUSED, "refused", "bound to an address and a port", TCP },
	{ "udp4-bound", SETUP_LOOPBACK, from_bound, "127.0.0.1", 0, "sent", "bound to an address and a port", UDP },
	{ "udp6-bound", SETUP_LOOPBACK, from_bound, "::1", 0, "sent", "bound to an address and a port", UDP },
	{ "udp4-source-message", SETUP_LOOPBACK, from_message, "127.0.0.1", 0, "sent", "the source by IP_PKTINFO", UDP },
	{ "tcp4-bind-in-use", SETUP_LOOPBACK, bind_in_use, "127.0.0.1", EADDRINUSE, "", "bind() to a port in use: no attempt" },
	{ "tcp4-tuple-in-use", SETUP_LOOPBACK, tuple_in_use, "127.0.0.1", EADDRNOTAVAIL, "failed", "the very connection exists" },
	{ "tcp4-device", SETUP_LOOPBACK, by_device, "127.0.0.1", ECONNREFUSED, "refused", "SO_BINDTODEVICE lo", TCP },
	{ "tcp6-device", SETUP_LOOPBACK, by_device, "::1", ECONNREFUSED, "refused", "SO_BINDTODEVICE lo", TCP },
	{ "udp4-device", SETUP_LOOPBACK, by_device, "127.0.0.1", 0, "sent", "SO_BINDTODEVICE lo", UDP },
	{ "udp4-device-no-route", SETUP_ROUTED, by_device, "198.51.100.1", 0, "sent", "SO_BINDTODEVICE of a veth, no route: taken for a neighbour", UDP },
	{ "tcp4-zero", SETUP_LOOPBACK, to_zero, "0.0.0.0", ECONNREFUSED, "refused", "connect() to 0.0.0.0", TCP },
	{ "tcp6-zero", SETUP_LOOPBACK, to_zero, "::", ECONNREFUSED, "refused", "connect() to ::", TCP },
	{ "udp4-zero", SETUP_LOOPBACK, to_zero, "0.0.0.0", 0, "sent", "sendto() to 0.0.0.0", UDP },
	{ "udp6-zero", SETUP_LOOPBACK, to_zero, "::", 0, "sent", "sendto() to ::", UDP },
	{ "tcp6-link-local", SETUP_ROUTED, to_link_local, LINK_LOCAL, ECONNREFUSED, "refused", "with a scope id", TCP },
	{ "udp6-link-local", SETUP_ROUTED, to_link_local, LINK_LOCAL, 0, "sent", "with a scope id", UDP },
	{ "tcp6-link-local-no-scope", SETUP_ROUTED, to_link_local, LINK_LOCAL, EINVAL, "failed", "without a scope id", TCP },
	{},
};
