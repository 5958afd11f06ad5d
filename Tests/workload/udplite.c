/* SPDX-License-Identifier: GPL-2.0-only */
/* UDP-Lite (RFC 3828), which left the kernel with 7.2. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static int open_udplite(struct truth *truth, const struct address *to)
{
	int fd = socket(to->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDPLITE);

	if (fd < 0)
		problem(truth, MISSING, "no UDP-Lite: %s", strerror(errno));
	return fd;
}

static int fail(struct truth *truth, const struct kind *kind, bool connects)
{
	struct address to = address_of(kind->ip, 53);
	int fd = open_udplite(truth, &to), seen;

	if (fd < 0)
		return MISSING;
	expect(truth, IPPROTO_UDPLITE, &to, kind->result, kind->error)->blocked_by = "route";
	seen = error_of(connects ? connect(fd, &to.any, to.length) : sendto(fd, "0123456789", 10, 0, &to.any, to.length));
	close(fd);
	return check_errno(truth, connects ? "connect" : "sendto", seen, kind->error);
}

static int fail_to_send(struct truth *truth, const struct kind *kind)
{
	return fail(truth, kind, false);
}

static int fail_to_connect_it(struct truth *truth, const struct kind *kind)
{
	return fail(truth, kind, true);
}

static int deliver(struct truth *truth, const struct kind *kind, bool connects)
{
	struct address to = address_of(kind->ip, 0);
	int receiver = open_udplite(truth, &to), fd = open_udplite(truth, &to), seen = 0;

	if (fd < 0)
		return MISSING;
	if (bind(receiver, &to.any, to.length) || getsockname(receiver, &to.any, &to.length) ||
	    (connects && connect(fd, &to.any, to.length)))
		return problem(truth, UNEXPECTED, "bind or connect: %s", strerror(errno));
	sent(expect(truth, IPPROTO_UDPLITE, &to, kind->result, 0), 3);
	for (int round = 0; round < 3 && !seen; round++) {
		seen = error_of(connects ? send(fd, "0123456789", 10, 0) :
					   sendto(fd, "0123456789", 10, 0, &to.any, to.length));
	}
	close(fd);
	seen = check_errno(truth, "send", seen, 0);
	return seen ? seen : check_received(truth, receiver, 3, 10);
}

static int deliver_to(struct truth *truth, const struct kind *kind)
{
	return deliver(truth, kind, false);
}

static int deliver_connected(struct truth *truth, const struct kind *kind)
{
	return deliver(truth, kind, true);
}

const struct kind udplite_kinds[] = {
	{ "udplite4-sendto", SETUP_LOOPBACK, deliver_to, "127.0.0.1", 0, "sent", "three datagrams by sendto()" },
	{ "udplite6-sendto", SETUP_LOOPBACK, deliver_to, "::1", 0, "sent", "three datagrams by sendto()" },
	{ "udplite4-connected", SETUP_LOOPBACK, deliver_connected, "127.0.0.1", 0, "sent", "three datagrams, connected" },
	{ "udplite4-mapped", SETUP_LOOPBACK, deliver_to, "::ffff:127.0.0.1", 0, "sent", "IPv4 through an IPv6 socket" },
	{ "udplite4-sendto-offline", SETUP_OFFLINE, fail_to_send, SILENT4, ENETUNREACH, "unreachable", "sendto() with no route" },
	{ "udplite6-sendto-offline", SETUP_OFFLINE, fail_to_send, SILENT6, ENETUNREACH, "unreachable", "sendto() with no route" },
	{ "udplite4-connect-offline", SETUP_OFFLINE, fail_to_connect_it, SILENT4, ENETUNREACH, "unreachable", "connect() with no route" },
	{},
};
