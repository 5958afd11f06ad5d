/* SPDX-License-Identifier: GPL-2.0-only */
/* Many attempts, as fast as the machine can. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Processes at a time. */
#define JOBS 8
/* Closed, and below those that the kernel gives out: a socket could reach itself. */
#define FIRST_PORT 20000
#define PORTS 10000

static long count_of(int argc, char **argv)
{
	char *end;
	long count = argc == 2 ? strtol(argv[1], &end, 10) : 0;

	if (count <= 0 || *end) {
		fprintf(stderr, "usage: attempts %s N\n", argv[0]);
		exit(USAGE);
	}
	return count;
}

static void set_up_loopback(const char *name)
{
	struct truth truth = { .kind = name };
	int status = set_up(&truth, SETUP_LOOPBACK);

	if (status) {
		print_truth(&truth, status);
		exit(status);
	}
}

/* attempts one-shot INDEX: a connect() to a closed port that follows from INDEX. */
int one_shot(int argc, char **argv)
{
	struct address to = address_of("127.0.0.1", (uint16_t)(FIRST_PORT + (argc > 1 ? atol(argv[1]) : 0) % PORTS));
	int fd = new_socket(&to, SOCK_STREAM);

	return connect(fd, &to.any, to.length) && errno == ECONNREFUSED ? AS_EXPECTED : UNEXPECTED;
}

/* attempts storm N: N times fork, exec, connect, exit. */
int storm(int argc, char **argv)
{
	const char *path = own_path();
	long count = count_of(argc, argv), running = 0, refused = 0, started = 0;
	char index[24];
	int status;

	set_up_loopback("storm");
	while (started < count || running) {
		if (started < count && running < JOBS) {
			snprintf(index, sizeof(index), "%ld", started);
			if (!vfork()) {
				execl(path, "attempts", "one-shot", index, NULL);
				_exit(127);
			}
			started++;
			running++;
			continue;
		}
		if (wait(&status) < 0)
			break;
		running--;
		refused += !status;
	}
	printf("{\"kind\":\"storm\",\"made\":%ld,\"as_expected\":%ld}\n", started, refused);
	return refused == count ? AS_EXPECTED : UNEXPECTED;
}

/* attempts flood-tcp N: N refused connects, each from a socket of its own. */
int flood_tcp(int argc, char **argv)
{
	long count = count_of(argc, argv), refused = 0;
	struct address to;

	set_up_loopback("flood-tcp");
	for (long index = 0; index < count; index++) {
		int fd;

		to = address_of("127.0.0.1", (uint16_t)(FIRST_PORT + index % PORTS));
		fd = new_socket(&to, SOCK_STREAM);
		refused += connect(fd, &to.any, to.length) && errno == ECONNREFUSED;
		close(fd);
	}
	printf("{\"kind\":\"flood-tcp\",\"made\":%ld,\"as_expected\":%ld}\n", count, refused);
	return refused == count ? AS_EXPECTED : UNEXPECTED;
}

/* attempts flood-udp N: N datagrams to nobody, each from a socket of its own. */
int flood_udp(int argc, char **argv)
{
	long count = count_of(argc, argv), taken = 0;
	struct address to;

	set_up_loopback("flood-udp");
	for (long index = 0; index < count; index++) {
		int fd;

		to = address_of("127.0.0.1", (uint16_t)(FIRST_PORT + index % PORTS));
		fd = new_socket(&to, SOCK_DGRAM);
		taken += sendto(fd, "0123456789", 10, 0, &to.any, to.length) == 10;
		close(fd);
	}
	printf("{\"kind\":\"flood-udp\",\"made\":%ld,\"as_expected\":%ld}\n", count, taken);
	return taken == count ? AS_EXPECTED : UNEXPECTED;
}

/* attempts scatter N: a datagram from one socket to each of N addresses. */
int scatter(int argc, char **argv)
{
	long count = count_of(argc, argv), taken = 0;
	struct address to = address_of("127.0.0.1", FIRST_PORT);
	int fd;

	set_up_loopback("scatter");
	fd = new_socket(&to, SOCK_DGRAM);
	for (long index = 0; index < count; index++) {
		to.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 0x10000 + (uint32_t)index);
		taken += sendto(fd, "0123456789", 10, 0, &to.any, to.length) == 10;
	}
	close(fd);
	printf("{\"kind\":\"scatter\",\"made\":%ld,\"as_expected\":%ld}\n", count, taken);
	return taken == count ? AS_EXPECTED : UNEXPECTED;
}

/*
 * attempts many-open N: N TCP connections and N datagram sockets, all open before the first is closed. Connection I
 * sends I % 200 + 1 bytes; socket I sends I % 3 + 1 datagrams to a port that follows from I.
 */
int many_open(int argc, char **argv)
{
	static const char bytes[200];
	long count = count_of(argc, argv), connected = 0, taken = 0, expected = 0;
	struct rlimit limit = { .rlim_cur = 3 * (rlim_t)count + 64, .rlim_max = 3 * (rlim_t)count + 64 };
	struct address to = address_of("127.0.0.1", 0), nobody;
	int listener;

	set_up_loopback("many-open");
	listener = listen_with(&to, SOCK_STREAM, 0);
	if (listener < 0 || setrlimit(RLIMIT_NOFILE, &limit)) {
		perror("attempts: many-open");
		return UNEXPECTED;
	}
	for (long index = 0; index < count; index++) {
		int fd = new_socket(&to, SOCK_STREAM), datagrams;

		if (!connect(fd, &to.any, to.length) && accept(listener, NULL, NULL) >= 0)
			connected += write(fd, bytes, (size_t)(index % 200 + 1)) == index % 200 + 1;
		nobody = address_of("127.0.0.1", (uint16_t)(FIRST_PORT + index % PORTS));
		datagrams = new_socket(&nobody, SOCK_DGRAM);
		for (long sent = 0; sent <= index % 3; sent++, expected++)
			taken += sendto(datagrams, "0123456789", 10, 0, &nobody.any, nobody.length) == 10;
	}
	/* The end closes them all. */
	printf("{\"kind\":\"many-open\",\"made\":%ld,\"as_expected\":%ld}\n", 2 * count, connected + count - (expected - taken));
	return connected == count && taken == expected ? AS_EXPECTED : UNEXPECTED;
}
