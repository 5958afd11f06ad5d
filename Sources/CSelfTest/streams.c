/* TCP in its ways, MPTCP, SCTP: what connects. */
#define _GNU_SOURCE
#include "kinds.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <netinet/tcp.h>
#include <unistd.h>

enum { REFUSED, OFFLINE };

static void connect_to(struct tattle_truth *truth, const struct address *to, int protocol, uint8_t via)
{
	int fd = socket_for(to, SOCK_STREAM, protocol);

	if (fd < 0)
		return;
	begin(truth, to, protocol == IPPROTO_SCTP ? protocol : IPPROTO_TCP, via);
	end(truth, error_of(connect(fd, &to->any, to->length)), TATTLE_TRUTH_ESTABLISHED);
	close(fd);
}

static void fail(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = kind->option == OFFLINE ? elsewhere(kind->family) : closed(kind);

	connect_to(truth, &to, 0, TATTLE_TRUTH_SYSCALL);
}

/* The kernel completes the handshake, nobody needs to accept. */
static void establish(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = loopback(kind->family, 0);
	int listener = bound(&to, SOCK_STREAM, 0);

	if (listener < 0 || listen(listener, 1))
		return;
	connect_to(truth, &to, 0, TATTLE_TRUTH_SYSCALL);
}

/* To a listener whose filter lets no SYN in: nobody answers, and the socket is closed. */
static void abort_it(struct tattle_truth *truth, const struct kind *kind)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = { .len = 1, .filter = &nothing };
	struct address to = loopback(kind->family, 0);
	int listener = bound(&to, SOCK_STREAM, 0), fd = socket_for(&to, SOCK_STREAM | SOCK_NONBLOCK, 0), error;

	if (listener < 0 || fd < 0 || setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) ||
	    listen(listener, 1))
		return;
	begin(truth, &to, IPPROTO_TCP, TATTLE_TRUTH_SYSCALL);
	error = error_of(connect(fd, &to.any, to.length));
	close(fd);
	end(truth, error == EINPROGRESS ? 0 : error, TATTLE_TRUTH_ABORTED);
}

static void fail_mapped(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = closed(kind);

	to.v6.sin6_addr = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 } };
	connect_to(truth, &to, 0, TATTLE_TRUTH_SYSCALL);
}

static void fail_fast(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = closed(kind);
	int fd = socket_for(&to, SOCK_STREAM, 0), error;

	begin(truth, &to, IPPROTO_TCP, TATTLE_TRUTH_FAST_OPEN);
	error = error_of(sendto(fd, PAYLOAD, PAYLOAD_LENGTH, MSG_FASTOPEN | MSG_NOSIGNAL, &to.any, to.length));
	close(fd);
	/* net.ipv4.tcp_fastopen: it is turned off, and nothing was attempted. */
	if (error != EOPNOTSUPP)
		end(truth, error, TATTLE_TRUTH_ESTABLISHED);
}

static void fail_multipath(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = closed(kind);

	connect_to(truth, &to, IPPROTO_MPTCP, TATTLE_TRUTH_MPTCP);
}

static void fail_association(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = closed(kind);

	connect_to(truth, &to, IPPROTO_SCTP, TATTLE_TRUTH_SYSCALL);
}

static void fail_by_ring(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = closed(kind);
	int fd = socket_for(&to, SOCK_STREAM, 0), ring, result;

	if (fd < 0 || !ring_open(&ring))
		return;
	begin(truth, &to, IPPROTO_TCP, TATTLE_TRUTH_IO_URING);
	result = ring_do(ring, IORING_OP_CONNECT, fd, &to.any, to.length);
	end(truth, result < 0 ? -result : 0, TATTLE_TRUTH_ESTABLISHED);
}

const struct kind stream_kinds[] = {
	{ "tcp4-refused", fail, AF_INET, TATTLE_NEEDS_NOTHING, REFUSED },
	{ "tcp6-refused", fail, AF_INET6, TATTLE_NEEDS_NOTHING, REFUSED },
	{ "tcp4-established", establish, AF_INET },
	{ "tcp6-established", establish, AF_INET6 },
	{ "tcp4-offline", fail, AF_INET, TATTLE_NEEDS_NOTHING, OFFLINE },
	{ "tcp6-offline", fail, AF_INET6, TATTLE_NEEDS_NOTHING, OFFLINE },
	{ "tcp4-aborted", abort_it, AF_INET },
	{ "tcp-mapped", fail_mapped, AF_INET6 },
	{ "tcp-fast-open", fail_fast, AF_INET },
	{ "tcp-io-uring", fail_by_ring, AF_INET },
	{ "mptcp", fail_multipath, AF_INET, .protocol = "MPTCP" },
	{ "sctp", fail_association, AF_INET, TATTLE_NEEDS_ASSOCIATIONS, .protocol = "SCTP" },
	{},
};
