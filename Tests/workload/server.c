/* SPDX-License-Identifier: GPL-2.0-only */
/* Who answers a connection: a thread that reads it to its end. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

int listen_with(struct address *to, int type, int protocol)
{
	int listener = socket(to->any.sa_family, type | SOCK_CLOEXEC, protocol);

	if (listener < 0 || bind(listener, &to->any, to->length) || listen(listener, 8) ||
	    getsockname(listener, &to->any, &to->length)) {
		close(listener);
		return -1;
	}
	return listener;
}

static void *serve(void *argument)
{
	struct server *server = argument;
	char buffer[1024];
	ssize_t size;

	for (int index = 0; index < server->connections; index++) {
		struct pollfd coming = { .fd = server->listener, .events = POLLIN };
		int fd = poll(&coming, 1, 60000) == 1 ? accept(server->listener, NULL, NULL) : -1;

		server->status |= fd < 0;
		while ((size = read(fd, buffer, sizeof(buffer))) > 0)
			server->bytes += (uint64_t)size;
		close(fd);
	}
	return NULL;
}

int start_server(struct truth *truth, struct server *server, struct address *to, int type, int protocol)
{
	server->listener = listen_with(to, type, protocol);
	if (server->listener < 0 || pthread_create(&server->thread, NULL, serve, server))
		return problem(truth, UNEXPECTED, "no server: %s", strerror(errno));
	return AS_EXPECTED;
}

int finish_server(struct truth *truth, struct server *server, uint64_t bytes)
{
	pthread_join(server->thread, NULL);
	close(server->listener);
	if (server->status)
		return problem(truth, UNEXPECTED, "nobody came to the server");
	if (server->bytes != bytes)
		return problem(truth, UNEXPECTED, "%llu bytes came", (unsigned long long)server->bytes);
	return AS_EXPECTED;
}

void talks(struct expected *expected)
{
	expected->has_disconnect = true;
	expected->bytes_sent = 10;
}

struct address failing_address(const struct kind *kind)
{
	return address_of(kind->ip, kind->setup == SETUP_LOOPBACK ? CLOSED_PORT : 443);
}

int fail_to_connect(struct truth *truth, const struct kind *kind, int fd, struct expected *expected, const struct address *to)
{
	int seen;

	if (kind->error == ENETUNREACH)
		expected->blocked_by = "route";
	/* Of what has no SYN of its own the attempt may be told with its end. */
	if (expected->protocol == IPPROTO_TCP)
		expected->is_late = kind->error == ETIMEDOUT;
	/* A filter's RST may come to nothing until the SYN is sent again. */
	expected->is_any_time = expected->protocol != IPPROTO_TCP || kind->setup == SETUP_RESET;
	seen = error_of(connect(fd, &to->any, to->length));
	if (seen == EINPROGRESS) {
		expected->is_any_time = true;
		seen = wait_for_end(fd);
	}
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

int talk_to(struct truth *truth, struct server *server, int fd, struct expected *expected, const struct address *to)
{
	int seen;

	talks(expected);
	seen = error_of(connect(fd, &to->any, to->length));
	if (seen == EINPROGRESS) {
		expected->is_any_time = true;
		seen = wait_for_end(fd);
	}
	if (seen)
		return check_errno(truth, "connect", seen, 0);
	if (write(fd, "0123456789", 10) != 10)
		return problem(truth, UNEXPECTED, "write: %s", strerror(errno));
	close(fd);
	return finish_server(truth, server, 10);
}

int talk_alone(struct truth *truth, int fd, int listener)
{
	int accepted, seen;

	if (write(fd, "0123456789", 10) != 10)
		return problem(truth, UNEXPECTED, "write: %s", strerror(errno));
	if (poll(&(struct pollfd){ .fd = listener, .events = POLLIN }, 1, 60000) != 1)
		return problem(truth, UNEXPECTED, "nobody came to the listener");
	accepted = accept(listener, NULL, NULL);
	seen = check_received(truth, accepted, 1, 10);
	close(fd);
	close(accepted);
	close(listener);
	return seen;
}
