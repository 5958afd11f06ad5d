/* SPDX-License-Identifier: GPL-2.0-only */
/* MPTCP (RFC 8684): one attempt, however many subflows there are. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <linux/mptcp.h>
#include <string.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define SOL_MPTCP 284

/* Options of kinds. */
enum {
	NOT_WAITING = 1,
	PLAIN_SERVER = 2, /* of TCP: the connection falls back to it */
	FAST_OPEN = 4,
};

static int open_mptcp(struct truth *truth, const struct kind *kind, const struct address *to)
{
	int type = SOCK_STREAM | SOCK_CLOEXEC | (kind->option & NOT_WAITING ? SOCK_NONBLOCK : 0);
	int fd = socket(to->any.sa_family, type, IPPROTO_MPTCP);

	if (fd < 0)
		problem(truth, MISSING, "no MPTCP: %s", strerror(errno));
	return fd;
}

static struct expected *expect_mptcp(struct truth *truth, const struct kind *kind, const struct address *to)
{
	struct expected *expected = expect(truth, IPPROTO_TCP, to, kind->result, kind->error);

	expected->via = "mptcp";
	return expected;
}

static int fail(struct truth *truth, const struct kind *kind)
{
	struct address to = failing_address(kind);
	int fd = open_mptcp(truth, kind, &to);

	if (fd < 0)
		return MISSING;
	/* Not every kernel's MPTCP has TCP_SYNCNT. */
	if (kind->error == ETIMEDOUT && write_file("/proc/sys/net/ipv4/tcp_syn_retries", "1"))
		return problem(truth, MISSING, "tcp_syn_retries: %s", strerror(errno));
	return fail_to_connect(truth, kind, fd, expect_mptcp(truth, kind, &to), &to);
}

static int fail_fast(struct truth *truth, const struct kind *kind)
{
	struct address to = failing_address(kind);
	int fd = open_mptcp(truth, kind, &to), seen;
	struct expected *expected;

	if (fd < 0)
		return MISSING;
	expected = expect_mptcp(truth, kind, &to);
	expected->via = "fast_open";
	if (kind->error == ENETUNREACH)
		expected->blocked_by = "route";
	seen = error_of(sendto(fd, "0123456789", 10, MSG_FASTOPEN | MSG_NOSIGNAL, &to.any, to.length));
	close(fd);
	if (seen == EOPNOTSUPP || seen == EPIPE)
		return problem(truth, MISSING, "this kernel's MPTCP has no fast open: %s", strerror(seen));
	return check_errno(truth, "sendto", seen, kind->error);
}

static int establish(struct truth *truth, const struct kind *kind)
{
	struct server server = { .connections = 1 };
	struct address to = address_of(kind->ip, 0);
	int fd = open_mptcp(truth, kind, &to), status;

	if (fd < 0)
		return MISSING;
	status = start_server(truth, &server, &to, SOCK_STREAM, kind->option & PLAIN_SERVER ? 0 : IPPROTO_MPTCP);
	return status ? status : talk_to(truth, &server, fd, expect_mptcp(truth, kind, &to), &to);
}

static int pass_ten(int from, int to)
{
	char buffer[10];

	return write(from, "0123456789", 10) == 10 && recv(to, buffer, 10, MSG_WAITALL) == 10;
}

/* The kernel joins with a second subflow, from another address of ours, by itself, once bytes went both ways. */
static int join(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 0);
	int fd = open_mptcp(truth, kind, &to), listener, accepted, status, seen;
	struct mptcp_info info = {};
	struct expected *expected;
	socklen_t length;

	if (fd < 0)
		return MISSING;
	status = run_ip(truth, "mptcp limits set subflow 2 add_addr_accepted 2\nmptcp endpoint add 127.0.0.2 dev lo subflow\n");
	if (status)
		return status;
	listener = listen_with(&to, SOCK_STREAM, IPPROTO_MPTCP);
	expected = expect_mptcp(truth, kind, &to);
	talks(expected);
	expected->bytes_received = 10;
	seen = error_of(connect(fd, &to.any, to.length));
	if (seen)
		return check_errno(truth, "connect", seen, 0);
	accepted = accept(listener, NULL, NULL);
	if (!pass_ten(fd, accepted) || !pass_ten(accepted, fd))
		return problem(truth, UNEXPECTED, "the conversation failed: %s", strerror(errno));
	for (int round = 0; round < 6000 && !info.mptcpi_subflows; round++) {
		length = sizeof(info);
		if (getsockopt(fd, SOL_MPTCP, MPTCP_INFO, &info, &length))
			return problem(truth, MISSING, "no MPTCP_INFO: %s", strerror(errno));
		usleep(10000);
	}
	close(fd);
	close(accepted);
	close(listener);
	return info.mptcpi_subflows ? AS_EXPECTED : problem(truth, UNEXPECTED, "no second subflow came");
}

const struct kind mptcp_kinds[] = {
	{ "mptcp4-established", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "MPTCP on both sides" },
	{ "mptcp6-established", SETUP_LOOPBACK, establish, "::1", 0, "established", "MPTCP on both sides" },
	{ "mptcp4-mapped-established", SETUP_LOOPBACK, establish, "::ffff:127.0.0.1", 0, "established", "IPv4 through an IPv6 socket" },
	{ "mptcp4-nonblocking", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "not waiting", NOT_WAITING },
	{ "mptcp4-fallback", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "falls back to TCP", PLAIN_SERVER },
	{ "mptcp4-subflow", SETUP_LOOPBACK, join, "127.0.0.1", 0, "established", "a second subflow: one attempt" },
	{ "mptcp4-refused", SETUP_LOOPBACK, fail, "127.0.0.1", ECONNREFUSED, "refused", "a closed port" },
	{ "mptcp6-refused", SETUP_LOOPBACK, fail, "::1", ECONNREFUSED, "refused", "a closed port" },
	{ "mptcp4-refused-nonblocking", SETUP_LOOPBACK, fail, "127.0.0.1", ECONNREFUSED, "refused", "a closed port, not waiting", NOT_WAITING },
	{ "mptcp4-timed-out", SETUP_ROUTED, fail, SILENT4, ETIMEDOUT, "timed_out", "nobody answers" },
	{ "mptcp4-offline", SETUP_OFFLINE, fail, SILENT4, ENETUNREACH, "unreachable", "with no route" },
	{ "mptcp6-offline", SETUP_OFFLINE, fail, SILENT6, ENETUNREACH, "unreachable", "with no route" },
	{ "mptcp4-fastopen-refused", SETUP_LOOPBACK, fail_fast, "127.0.0.1", ECONNREFUSED, "refused", "sendto(MSG_FASTOPEN) to a closed port" },
	{ "mptcp4-fastopen-offline", SETUP_OFFLINE, fail_fast, SILENT4, ENETUNREACH, "unreachable", "sendto(MSG_FASTOPEN) with no route" },
	{},
};
