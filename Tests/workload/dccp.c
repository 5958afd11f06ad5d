/* SPDX-License-Identifier: GPL-2.0-only */
/* DCCP (RFC 4340), which left the kernel with 6.16. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#ifndef SOL_DCCP
#define SOL_DCCP 269
#endif
#define DCCP_SOCKOPT_SERVICE 2
#define SERVICE 42

static int open_dccp(struct truth *truth, const struct address *to, int flags)
{
	/* Debian's kernels do not load it by themselves. */
	const char *module = to->any.sa_family == AF_INET ? "dccp_ipv4" : "dccp_ipv6";
	int fd = open_with_module(to->any.sa_family, SOCK_DCCP | flags, IPPROTO_DCCP, module);
	uint32_t service = htonl(SERVICE);

	if (fd < 0)
		problem(truth, MISSING, "no DCCP: %s", strerror(errno));
	else
		setsockopt(fd, SOL_DCCP, DCCP_SOCKOPT_SERVICE, &service, sizeof(service));
	return fd;
}

static int fail(struct truth *truth, const struct kind *kind)
{
	struct address to = failing_address(kind);
	int fd = open_dccp(truth, &to, kind->option);

	if (fd < 0)
		return MISSING;
	return fail_to_connect(truth, kind, fd, expect(truth, IPPROTO_DCCP, &to, kind->result, kind->error), &to);
}

/* The handshake is complete when the listener has the request's acknowledgement: no thread is needed. */
static int establish(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 0);
	int listener = open_dccp(truth, &to, 0), fd = open_dccp(truth, &to, 0), seen;

	if (fd < 0)
		return MISSING;
	if (bind(listener, &to.any, to.length) || listen(listener, 1) || getsockname(listener, &to.any, &to.length))
		return problem(truth, UNEXPECTED, "no listener: %s", strerror(errno));
	talks(expect(truth, IPPROTO_DCCP, &to, kind->result, 0));
	seen = error_of(connect(fd, &to.any, to.length));
	if (seen)
		return check_errno(truth, "connect", seen, 0);
	return talk_alone(truth, fd, listener);
}

const struct kind dccp_kinds[] = {
	{ "dccp4-established", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "connect() to a listener" },
	{ "dccp6-established", SETUP_LOOPBACK, establish, "::1", 0, "established", "connect() to a listener" },
	{ "dccp4-refused", SETUP_LOOPBACK, fail, "127.0.0.1", ECONNREFUSED, "refused", "a closed port" },
	{ "dccp6-refused", SETUP_LOOPBACK, fail, "::1", ECONNREFUSED, "refused", "a closed port" },
	{ "dccp4-refused-nonblocking", SETUP_LOOPBACK, fail, "127.0.0.1", ECONNREFUSED, "refused", "a closed port, not waiting", SOCK_NONBLOCK },
	{ "dccp4-offline", SETUP_OFFLINE, fail, SILENT4, ENETUNREACH, "unreachable", "with no route" },
	{ "dccp6-offline", SETUP_OFFLINE, fail, SILENT6, ENETUNREACH, "unreachable", "with no route" },
	{},
};
