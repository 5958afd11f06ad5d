/* SPDX-License-Identifier: GPL-2.0-only */
/* Datagrams by io_uring. */
#define _GNU_SOURCE
#include "ring.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* What a message is made of has to stay until the request is done. */
struct letter {
	struct address to;
	struct iovec payload;
	struct msghdr message;
};

static void fill_message(struct ring *ring, int fd, struct letter *letter, const struct address *to)
{
	struct io_uring_sqe *request = next_request(ring, IORING_OP_SENDMSG, fd);

	letter->to = *to;
	letter->payload = (struct iovec){ .iov_base = "0123456789", .iov_len = 10 };
	letter->message = (struct msghdr){
		.msg_name = &letter->to,
		.msg_namelen = to->length,
		.msg_iov = &letter->payload,
		.msg_iovlen = 1,
	};
	request->addr = (uint64_t)(uintptr_t)&letter->message;
	request->len = 1;
}

static int check_sent(struct truth *truth, int result, int error)
{
	if (!error && result >= 0 && result != 10)
		return problem(truth, UNEXPECTED, "%d bytes were sent", result);
	return check_errno(truth, "the send", result < 0 ? -result : 0, error);
}

static int send_message(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, kind->error ? 53 : 0);
	int receiver = kind->error ? -1 : bind_at(&to), fd = new_socket(&to, SOCK_DGRAM), result = 0, status;
	struct expected *expected;
	struct letter letter;
	struct ring ring;

	status = open_ring(truth, &ring, fd, kind->option);
	if (status)
		return status;
	expected = expect_ring(truth, kind, IPPROTO_UDP, &to);
	if (kind->error)
		expected->blocked_by = "route";
	else
		sent(expected, 1);
	fill_message(&ring, fd, &letter, &to);
	status = submit(truth, &ring, &result);
	close(fd);
	status = status ? status : check_sent(truth, result, kind->error);
	return status || kind->error ? status : check_received(truth, receiver, 1, 10);
}

/* By any request that takes bytes: on a connected socket, or with an address, which older kernels do not take. */
static int send_digits(struct truth *truth, const struct kind *kind, int operation, bool is_connected)
{
	struct address to = address_of(kind->ip, 0);
	int receiver = bind_at(&to), fd = new_socket(&to, SOCK_DGRAM), result = 0, status;
	struct io_uring_sqe *request;
	struct ring ring;

	status = open_ring(truth, &ring, fd, kind->option);
	if (status)
		return status;
	if (is_connected && connect(fd, &to.any, to.length))
		return problem(truth, UNEXPECTED, "connect: %s", strerror(errno));
	sent(expect_ring(truth, kind, IPPROTO_UDP, &to), 1);
	request = next_request(&ring, operation, fd);
	request->addr = (uint64_t)(uintptr_t) "0123456789";
	request->len = 10;
	if (!is_connected) {
		request->addr2 = (uint64_t)(uintptr_t)&to.any;
		request->addr_len = (uint16_t)to.length;
	}
	status = submit(truth, &ring, &result);
	close(fd);
	if (!is_connected && (result == -EINVAL || result == -EDESTADDRREQ)) {
		truth->count = 0;
		return problem(truth, MISSING, "this kernel's io_uring cannot send so");
	}
	status = status ? status : check_sent(truth, result, 0);
	return status ? status : check_received(truth, receiver, 1, 10);
}

static int send_bytes(struct truth *truth, const struct kind *kind)
{
	return send_digits(truth, kind, IORING_OP_SEND, true);
}

static int write_bytes(struct truth *truth, const struct kind *kind)
{
	return send_digits(truth, kind, IORING_OP_WRITE, true);
}

static int send_to_address(struct truth *truth, const struct kind *kind)
{
	return send_digits(truth, kind, IORING_OP_SEND, false);
}

static int send_without_copy(struct truth *truth, const struct kind *kind)
{
	return send_digits(truth, kind, IORING_OP_SEND_ZC, false);
}

const struct kind io_uring_send_kinds[] = {
	{ "uring-udp4-sendmsg", SETUP_LOOPBACK, send_message, "127.0.0.1", 0, "sent", "SENDMSG", INLINE },
	{ "uring-udp6-sendmsg", SETUP_LOOPBACK, send_message, "::1", 0, "sent", "SENDMSG", INLINE },
	{ "uring-udp4-sendmsg-worker", SETUP_LOOPBACK, send_message, "127.0.0.1", 0, "sent", "the same, by a worker", BY_WORKER },
	{ "uring-udp4-sendmsg-sqpoll", SETUP_LOOPBACK, send_message, "127.0.0.1", 0, "sent", "the same, by SQPOLL's thread", BY_POLLER },
	{ "uring-udp4-sendmsg-offline", SETUP_OFFLINE, send_message, "203.0.113.53", ENETUNREACH, "unreachable", "SENDMSG with no route", INLINE },
	{ "uring-udp6-sendmsg-offline", SETUP_OFFLINE, send_message, "2001:db8::53", ENETUNREACH, "unreachable", "SENDMSG with no route", INLINE },
	{ "uring-udp4-sendmsg-offline-worker", SETUP_OFFLINE, send_message, "203.0.113.53", ENETUNREACH, "unreachable", "the same, by a worker", BY_WORKER },
	{ "uring-udp4-sendmsg-offline-sqpoll", SETUP_OFFLINE, send_message, "203.0.113.53", ENETUNREACH, "unreachable", "the same, by SQPOLL's thread", BY_POLLER },
	{ "uring-udp4-send", SETUP_LOOPBACK, send_bytes, "127.0.0.1", 0, "sent", "SEND, connected", INLINE },
	{ "uring-udp6-send", SETUP_LOOPBACK, send_bytes, "::1", 0, "sent", "SEND, connected", INLINE },
	{ "uring-udp4-send-worker", SETUP_LOOPBACK, send_bytes, "127.0.0.1", 0, "sent", "the same, by a worker", BY_WORKER },
	{ "uring-udp4-send-sqpoll", SETUP_LOOPBACK, send_bytes, "127.0.0.1", 0, "sent", "the same, by SQPOLL's thread", BY_POLLER },
	{ "uring-udp4-write", SETUP_LOOPBACK, write_bytes, "127.0.0.1", 0, "sent", "WRITE, connected", INLINE },
	{ "uring-udp4-sendto", SETUP_LOOPBACK, send_to_address, "127.0.0.1", 0, "sent", "SEND with an address", INLINE },
	{ "uring-udp4-send-zc", SETUP_LOOPBACK, send_without_copy, "127.0.0.1", 0, "sent", "SEND_ZC with an address", INLINE },
	{},
};
