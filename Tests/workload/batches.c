/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls and datagrams that are not one to one: sendmmsg(), corks, segmentation by the kernel. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#define MANY 12

/* Messages to `count` addresses from `first` on, to the same port; each has its truth begun. */
static int send_messages(struct truth *truth, const struct kind *kind, int fd, unsigned int count)
{
	struct iovec payload = { .iov_base = "0123456789", .iov_len = 10 };
	struct mmsghdr messages[MANY] = {};
	struct address to[MANY];

	for (unsigned int index = 0; index < count; index++) {
		struct expected *expected;

		to[index] = address_of(kind->ip, CLOSED_PORT);
		if (to->any.sa_family == AF_INET)
			to[index].v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + index);
		else
			to[index].v6.sin6_port = htons((uint16_t)(CLOSED_PORT + index));
		messages[index].msg_hdr = (struct msghdr){
			.msg_name = &to[index].any,
			.msg_namelen = to[index].length,
			.msg_iov = &payload,
			.msg_iovlen = 1,
		};
		expected = expect(truth, IPPROTO_UDP, &to[index], "sent", 0);
		expected->via = "sendmmsg";
		sent(expected, 1);
	}
	return sendmmsg(fd, messages, count, 0);
}

static int send_to_some(struct truth *truth, const struct kind *kind)
{
	struct address any = address_of(kind->ip, CLOSED_PORT);
	int fd = new_socket(&any, SOCK_DGRAM), result;

	result = send_messages(truth, kind, fd, (unsigned int)kind->option);
	close(fd);
	return result == kind->option ? AS_EXPECTED : problem(truth, UNEXPECTED, "sendmmsg returned %d", result);
}

/* Five messages without an address. */
static int send_connected(struct truth *truth, const struct kind *kind)
{
	struct iovec payload = { .iov_base = "0123456789", .iov_len = 10 };
	struct address to = address_of(kind->ip, 0);
	int receiver = bind_at(&to), fd = new_socket(&to, SOCK_DGRAM), result;
	struct mmsghdr messages[5] = {};
	struct expected *expected;

	if (connect(fd, &to.any, to.length))
		return problem(truth, UNEXPECTED, "connect: %s", strerror(errno));
	for (int index = 0; index < 5; index++)
		messages[index].msg_hdr = (struct msghdr){ .msg_iov = &payload, .msg_iovlen = 1 };
	expected = expect(truth, IPPROTO_UDP, &to, kind->result, 0);
	expected->via = "sendmmsg";
	sent(expected, 5);
	result = sendmmsg(fd, messages, 5, 0);
	close(fd);
	if (result != 5)
		return problem(truth, UNEXPECTED, "sendmmsg returned %d", result);
	return check_received(truth, receiver, 5, 10);
}

/* The first message is what the call is told of; the second, if any, fails unsaid. */
static int send_offline(struct truth *truth, const struct kind *kind)
{
	struct address reached = address_of("127.0.0.1", CLOSED_PORT), to = address_of(kind->ip, 53);
	struct iovec payload = { .iov_base = "0123456789", .iov_len = 10 };
	int fd = new_socket(&to, SOCK_DGRAM), is_second = kind->option, result;
	struct mmsghdr messages[2] = {};
	struct expected *expected;

	for (int index = 0; index <= is_second; index++) {
		struct address *destination = index < is_second ? &reached : &to;

		messages[index].msg_hdr = (struct msghdr){
			.msg_name = &destination->any,
			.msg_namelen = destination->length,
			.msg_iov = &payload,
			.msg_iovlen = 1,
		};
	}
	if (is_second) {
		expected = expect(truth, IPPROTO_UDP, &reached, "sent", 0);
		expected->via = "sendmmsg";
		sent(expected, 1);
	}
	expected = expect(truth, IPPROTO_UDP, &to, kind->result, kind->error);
	expected->via = "sendmmsg";
	expected->blocked_by = "route";
	result = sendmmsg(fd, messages, (unsigned int)is_second + 1, 0);
	close(fd);
	if (is_second)
		return result == 1 ? AS_EXPECTED : problem(truth, UNEXPECTED, "sendmmsg returned %d", result);
	return check_errno(truth, "sendmmsg", error_of(result), kind->error);
}

/* Two sends make one datagram. */
static int cork(struct truth *truth, const struct kind *kind, bool is_option)
{
	struct address to = address_of(kind->ip, 0);
	int receiver = bind_at(&to), fd = new_socket(&to, SOCK_DGRAM), on = 1, off = 0;
	int more = is_option ? 0 : MSG_MORE;
	struct expected *expected;

	if (is_option && setsockopt(fd, IPPROTO_UDP, UDP_CORK, &on, sizeof(on)))
		return problem(truth, UNEXPECTED, "UDP_CORK: %s", strerror(errno));
	expected = expect(truth, IPPROTO_UDP, &to, kind->result, 0);
	sent(expected, 1);
	expected->bytes_sent = 20;
	expected->sends = 2;
	if (sendto(fd, "0123456789", 10, more, &to.any, to.length) != 10 ||
	    sendto(fd, "0123456789", 10, 0, &to.any, to.length) != 10)
		return problem(truth, UNEXPECTED, "sendto: %s", strerror(errno));
	if (is_option && setsockopt(fd, IPPROTO_UDP, UDP_CORK, &off, sizeof(off)))
		return problem(truth, UNEXPECTED, "UDP_CORK: %s", strerror(errno));
	close(fd);
	return check_received(truth, receiver, 1, 20);
}

static int cork_by_flag(struct truth *truth, const struct kind *kind)
{
	return cork(truth, kind, false);
}

static int cork_by_option(struct truth *truth, const struct kind *kind)
{
	return cork(truth, kind, true);
}

/* One send makes three datagrams. */
static int segment(struct truth *truth, const struct kind *kind, bool is_option)
{
	static char bytes[] = "012345678901234567890123456789";
	struct address to = address_of(kind->ip, 0);
	int receiver = bind_at(&to), fd = new_socket(&to, SOCK_DGRAM), size = 10;
	char control[CMSG_SPACE(sizeof(uint16_t))] = {};
	struct iovec payload = { .iov_base = bytes, .iov_len = 30 };
	struct msghdr message = {
		.msg_name = &to.any,
		.msg_namelen = to.length,
		.msg_iov = &payload,
		.msg_iovlen = 1,
		.msg_control = is_option ? NULL : control,
		.msg_controllen = is_option ? 0 : sizeof(control),
	};
	struct expected *expected;

	if (is_option) {
		if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)))
			return problem(truth, MISSING, "UDP_SEGMENT: %s", strerror(errno));
	} else {
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);

		header->cmsg_level = IPPROTO_UDP;
		header->cmsg_type = UDP_SEGMENT;
		header->cmsg_len = CMSG_LEN(sizeof(uint16_t));
		*(uint16_t *)(void *)CMSG_DATA(header) = 10;
	}
	expected = expect(truth, IPPROTO_UDP, &to, kind->result, 0);
	sent(expected, 3);
	expected->sends = 1;
	if (sendmsg(fd, &message, 0) != 30)
		return problem(truth, UNEXPECTED, "sendmsg: %s", strerror(errno));
	close(fd);
	return check_received(truth, receiver, 3, 10);
}

static int segment_by_option(struct truth *truth, const struct kind *kind)
{
	return segment(truth, kind, true);
}

static int segment_by_message(struct truth *truth, const struct kind *kind)
{
	return segment(truth, kind, false);
}

const struct kind batch_kinds[] = {
	{ "udp4-sendmmsg", SETUP_LOOPBACK, send_to_some, "127.0.0.1", 0, "sent", "one call, three destinations", 3 },
	{ "udp6-sendmmsg", SETUP_LOOPBACK, send_to_some, "::1", 0, "sent", "one call, three ports", 3 },
	{ "udp4-sendmmsg-many", SETUP_LOOPBACK, send_to_some, "127.0.0.1", 0, "sent", "one call, 12 destinations", MANY },
	{ "udp4-sendmmsg-connected", SETUP_LOOPBACK, send_connected, "127.0.0.1", 0, "sent", "five messages of a connected socket", 0 },
	{ "udp6-sendmmsg-connected", SETUP_LOOPBACK, send_connected, "::1", 0, "sent", "five messages of a connected socket", 0 },
	{ "udp4-sendmmsg-offline", SETUP_OFFLINE, send_offline, "203.0.113.53", ENETUNREACH, "unreachable", "with no route", 0 },
	{ "udp4-sendmmsg-second-offline", SETUP_OFFLINE, send_offline, "203.0.113.53", ENETUNREACH, "unreachable", "no route for the second message: the call says nothing of it", 1 },
	{ "udp4-more", SETUP_LOOPBACK, cork_by_flag, "127.0.0.1", 0, "sent", "MSG_MORE, then the rest: one datagram" },
	{ "udp6-more", SETUP_LOOPBACK, cork_by_flag, "::1", 0, "sent", "MSG_MORE, then the rest: one datagram" },
	{ "udp4-cork", SETUP_LOOPBACK, cork_by_option, "127.0.0.1", 0, "sent", "UDP_CORK, two sends, one datagram" },
	{ "udp6-cork", SETUP_LOOPBACK, cork_by_option, "::1", 0, "sent", "UDP_CORK, two sends, one datagram" },
	{ "udp4-gso", SETUP_LOOPBACK, segment_by_option, "127.0.0.1", 0, "sent", "UDP_SEGMENT: one send, three datagrams" },
	{ "udp6-gso", SETUP_LOOPBACK, segment_by_option, "::1", 0, "sent", "UDP_SEGMENT: one send, three datagrams" },
	{ "udp4-gso-message", SETUP_LOOPBACK, segment_by_message, "127.0.0.1", 0, "sent", "the same by a control message" },
	{},
};
