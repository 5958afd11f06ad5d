/* SPDX-License-Identifier: GPL-2.0-only */
/* TCP attempts whose end is known when connect() returns. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define REQUEST_BYTES 5000
#define REPLY_BYTES 7000

int new_socket(const struct address *to, int type)
{
	return socket(to->any.sa_family, type | SOCK_CLOEXEC, 0);
}

int listen_at(struct address *to)
{
	int listener = new_socket(to, SOCK_STREAM);

	if (listener < 0 || bind(listener, &to->any, to->length) || listen(listener, 8) ||
	    getsockname(listener, &to->any, &to->length)) {
		close(listener);
		return -1;
	}
	return listener;
}

/* The port that a kind's attempt goes to. */
static uint16_t port_of(const struct kind *kind)
{
	if (kind->setup == SETUP_RESET)
		return FILTERED_PORT;
	return kind->setup == SETUP_LOOPBACK ? CLOSED_PORT : 443;
}

static int connect_with(struct truth *truth, const struct kind *kind, int type)
{
	struct address to = address_of(kind->ip, port_of(kind));
	int fd = new_socket(&to, type);
	struct expected *expected = expect(truth, IPPROTO_TCP, &to, kind->result, kind->error);
	int seen = connect(fd, &to.any, to.length) ? errno : 0;

	if (kind->error == ENETUNREACH || (kind->setup == SETUP_ROUTES && kind->error == EHOSTUNREACH))
		expected->blocked_by = "route";
	if (kind->setup == SETUP_RESET)
		blocked_by_netfilter(expected);
	if (seen == EINPROGRESS && type & SOCK_NONBLOCK)
		seen = wait_for_end(fd);
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

static int fail_blocking(struct truth *truth, const struct kind *kind)
{
	return connect_with(truth, kind, SOCK_STREAM);
}

/* On loopback the RST is there when connect() returns EINPROGRESS. */
static int fail_nonblocking(struct truth *truth, const struct kind *kind)
{
	return connect_with(truth, kind, SOCK_STREAM | SOCK_NONBLOCK);
}

struct peer {
	int listener;
	bool closes_first;
	bool resets;
	int status;
};

static int transfer(int fd, size_t length, bool is_write)
{
	char buffer[1024] = {};
	ssize_t done;

	for (; length; length -= (size_t)done) {
		size_t chunk = length < sizeof(buffer) ? length : sizeof(buffer);

		done = is_write ? write(fd, buffer, chunk) : read(fd, buffer, chunk);
		if (done <= 0)
			return -1;
	}
	return 0;
}

static void *serve(void *argument)
{
	struct peer *peer = argument;
	int fd = accept(peer->listener, NULL, NULL);
	char byte;

	peer->status = transfer(fd, REQUEST_BYTES, false) || transfer(fd, REPLY_BYTES, true);
	if (peer->resets) {
		struct linger linger = { .l_onoff = 1 };

		/* Only once everything has arrived: the client says so by one byte more. */
		peer->status |= read(fd, &byte, 1) != 1;
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	} else if (!peer->closes_first) {
		peer->status |= read(fd, &byte, 1) != 0;
	}
	close(fd);
	return NULL;
}

static int talk(struct truth *truth, const struct kind *kind, struct peer peer, bool connects_again)
{
	struct address to = address_of(kind->ip, 0);
	struct expected *expected;
	pthread_t thread;
	int fd, seen;
	char byte = 0;

	peer.listener = listen_at(&to);
	fd = new_socket(&to, SOCK_STREAM);
	if (peer.listener < 0 || fd < 0 || pthread_create(&thread, NULL, serve, &peer))
		return problem(truth, UNEXPECTED, "no listener: %s", strerror(errno));
	expected = expect(truth, IPPROTO_TCP, &to, kind->result, 0);
	expected->has_disconnect = true;
	expected->bytes_sent = REQUEST_BYTES;
	expected->bytes_received = REPLY_BYTES;
	seen = connect(fd, &to.any, to.length) ? errno : 0;
	if (seen)
		return check_errno(truth, "connect", seen, 0);
	if (connects_again) {
		seen = connect(fd, &to.any, to.length) ? errno : 0;
		if (seen != EISCONN)
			return check_errno(truth, "connect again", seen, EISCONN);
	}
	if (transfer(fd, REQUEST_BYTES, true) || transfer(fd, REPLY_BYTES, false))
		return problem(truth, UNEXPECTED, "the conversation failed: %s", strerror(errno));
	if (peer.resets) {
		expected->bytes_sent++;
		if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != -1 || errno != ECONNRESET)
			return problem(truth, UNEXPECTED, "no reset came: %s", strerror(errno));
	} else if (peer.closes_first && read(fd, &byte, 1) != 0) {
		return problem(truth, UNEXPECTED, "the peer did not close");
	}
	close(fd);
	pthread_join(thread, NULL);
	close(peer.listener);
	return peer.status ? problem(truth, UNEXPECTED, "the peer failed") : AS_EXPECTED;
}

static int establish(struct truth *truth, const struct kind *kind)
{
	return talk(truth, kind, (struct peer){}, false);
}

static int establish_peer_closes(struct truth *truth, const struct kind *kind)
{
	return talk(truth, kind, (struct peer){ .closes_first = true }, false);
}

static int establish_peer_resets(struct truth *truth, const struct kind *kind)
{
	return talk(truth, kind, (struct peer){ .resets = true }, false);
}

static int establish_connect_again(struct truth *truth, const struct kind *kind)
{
	return talk(truth, kind, (struct peer){}, true);
}

/* One local port, and it is taken. */
static int no_local_port(struct truth *truth, const struct kind *kind)
{
	struct address taken = address_of("127.0.0.1", 40000);
	int listener;

	if (write_file("/proc/sys/net/ipv4/ip_local_port_range", "40000 40000"))
		return problem(truth, MISSING, "ip_local_port_range cannot be one port: %s", strerror(errno));
	listener = listen_at(&taken);
	if (listener < 0)
		return problem(truth, UNEXPECTED, "port 40000: %s", strerror(errno));
	return connect_with(truth, kind, SOCK_STREAM);
}

struct dialer {
	struct truth *truth;
	const struct kind *kind;
	int status;
};

static void *dial(void *argument)
{
	struct dialer *dialer = argument;

	prctl(PR_SET_NAME, "dialer thread");
	dialer->status = connect_with(dialer->truth, dialer->kind, SOCK_STREAM);
	return NULL;
}

static int second_thread(struct truth *truth, const struct kind *kind)
{
	struct dialer dialer = { .truth = truth, .kind = kind };
	pthread_t thread;

	if (pthread_create(&thread, NULL, dial, &dialer))
		return problem(truth, UNEXPECTED, "no thread");
	pthread_join(thread, NULL);
	return dialer.status;
}

/* AF_UNSPEC is a disconnect: no attempt, whatever the socket. */
static int disconnect_only(struct truth *truth, const struct kind *kind)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	struct address any = address_of(kind->ip, 0);
	int stream = new_socket(&any, SOCK_STREAM), datagram = new_socket(&any, SOCK_DGRAM);

	if (connect(stream, &nowhere, sizeof(nowhere)) || connect(datagram, &nowhere, sizeof(nowhere)))
		return problem(truth, UNEXPECTED, "connect to AF_UNSPEC: %s", strerror(errno));
	return AS_EXPECTED;
}

const struct kind tcp_kinds[] = {
	{ "tcp4-offline", SETUP_OFFLINE, fail_blocking, "203.0.113.9", ENETUNREACH, "unreachable", "connect() with no route" },
	{ "tcp6-offline", SETUP_OFFLINE, fail_blocking, "2001:db8::9", ENETUNREACH, "unreachable", "connect() with no route" },
	{ "tcp4-mapped-offline", SETUP_OFFLINE, fail_blocking, "::ffff:203.0.113.9", ENETUNREACH, "unreachable", "IPv4 through an IPv6 socket, no route" },
	{ "tcp4-dark", SETUP_DARK, fail_blocking, "203.0.113.9", ENETUNREACH, "unreachable", "connect() with no route, lo is down" },
	{ "tcp6-dark", SETUP_DARK, fail_blocking, "2001:db8::9", EADDRNOTAVAIL, "failed", "connect() with no route and no address, lo is down" },
	{ "tcp4-route-unreachable", SETUP_ROUTES, fail_blocking, "203.0.113.1", EHOSTUNREACH, "unreachable", "a route of type unreachable" },
	{ "tcp4-route-prohibit", SETUP_ROUTES, fail_blocking, "203.0.113.33", EACCES, "denied", "a route of type prohibit" },
	{ "tcp4-route-blackhole", SETUP_ROUTES, fail_blocking, "203.0.113.65", EINVAL, "failed", "a route of type blackhole" },
	{ "tcp6-route-unreachable", SETUP_ROUTES, fail_blocking, "2001:db8:1::1", EHOSTUNREACH, "unreachable", "a route of type unreachable" },
	{ "tcp6-route-prohibit", SETUP_ROUTES, fail_blocking, "2001:db8:2::1", EACCES, "denied", "a route of type prohibit" },
	{ "tcp6-route-blackhole", SETUP_ROUTES, fail_blocking, "2001:db8:3::1", EINVAL, "failed", "a route of type blackhole" },
	{ "tcp4-refused", SETUP_LOOPBACK, fail_blocking, "127.0.0.1", ECONNREFUSED, "refused", "a closed port" },
	{ "tcp6-refused", SETUP_LOOPBACK, fail_blocking, "::1", ECONNREFUSED, "refused", "a closed port" },
	{ "tcp4-refused-nonblocking", SETUP_LOOPBACK, fail_nonblocking, "127.0.0.1", ECONNREFUSED, "refused", "a closed port, not waiting" },
	{ "tcp6-refused-nonblocking", SETUP_LOOPBACK, fail_nonblocking, "::1", ECONNREFUSED, "refused", "a closed port, not waiting" },
	{ "tcp4-mapped-refused", SETUP_LOOPBACK, fail_blocking, "::ffff:127.0.0.1", ECONNREFUSED, "refused", "IPv4 through an IPv6 socket, a closed port" },
	{ "tcp4-established", SETUP_LOOPBACK, establish, "127.0.0.1", 0, "established", "5000 bytes out, 7000 in, we close" },
	{ "tcp6-established", SETUP_LOOPBACK, establish, "::1", 0, "established", "5000 bytes out, 7000 in, we close" },
	{ "tcp4-peer-closes", SETUP_LOOPBACK, establish_peer_closes, "127.0.0.1", 0, "established", "5000 bytes out, 7000 in, the peer closes" },
	{ "tcp4-peer-resets", SETUP_LOOPBACK, establish_peer_resets, "127.0.0.1", 0, "established", "5001 bytes out, 7000 in, then a reset" },
	{ "tcp4-connect-connected", SETUP_LOOPBACK, establish_connect_again, "127.0.0.1", 0, "established", "connect() again when connected: one attempt" },
	{ "tcp4-no-local-port", SETUP_LOOPBACK, no_local_port, "127.0.0.1", EADDRNOTAVAIL, "failed", "every local port is taken" },
	{ "tcp4-second-thread", SETUP_LOOPBACK, second_thread, "127.0.0.1", ECONNREFUSED, "refused", "from a thread with a name of its own" },
	{ "unspec", SETUP_LOOPBACK, disconnect_only, "127.0.0.1", 0, "", "connect() to AF_UNSPEC: no attempt" },
	{ "tcp4-nft-reset", SETUP_RESET, fail_blocking, SILENT4, ECONNREFUSED, "refused", "nft answers with a RST on its way out" },
	{},
};
