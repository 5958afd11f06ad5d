/* SPDX-License-Identifier: GPL-2.0-only */
/* TCP attempts whose answer takes its time or never comes. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A SYN and one more, three seconds in all. */
static void retry_once(int fd)
{
	int retries = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &retries, sizeof(retries));
}

static uint16_t port_of(const struct kind *kind)
{
	return kind->setup == SETUP_DROP || kind->setup == SETUP_REJECT ? FILTERED_PORT : 443;
}

static int fail_late(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, port_of(kind));
	int fd = new_socket(&to, SOCK_STREAM);
	struct expected *expected;
	int seen;

	if (kind->error == ETIMEDOUT)
		retry_once(fd);
	expected = expect(truth, IPPROTO_TCP, &to, kind->result, kind->error);
	/* An ICMP error that comes while connect() holds the socket is set aside until the next SYN brings it again. */
	expected->is_any_time = kind->setup == SETUP_REJECT;
	expected->is_late = !expected->is_any_time;
	if (port_of(kind) == FILTERED_PORT)
		blocked_by_netfilter(expected);
	seen = connect(fd, &to.any, to.length) ? errno : 0;
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

int wait_for_end(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	int error = ETIMEDOUT;
	socklen_t length = sizeof(error);

	if (poll(&ready, 1, 60000) == 1)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	return error;
}

static int fail_late_nonblocking(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, port_of(kind));
	int fd = new_socket(&to, SOCK_STREAM | SOCK_NONBLOCK);
	int seen;

	if (kind->error == ETIMEDOUT)
		retry_once(fd);
	expect(truth, IPPROTO_TCP, &to, kind->result, kind->error)->is_late = true;
	seen = connect(fd, &to.any, to.length) ? errno : 0;
	if (seen != EINPROGRESS)
		return check_errno(truth, "connect", seen, EINPROGRESS);
	seen = wait_for_end(fd);
	close(fd);
	return check_errno(truth, "SO_ERROR", seen, kind->error);
}

/* The first SYN is dropped, the second one, a second later, is not. */
static int answer_late(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, FILTERED_PORT);
	int listener = kind->error ? -1 : listen_at(&to);
	int fd = new_socket(&to, SOCK_STREAM | SOCK_NONBLOCK);
	struct expected *expected;
	int seen, status;

	expected = expect(truth, IPPROTO_TCP, &to, kind->result, kind->error);
	expected->is_late = true;
	expected->has_disconnect = !kind->error;
	seen = connect(fd, &to.any, to.length) ? errno : 0;
	if (seen != EINPROGRESS)
		return check_errno(truth, "connect", seen, EINPROGRESS);
	usleep(300000);
	status = clear_filter(truth);
	if (status)
		return status;
	seen = wait_for_end(fd);
	close(fd);
	close(listener);
	return check_errno(truth, "SO_ERROR", seen, kind->error);
}

/* Three more calls while the first one is under way: one attempt. */
static int connect_again(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 443);
	int fd = new_socket(&to, SOCK_STREAM | SOCK_NONBLOCK);
	int seen, status;

	expect(truth, IPPROTO_TCP, &to, kind->result, 0);
	seen = connect(fd, &to.any, to.length) ? errno : 0;
	status = check_errno(truth, "connect", seen, EINPROGRESS);
	for (int round = 0; round < 3 && !status; round++) {
		seen = connect(fd, &to.any, to.length) ? errno : 0;
		status = check_errno(truth, "connect again", seen, EALREADY);
	}
	close(fd);
	return status;
}

static int connect_then_unspec(struct truth *truth, const struct kind *kind)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	struct address to = address_of(kind->ip, 443);
	int fd = new_socket(&to, SOCK_STREAM | SOCK_NONBLOCK);
	int seen, status;

	expect(truth, IPPROTO_TCP, &to, kind->result, 0);
	seen = connect(fd, &to.any, to.length) ? errno : 0;
	status = check_errno(truth, "connect", seen, EINPROGRESS);
	if (!status && connect(fd, &nowhere, sizeof(nowhere)))
		status = problem(truth, UNEXPECTED, "connect to AF_UNSPEC: %s", strerror(errno));
	close(fd);
	return status;
}

static int close_at_once(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 443);
	int fd = new_socket(&to, SOCK_STREAM | SOCK_NONBLOCK);
	int seen;

	expect(truth, IPPROTO_TCP, &to, kind->result, 0);
	seen = connect(fd, &to.any, to.length) ? errno : 0;
	close(fd);
	return check_errno(truth, "connect", seen, EINPROGRESS);
}

/* The program gives up waiting, the kernel does not, until the socket is closed. */
static int give_up_waiting(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 443);
	struct timeval limit = { .tv_usec = 100000 };
	int fd = new_socket(&to, SOCK_STREAM);
	int seen;

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	expect(truth, IPPROTO_TCP, &to, kind->result, 0)->is_any_time = true;
	seen = connect(fd, &to.any, to.length) ? errno : 0;
	close(fd);
	return check_errno(truth, "connect", seen, EINPROGRESS);
}

const struct kind tcp_waiting_kinds[] = {
	{ "tcp4-timed-out", SETUP_ROUTED, fail_late, SILENT4, ETIMEDOUT, "timed_out", "nobody answers" },
	{ "tcp6-timed-out", SETUP_ROUTED, fail_late, SILENT6, ETIMEDOUT, "timed_out", "nobody answers" },
	{ "tcp4-timed-out-nonblocking", SETUP_ROUTED, fail_late_nonblocking, SILENT4, ETIMEDOUT, "timed_out", "nobody answers, not waiting in connect()" },
	{ "tcp4-no-neighbour", SETUP_ROUTED, fail_late, NO_NEIGHBOUR4, EHOSTUNREACH, "unreachable", "ARP fails" },
	{ "tcp6-no-neighbour", SETUP_ROUTED, fail_late, NO_NEIGHBOUR6, EHOSTUNREACH, "unreachable", "neighbour discovery fails" },
	{ "tcp4-nft-drop", SETUP_DROP, fail_late, SILENT4, ETIMEDOUT, "timed_out", "nft drops it on its way out" },
	{ "tcp4-nft-reject", SETUP_REJECT, fail_late, SILENT4, ECONNREFUSED, "refused", "nft rejects it on its way out" },
	{ "tcp4-refused-late", SETUP_DROP, answer_late, "127.0.0.1", ECONNREFUSED, "refused", "the answer comes after a second" },
	{ "tcp4-established-late", SETUP_DROP, answer_late, "127.0.0.1", 0, "established", "the answer comes after a second" },
	{ "tcp4-connect-again", SETUP_ROUTED, connect_again, SILENT4, 0, "aborted", "connect() again while connecting: one attempt" },
	{ "tcp4-connect-unspec", SETUP_ROUTED, connect_then_unspec, SILENT4, 0, "aborted", "AF_UNSPEC while connecting" },
	{ "tcp4-close-at-once", SETUP_ROUTED, close_at_once, SILENT4, 0, "aborted", "closed while connecting" },
	{ "tcp6-close-at-once", SETUP_ROUTED, close_at_once, SILENT6, 0, "aborted", "closed while connecting" },
	{ "tcp4-send-timeout", SETUP_ROUTED, give_up_waiting, SILENT4, 0, "aborted", "SO_SNDTIMEO ends connect(), then closed" },
	{},
};
