/* SPDX-License-Identifier: GPL-2.0-only */
/* Connects by io_uring: it tries without waiting, and once more when the socket is ready. */
#define _GNU_SOURCE
#include "ring.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

static void fill_connect(struct ring *ring, int fd, const struct address *to)
{
	struct io_uring_sqe *request = next_request(ring, IORING_OP_CONNECT, fd);

	request->addr = (uint64_t)(uintptr_t)&to->any;
	request->off = to->length;
}

static void fill_send(struct ring *ring, int fd)
{
	struct io_uring_sqe *request = next_request(ring, IORING_OP_SEND, fd);

	request->addr = (uint64_t)(uintptr_t) "0123456789";
	request->len = 10;
}

static int check_result(struct truth *truth, const char *what, int result, int wanted)
{
	return check_errno(truth, what, result < 0 ? -result : 0, wanted);
}

static int fail(struct truth *truth, const struct kind *kind, int type, int protocol)
{
	struct address to = address_of(kind->ip, kind->setup == SETUP_LOOPBACK ? CLOSED_PORT : 443);
	int fd = new_socket(&to, type), retries = 1, result = 0, status;
	struct expected *expected;
	struct ring ring;

	status = open_ring(truth, &ring, fd, kind->option);
	if (status)
		return status;
	expected = expect_ring(truth, kind, protocol, &to);
	if (kind->error == ENETUNREACH)
		expected->blocked_by = "route";
	if (kind->error == ETIMEDOUT) {
		expected->is_late = true;
		setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &retries, sizeof(retries));
	}
	fill_connect(&ring, fd, &to);
	status = submit(truth, &ring, &result);
	close(fd);
	return status ? status : check_result(truth, "CONNECT", result, kind->error);
}

/* A request that fails with another errno is in the same submission, before it. */
static int fail_behind(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 443);
	int fd = new_socket(&to, SOCK_STREAM), write_only = open("/dev/null", O_WRONLY | O_CLOEXEC), results[2] = {}, status;
	struct ring ring;

	status = open_ring(truth, &ring, fd, kind->option);
	if (status)
		return status;
	expect_ring(truth, kind, IPPROTO_TCP, &to)->blocked_by = "route";
	next_request(&ring, IORING_OP_READ, write_only);
	fill_connect(&ring, fd, &to);
	status = submit(truth, &ring, results);
	close(fd);
	return status ? status : check_result(truth, "CONNECT", results[1], kind->error);
}

static int fail_tcp(struct truth *truth, const struct kind *kind)
{
	return fail(truth, kind, SOCK_STREAM, IPPROTO_TCP);
}

static int fail_udp(struct truth *truth, const struct kind *kind)
{
	return fail(truth, kind, SOCK_DGRAM, IPPROTO_UDP);
}

/* With IS_LINKED the ten bytes are a request of the same submission. */
static int establish(struct truth *truth, const struct kind *kind)
{
	struct server server = { .connections = 1 };
	struct address to = address_of(kind->ip, 0);
	int status = start_server(truth, &server, &to, SOCK_STREAM, 0), fd = new_socket(&to, SOCK_STREAM);
	struct expected *expected;
	struct ring ring;
	int results[2] = {};

	status = status ? status : open_ring(truth, &ring, fd, kind->option);
	if (status)
		return status;
	expected = expect_ring(truth, kind, IPPROTO_TCP, &to);
	expected->is_any_time = true;
	talks(expected);
	fill_connect(&ring, fd, &to);
	if (kind->option & IS_LINKED)
		fill_send(&ring, fd);
	status = submit(truth, &ring, results);
	status = status ? status : check_result(truth, "CONNECT", results[0], 0);
	if (!status && !(kind->option & IS_LINKED) && write(fd, "0123456789", 10) != 10)
		status = problem(truth, UNEXPECTED, "write: %s", strerror(errno));
	/* A ring lets its registered files go some time after it was closed. */
	shutdown(fd, SHUT_WR);
	close(fd);
	status = status ? status : check_result(truth, "SEND", results[1], 0);
	return status ? status : finish_server(truth, &server, 10);
}

/* The ring is closed, and with it what is under way. */
static int close_ring(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 443);
	int fd = new_socket(&to, SOCK_STREAM), status;
	struct ring ring;

	status = open_ring(truth, &ring, fd, kind->option);
	if (status)
		return status;
	expect_ring(truth, kind, IPPROTO_TCP, &to)->is_any_time = true;
	fill_connect(&ring, fd, &to);
	status = submit(truth, &ring, NULL);
	close(ring.fd);
	close(fd);
	return status;
}

static int connect_and_send(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 0);
	int receiver = bind_at(&to), fd = new_socket(&to, SOCK_DGRAM), results[2] = {}, status;
	struct ring ring;

	status = open_ring(truth, &ring, fd, kind->option);
	if (status)
		return status;
	sent(expect_ring(truth, kind, IPPROTO_UDP, &to), 1);
	fill_connect(&ring, fd, &to);
	fill_send(&ring, fd);
	status = submit(truth, &ring, results);
	close(fd);
	status = status ? status : check_result(truth, "CONNECT", results[0], 0);
	status = status ? status : check_result(truth, "SEND", results[1], 0);
	return status ? status : check_received(truth, receiver, 1, 10);
}

const struct kind io_uring_kinds[] = {
	{ "uring-tcp4-established", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "CONNECT to a listener", INLINE },
	{ "uring-tcp6-established", SETUP_LOOPBACK, establish, "::1", 0, "established", "CONNECT to a listener", INLINE },
	{ "uring-tcp4-established-worker", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "the same, by a worker", BY_WORKER },
	{ "uring-tcp4-established-sqpoll", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "the same, by SQPOLL's thread", BY_POLLER },
	{ "uring-tcp4-linked", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "CONNECT and SEND, linked", IS_LINKED },
	{ "uring-tcp4-linked-sqpoll", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "the same, by SQPOLL's thread", IS_LINKED | BY_POLLER },
	{ "uring-tcp4-refused", SETUP_LOOPBACK, fail_tcp, "127.0.0.1", ECONNREFUSED, "refused", "CONNECT to a closed port", INLINE },
	{ "uring-tcp6-refused", SETUP_LOOPBACK, fail_tcp, "::1", ECONNREFUSED, "refused", "CONNECT to a closed port", INLINE },
	{ "uring-tcp4-refused-worker", SETUP_LOOPBACK, fail_tcp, "127.0.0.1", ECONNREFUSED, "refused", "the same, by a worker", BY_WORKER },
	{ "uring-tcp4-refused-sqpoll", SETUP_LOOPBACK, fail_tcp, "127.0.0.1", ECONNREFUSED, "refused", "the same, by SQPOLL's thread", BY_POLLER },
	{ "uring-tcp4-offline", SETUP_OFFLINE, fail_tcp, SILENT4, ENETUNREACH, "unreachable", "CONNECT with no route", INLINE },
	{ "uring-tcp4-offline-behind", SETUP_OFFLINE, fail_behind, SILENT4, ENETUNREACH, "unreachable", "CONNECT with no route, behind a READ that fails", INLINE },
	{ "uring-tcp6-offline", SETUP_OFFLINE, fail_tcp, SILENT6, ENETUNREACH, "unreachable", "CONNECT with no route", INLINE },
	{ "uring-tcp4-offline-worker", SETUP_OFFLINE, fail_tcp, SILENT4, ENETUNREACH, "unreachable", "the same, by a worker", BY_WORKER },
	{ "uring-tcp4-offline-sqpoll", SETUP_OFFLINE, fail_tcp, SILENT4, ENETUNREACH, "unreachable", "the same, by SQPOLL's thread", BY_POLLER },
	{ "uring-tcp4-timed-out", SETUP_ROUTED, fail_tcp, SILENT4, ETIMEDOUT, "timed_out", "CONNECT, nobody answers", INLINE },
	{ "uring-tcp4-timed-out-worker", SETUP_ROUTED, fail_tcp, SILENT4, ETIMEDOUT, "timed_out", "the same, by a worker", BY_WORKER },
	{ "uring-tcp4-timed-out-sqpoll", SETUP_ROUTED, fail_tcp, SILENT4, ETIMEDOUT, "timed_out", "the same, by SQPOLL's thread", BY_POLLER },
	{ "uring-tcp4-closed", SETUP_ROUTED, close_ring, SILENT4, 0, "aborted", "the ring is closed while connecting", INLINE },
	{ "uring-udp4-connect-offline", SETUP_OFFLINE, fail_udp, SILENT4, ENETUNREACH, "unreachable", "CONNECT of a UDP socket with no route", INLINE },
	{ "uring-udp6-connect-offline", SETUP_OFFLINE, fail_udp, SILENT6, ENETUNREACH, "unreachable", "CONNECT of a UDP socket with no route", INLINE },
	{ "uring-udp4-connect-offline-worker", SETUP_OFFLINE, fail_udp, SILENT4, ENETUNREACH, "unreachable", "the same, by a worker", BY_WORKER },
	{ "uring-udp4-connect-offline-sqpoll", SETUP_OFFLINE, fail_udp, SILENT4, ENETUNREACH, "unreachable", "the same, by SQPOLL's thread", BY_POLLER },
	{ "uring-udp4-linked", SETUP_LOOPBACK, connect_and_send, "127.0.0.1", 0, "sent", "CONNECT of a UDP socket and SEND, linked", IS_LINKED },
	{},
};
