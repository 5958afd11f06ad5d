/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TCP Fast Open (RFC 7413): the first send connects, and with a cookie of an earlier connection to
 * the same host its bytes go in the SYN. TCP_FASTOPEN_CONNECT puts connect() off until that send.
 */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

/* Options of kinds. */
enum {
	BY_SENDTO,
	BY_SENDMSG,
	BY_SENDMMSG,
	BY_CONNECT,
	ASKED_TWICE, /* the same, and connect() again before the first write */
	NOT_WAITING,
};

/* A socket of its own, with the truth of its attempt begun. */
static struct expected *expect_fast(struct truth *truth, const struct address *to, const char *result, int error)
{
	struct expected *expected = expect(truth, IPPROTO_TCP, to, result, error);

	expected->via = "fast_open";
	return expected;
}

static void defer_connect(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on));
}

static int open_fast(int fd, const struct address *to, int option)
{
	int flags = MSG_FASTOPEN | MSG_NOSIGNAL | (option == NOT_WAITING ? MSG_DONTWAIT : 0);
	struct iovec payload = { .iov_base = "0123456789", .iov_len = 10 };
	struct address copy = *to;
	struct msghdr message = {
		.msg_name = &copy, .msg_namelen = copy.length, .msg_iov = &payload, .msg_iovlen = 1
	};

	struct mmsghdr messages = { .msg_hdr = message };

	switch (option) {
	case BY_SENDMMSG:
		return error_of(sendmmsg(fd, &messages, 1, flags));
	case BY_SENDMSG:
		return error_of(sendmsg(fd, &message, flags));
	case BY_CONNECT:
		defer_connect(fd);
		return error_of(connect(fd, &to->any, to->length)) ?: error_of(write(fd, "0123456789", 10));
	default:
		return error_of(sendto(fd, "0123456789", 10, flags, &to->any, to->length));
	}
}

static int fail(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, kind->setup == SETUP_LOOPBACK ? CLOSED_PORT : 443);
	int fd = new_socket(&to, SOCK_STREAM), retries = 1, seen;
	struct expected *expected = expect_fast(truth, &to, kind->result, kind->error);

	if (kind->error == ENETUNREACH)
		expected->blocked_by = "route";
	if (kind->error == ETIMEDOUT) {
		expected->is_late = true;
		setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &retries, sizeof(retries));
	}
	seen = open_fast(fd, &to, kind->option);
	if (kind->option == NOT_WAITING && seen == EINPROGRESS)
		seen = wait_for_end(fd);
	close(fd);
	return check_errno(truth, "the first send", seen, kind->error);
}

/* No cookie yet: the handshake comes first, the bytes after it. */
static int establish(struct truth *truth, const struct kind *kind)
{
	struct server server = { .connections = 1 };
	struct address to = address_of(kind->ip, 0);
	int status = start_server(truth, &server, &to, SOCK_STREAM, 0), fd = new_socket(&to, SOCK_STREAM), seen;
	struct expected *expected;

	if (status)
		return status;
	expected = expect_fast(truth, &to, kind->result, 0);
	talks(expected);
	seen = open_fast(fd, &to, kind->option);
	if (kind->option == NOT_WAITING && seen == EINPROGRESS) {
		/* The kernel did not take the bytes. */
		expected->is_any_time = true;
		expected->bytes_sent = 0;
		seen = wait_for_end(fd);
	}
	close(fd);
	status = check_errno(truth, "the first send", seen, 0);
	return status ? status : finish_server(truth, &server, expected->bytes_sent);
}

static int allow_server(int fd)
{
	int waiting = 8;

	return setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &waiting, sizeof(waiting));
}

/* An attempt that brings a cookie for the host home. */
static int get_cookie(struct truth *truth, const struct kind *kind)
{
	struct server server = { .connections = 1 };
	struct address to = address_of(kind->ip, 0);
	int fd, status, seen;

	if (write_file("/proc/sys/net/ipv4/tcp_fastopen", "3"))
		return problem(truth, MISSING, "tcp_fastopen cannot be 3: %s", strerror(errno));
	status = start_server(truth, &server, &to, SOCK_STREAM, 0);
	if (status || allow_server(server.listener))
		return status ? status : problem(truth, MISSING, "TCP_FASTOPEN: %s", strerror(errno));
	fd = new_socket(&to, SOCK_STREAM);
	talks(expect_fast(truth, &to, "established", 0));
	seen = open_fast(fd, &to, BY_SENDTO);
	close(fd);
	status = check_errno(truth, "the first send", seen, 0);
	return status ? status : finish_server(truth, &server, 10);
}

static bool sent_in_syn(int fd, struct tcp_info *info)
{
	socklen_t length = sizeof(*info);

	return !getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &length) && info->tcpi_options & TCPI_OPT_SYN_DATA;
}

/* connect() of what was put off: it says that it is done. */
static int ask_again(int fd, const struct address *to)
{
	int seen;

	/* Otherwise it would wait for an answer to the SYN that nobody sent. */
	fcntl(fd, F_SETFL, O_NONBLOCK);
	seen = error_of(connect(fd, &to->any, to->length));
	fcntl(fd, F_SETFL, 0);
	return seen;
}

/* With a cookie the bytes go in the SYN, if the kernel may. */
static int send_in_syn(struct truth *truth, const struct kind *kind)
{
	struct server server = { .connections = 1 };
	struct address to = address_of(kind->ip, 0);
	/* Listening while the other server does: their ports differ. */
	int status = start_server(truth, &server, &to, SOCK_STREAM, 0), fd = new_socket(&to, SOCK_STREAM), seen;
	struct expected *expected;
	struct tcp_info info;

	status = status ? status : get_cookie(truth, kind);
	if (status)
		return status;
	allow_server(server.listener);
	expected = expect_fast(truth, &to, "established", 0);
	expected->is_any_time = true;
	talks(expected);
	if (kind->option == BY_CONNECT || kind->option == ASKED_TWICE) {
		defer_connect(fd);
		seen = error_of(connect(fd, &to.any, to.length));
		sent_in_syn(fd, &info);
		if (seen || info.tcpi_state != TCP_SYN_SENT)
			return problem(truth, UNEXPECTED, "connect() was not put off: %s, state %d", strerror(seen), info.tcpi_state);
		if (kind->option == ASKED_TWICE)
			seen = ask_again(fd, &to);
		if (kind->option == ASKED_TWICE && seen != EISCONN)
			return check_errno(truth, "the second connect", seen, EISCONN);
		seen = error_of(write(fd, "0123456789", 10));
	} else {
		seen = open_fast(fd, &to, kind->option);
	}
	status = check_errno(truth, "the send", seen, 0);
	if (!status && !sent_in_syn(fd, &info))
		status = problem(truth, UNEXPECTED, "the SYN took no bytes along, options %#x", info.tcpi_options);
	close(fd);
	return status ? status : finish_server(truth, &server, 10);
}

/* connect() returns 0, and no packet has left; the write learns it. */
static int defer_and_fail(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);
	int status = get_cookie(truth, kind), fd = new_socket(&to, SOCK_STREAM), seen;
	struct expected *expected;

	if (status)
		return status;
	defer_connect(fd);
	expected = expect_fast(truth, &to, kind->result, kind->error);
	expected->is_any_time = true;
	seen = error_of(connect(fd, &to.any, to.length));
	if (seen)
		return check_errno(truth, "connect", seen, 0);
	if (kind->error)
		seen = error_of(send(fd, "0123456789", 10, MSG_NOSIGNAL));
	close(fd);
	return check_errno(truth, "send", seen, kind->error);
}

const struct kind fast_open_kinds[] = {
	{ "tcp4-fastopen-established", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "sendto(MSG_FASTOPEN), no cookie", BY_SENDTO },
	{ "tcp6-fastopen-established", SETUP_LOOPBACK, establish, "::1", 0, "established", "sendto(MSG_FASTOPEN), no cookie", BY_SENDTO },
	{ "tcp4-fastopen-sendmsg", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "sendmsg(MSG_FASTOPEN), no cookie", BY_SENDMSG },
	{ "tcp4-fastopen-nonblocking", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "the same, not waiting: the bytes are not taken", NOT_WAITING },
	{ "tcp4-fastopen-refused", SETUP_LOOPBACK, fail, "127.0.0.1", ECONNREFUSED, "refused", "sendto(MSG_FASTOPEN) to a closed port", BY_SENDTO },
	{ "tcp6-fastopen-refused", SETUP_LOOPBACK, fail, "::1", ECONNREFUSED, "refused", "sendto(MSG_FASTOPEN) to a closed port", BY_SENDTO },
	{ "tcp4-fastopen-sendmsg-refused", SETUP_LOOPBACK, fail, "127.0.0.1", ECONNREFUSED, "refused", "sendmsg(MSG_FASTOPEN) to a closed port", BY_SENDMSG },
	{ "tcp4-fastopen-nonblocking-refused", SETUP_LOOPBACK, fail, "127.0.0.1", ECONNREFUSED, "refused", "the same, not waiting", NOT_WAITING },
	{ "tcp4-fastopen-offline", SETUP_OFFLINE, fail, SILENT4, ENETUNREACH, "unreachable", "sendto(MSG_FASTOPEN) with no route", BY_SENDTO },
	{ "tcp6-fastopen-offline", SETUP_OFFLINE, fail, SILENT6, ENETUNREACH, "unreachable", "sendto(MSG_FASTOPEN) with no route", BY_SENDTO },
	{ "tcp4-fastopen-sendmsg-offline", SETUP_OFFLINE, fail, SILENT4, ENETUNREACH, "unreachable", "sendmsg(MSG_FASTOPEN) with no route", BY_SENDMSG },
	{ "tcp4-fastopen-sendmmsg", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "sendmmsg(MSG_FASTOPEN), no cookie", BY_SENDMMSG },
	{ "tcp4-fastopen-sendmmsg-refused", SETUP_LOOPBACK, fail, "127.0.0.1", ECONNREFUSED, "refused", "sendmmsg(MSG_FASTOPEN) to a closed port", BY_SENDMMSG },
	{ "tcp4-fastopen-sendmmsg-offline", SETUP_OFFLINE, fail, SILENT4, ENETUNREACH, "unreachable", "sendmmsg(MSG_FASTOPEN) with no route", BY_SENDMMSG },
	{ "tcp4-fastopen-timed-out", SETUP_ROUTED, fail, SILENT4, ETIMEDOUT, "timed_out", "sendto(MSG_FASTOPEN), nobody answers", BY_SENDTO },
	{ "tcp4-fastopen-connect", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "TCP_FASTOPEN_CONNECT, no cookie", BY_CONNECT },
	{ "tcp4-fastopen-connect-refused", SETUP_LOOPBACK, fail, "127.0.0.1", ECONNREFUSED, "refused", "TCP_FASTOPEN_CONNECT, no cookie, a closed port", BY_CONNECT },
	{ "tcp4-fastopen-connect-offline", SETUP_OFFLINE, fail, SILENT4, ENETUNREACH, "unreachable", "TCP_FASTOPEN_CONNECT with no route", BY_CONNECT },
	{ "tcp6-fastopen-connect-offline", SETUP_OFFLINE, fail, SILENT6, ENETUNREACH, "unreachable", "TCP_FASTOPEN_CONNECT with no route", BY_CONNECT },
	{ "tcp4-fastopen-cookie", SETUP_LOOPBACK, send_in_syn, "127.0.0.1", 0, "established", "sendto(MSG_FASTOPEN) twice, then with a cookie", BY_SENDTO },
	{ "tcp6-fastopen-cookie", SETUP_LOOPBACK, send_in_syn, "::1", 0, "established", "sendto(MSG_FASTOPEN) twice, then with a cookie", BY_SENDTO },
	{ "tcp4-fastopen-connect-cookie", SETUP_LOOPBACK, send_in_syn, "127.0.0.1", 0, "established", "connect() put off by a cookie, then written", BY_CONNECT },
	{ "tcp6-fastopen-connect-cookie", SETUP_LOOPBACK, send_in_syn, "::1", 0, "established", "connect() put off by a cookie, then written", BY_CONNECT },
	{ "tcp4-fastopen-connect-asked-twice", SETUP_LOOPBACK, send_in_syn, "127.0.0.1", 0, "established", "connect() put off by a cookie, made again, then written", ASKED_TWICE },
	{ "tcp4-fastopen-connect-cookie-refused", SETUP_LOOPBACK, defer_and_fail, "127.0.0.1", ECONNREFUSED, "refused", "connect() put off by a cookie, then refused" },
	{ "tcp4-fastopen-connect-unsent", SETUP_LOOPBACK, defer_and_fail, "127.0.0.1", 0, "aborted", "connect() put off by a cookie, never written" },
	{},
};
