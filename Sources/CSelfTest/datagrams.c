/* UDP in its ways, UDP-Lite. */
#define _GNU_SOURCE
#include "kinds.h"
#include <fcntl.h>
#include <linux/io_uring.h>
#include <unistd.h>

enum { OFFLINE_SEND, OFFLINE_CONNECT };

static int send_to(int fd, const struct address *to, int flags)
{
	return error_of(sendto(fd, PAYLOAD, PAYLOAD_LENGTH, flags, &to->any, to->length));
}

/* To a socket of ours; `option` is the protocol. */
static void deliver(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = loopback(kind->family, 0);
	int receiver = bound(&to, SOCK_DGRAM, kind->option), fd = socket_for(&to, SOCK_DGRAM, kind->option);

	if (receiver < 0 || fd < 0)
		return;
	begin(truth, &to, kind->option, TATTLE_TRUTH_SYSCALL);
	end(truth, send_to(fd, &to, 0), TATTLE_TRUTH_SENT);
}

static void fail(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = elsewhere(kind->family);
	int fd = socket_for(&to, SOCK_DGRAM, 0), error;

	if (fd < 0)
		return;
	begin(truth, &to, IPPROTO_UDP, TATTLE_TRUTH_SYSCALL);
	error = kind->option == OFFLINE_CONNECT ? error_of(connect(fd, &to.any, to.length)) : send_to(fd, &to, 0);
	end(truth, error, TATTLE_TRUTH_SENT);
}

/* Two calls, one datagram. */
static void cork(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = loopback(kind->family, 0);
	int receiver = bound(&to, SOCK_DGRAM, 0), fd = socket_for(&to, SOCK_DGRAM, 0), error;

	if (receiver < 0)
		return;
	begin(truth, &to, IPPROTO_UDP, TATTLE_TRUTH_SYSCALL);
	error = send_to(fd, &to, MSG_MORE);
	end(truth, error ? error : send_to(fd, &to, 0), TATTLE_TRUTH_SENT);
}

static struct msghdr letter(struct address *to, struct iovec *payload)
{
	*payload = (struct iovec){ .iov_base = PAYLOAD, .iov_len = PAYLOAD_LENGTH };
	return (struct msghdr){ .msg_name = &to->any, .msg_namelen = to->length, .msg_iov = payload, .msg_iovlen = 1 };
}

static void send_many(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = loopback(kind->family, 0);
	int receiver = bound(&to, SOCK_DGRAM, 0), fd = socket_for(&to, SOCK_DGRAM, 0);
	struct mmsghdr messages[2] = {};
	struct iovec payload;

	if (receiver < 0)
		return;
	messages[0].msg_hdr = letter(&to, &payload);
	messages[1].msg_hdr = messages[0].msg_hdr;
	begin(truth, &to, IPPROTO_UDP, TATTLE_TRUTH_SENDMMSG);
	end(truth, error_of(sendmmsg(fd, messages, 2, 0)), TATTLE_TRUTH_SENT);
}

static void send_by_ring(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = loopback(kind->family, 0);
	int receiver = bound(&to, SOCK_DGRAM, 0), fd = socket_for(&to, SOCK_DGRAM, 0), ring, result;
	struct iovec payload;
	struct msghdr message = letter(&to, &payload);

	if (receiver < 0 || !ring_open(&ring))
		return;
	begin(truth, &to, IPPROTO_UDP, TATTLE_TRUTH_IO_URING);
	result = ring_do(ring, IORING_OP_SENDMSG, fd, &message, 0);
	end(truth, result < 0 ? -result : 0, TATTLE_TRUTH_SENT);
}

static void send_spliced(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = loopback(kind->family, 0);
	int receiver = bound(&to, SOCK_DGRAM, 0), fd = socket_for(&to, SOCK_DGRAM, 0), ends[2];

	if (receiver < 0 || connect(fd, &to.any, to.length) || pipe2(ends, O_CLOEXEC) ||
	    write(ends[1], PAYLOAD, PAYLOAD_LENGTH) != PAYLOAD_LENGTH)
		return;
	begin(truth, &to, IPPROTO_UDP, TATTLE_TRUTH_SPLICE);
	end(truth, error_of(splice(ends[0], NULL, fd, NULL, PAYLOAD_LENGTH, 0)), TATTLE_TRUTH_SENT);
}

const struct kind datagram_kinds[] = {
	{ "udp4-sent", deliver, AF_INET, TATTLE_NEEDS_NOTHING, IPPROTO_UDP },
	{ "udp6-sent", deliver, AF_INET6, TATTLE_NEEDS_NOTHING, IPPROTO_UDP },
	{ "udp4-offline", fail, AF_INET, TATTLE_NEEDS_NOTHING, OFFLINE_SEND },
	{ "udp6-offline", fail, AF_INET6, TATTLE_NEEDS_NOTHING, OFFLINE_SEND },
	{ "udp4-connect-offline", fail, AF_INET, TATTLE_NEEDS_NOTHING, OFFLINE_CONNECT },
	{ "udp6-connect-offline", fail, AF_INET6, TATTLE_NEEDS_NOTHING, OFFLINE_CONNECT },
	{ "udp-corked", cork, AF_INET },
	{ "udp-sendmmsg", send_many, AF_INET },
	{ "udp-io-uring", send_by_ring, AF_INET },
	{ "udp-splice", send_spliced, AF_INET, TATTLE_NEEDS_SPLICE },
	{ "udplite", deliver, AF_INET, TATTLE_NEEDS_NOTHING, IPPROTO_UDPLITE, "UDP-Lite" },
	{},
};
