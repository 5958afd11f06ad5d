/* SPDX-License-Identifier: GPL-2.0-only */
/* SCTP (RFC 9260): one-to-one sockets connect, one-to-many ones may just send. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <linux/sctp.h>
#include <string.h>
#include <unistd.h>

#ifndef SOL_SCTP
#define SOL_SCTP 132
#endif

/* Options of kinds. */
enum {
	NOT_WAITING = 1,
	BY_CONNECTX = 2, /* the socket option that sctp_connectx() sets */
};

static int open_sctp(struct truth *truth, int family, int type)
{
	int fd = open_with_module(family, type, IPPROTO_SCTP, "sctp");

	if (fd < 0)
		problem(truth, MISSING, "no SCTP: %s", strerror(errno));
	return fd;
}

static int open_for(struct truth *truth, const struct kind *kind, const struct address *to)
{
	return open_sctp(truth, to->any.sa_family, SOCK_STREAM | (kind->option & NOT_WAITING ? SOCK_NONBLOCK : 0));
}

static int fail(struct truth *truth, const struct kind *kind)
{
	struct sctp_initmsg init = { .sinit_max_attempts = 1, .sinit_max_init_timeo = 1000 };
	struct address to = failing_address(kind);
	int fd = open_for(truth, kind, &to);

	if (fd < 0)
		return MISSING;
	if (kind->error == ETIMEDOUT)
		setsockopt(fd, SOL_SCTP, SCTP_INITMSG, &init, sizeof(init));
	return fail_to_connect(truth, kind, fd, expect(truth, IPPROTO_SCTP, &to, kind->result, kind->error), &to);
}

/* A second connect() asks how it is getting on. */
static int ask_twice(struct truth *truth, const struct kind *kind)
{
	struct sctp_initmsg init = { .sinit_max_attempts = 1, .sinit_max_init_timeo = 1000 };
	struct address to = failing_address(kind);
	int fd = open_for(truth, kind, &to), seen;

	if (fd < 0)
		return MISSING;
	setsockopt(fd, SOL_SCTP, SCTP_INITMSG, &init, sizeof(init));
	expect(truth, IPPROTO_SCTP, &to, kind->result, kind->error)->is_any_time = true;
	seen = error_of(connect(fd, &to.any, to.length));
	if (seen == EINPROGRESS)
		seen = error_of(connect(fd, &to.any, to.length));
	if (seen != EALREADY)
		return check_errno(truth, "the second connect", seen, EALREADY);
	seen = wait_for_end(fd);
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

static int connect_all(int fd, const struct address *to)
{
	/* It returns the association's number. */
	return setsockopt(fd, SOL_SCTP, SCTP_SOCKOPT_CONNECTX, &to->any, to->length) < 0 ? errno : 0;
}

static int fail_connectx(struct truth *truth, const struct kind *kind)
{
	struct address to = failing_address(kind);
	int fd = open_for(truth, kind, &to), seen;

	if (fd < 0)
		return MISSING;
	expect(truth, IPPROTO_SCTP, &to, kind->result, kind->error);
	seen = connect_all(fd, &to);
	close(fd);
	return check_errno(truth, "SCTP_SOCKOPT_CONNECTX", seen, kind->error);
}

static int establish(struct truth *truth, const struct kind *kind)
{
	struct server server = { .connections = 1 };
	struct address to = address_of(kind->ip, 0);
	int fd = open_for(truth, kind, &to), status, seen;
	struct expected *expected;

	if (fd < 0)
		return MISSING;
	status = start_server(truth, &server, &to, SOCK_STREAM, IPPROTO_SCTP);
	if (status)
		return status;
	expected = expect(truth, IPPROTO_SCTP, &to, kind->result, 0);
	if (!(kind->option & BY_CONNECTX))
		return talk_to(truth, &server, fd, expected, &to);
	talks(expected);
	seen = connect_all(fd, &to);
	if (seen)
		return check_errno(truth, "SCTP_SOCKOPT_CONNECTX", seen, 0);
	if (write(fd, "0123456789", 10) != 10)
		return problem(truth, UNEXPECTED, "write: %s", strerror(errno));
	close(fd);
	return finish_server(truth, &server, 10);
}

/* The association comes about with the first message. */
static int send_message(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, kind->setup == SETUP_LOOPBACK ? 0 : 443);
	int fd = open_sctp(truth, to.any.sa_family, SOCK_SEQPACKET), receiver = -1, seen;
	struct expected *expected;

	if (fd < 0)
		return MISSING;
	if (!kind->error) {
		receiver = listen_with(&to, SOCK_SEQPACKET, IPPROTO_SCTP);
		if (receiver < 0)
			return problem(truth, UNEXPECTED, "no receiver: %s", strerror(errno));
	}
	expected = expect(truth, IPPROTO_SCTP, &to, kind->result, kind->error);
	if (kind->error)
		expected->blocked_by = "route";
	else
		sent(expected, 1);
	seen = error_of(sendto(fd, "0123456789", 10, 0, &to.any, to.length));
	if (seen || kind->error) {
		close(fd);
		return check_errno(truth, "sendto", seen, kind->error);
	}
	seen = check_received(truth, receiver, 1, 10);
	close(fd);
	close(receiver);
	return seen;
}

const struct kind sctp_kinds[] = {
	{ "sctp4-established", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "connect() to a listener" },
	{ "sctp6-established", SETUP_LOOPBACK, establish, "::1", 0, "established", "connect() to a listener" },
	{ "sctp4-nonblocking", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "the same, not waiting", NOT_WAITING },
	{ "sctp4-connectx", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "by SCTP_SOCKOPT_CONNECTX", BY_CONNECTX },
	{ "sctp4-refused", SETUP_LOOPBACK, fail, "127.0.0.1", ECONNREFUSED, "refused", "connect() to a closed port" },
	{ "sctp6-refused", SETUP_LOOPBACK, fail, "::1", ECONNREFUSED, "refused", "connect() to a closed port" },
	{ "sctp4-refused-nonblocking", SETUP_LOOPBACK, fail, "127.0.0.1", ECONNREFUSED, "refused", "the same, not waiting", NOT_WAITING },
	{ "sctp4-connectx-refused", SETUP_LOOPBACK, fail_connectx, "127.0.0.1", ECONNREFUSED, "refused", "by SCTP_SOCKOPT_CONNECTX", BY_CONNECTX },
	{ "sctp4-timed-out", SETUP_ROUTED, fail, SILENT4, ETIMEDOUT, "timed_out", "nobody answers" },
	{ "sctp4-asked-twice", SETUP_ROUTED, ask_twice, SILENT4, ETIMEDOUT, "timed_out", "not waiting, then connect() again: it is under way", NOT_WAITING },
	{ "sctp4-offline", SETUP_OFFLINE, fail, SILENT4, ENETUNREACH, "unreachable", "connect() with no route" },
	{ "sctp6-offline", SETUP_OFFLINE, fail, SILENT6, ENETUNREACH, "unreachable", "connect() with no route" },
	{ "sctp4-sendto", SETUP_LOOPBACK, send_message, "127.0.0.1", 0, "sent", "one-to-many, the first message" },
	{ "sctp6-sendto", SETUP_LOOPBACK, send_message, "::1", 0, "sent", "one-to-many, the first message" },
	{ "sctp4-sendto-offline", SETUP_OFFLINE, send_message, SILENT4, ENETUNREACH, "unreachable", "one-to-many, with no route" },
	{},
};
