/* SPDX-License-Identifier: MIT */
/*
 * sockets connections N: N sockets of N/2 TCP connections to itself, all open at once; sockets destinations N RATE: a
 * datagram to each of N addresses of 127.0.0.0/8 from one socket, RATE a second. Says "ready" when that is done, and
 * ends when its standard input does. In a network namespace of its own, whose loopback interface is up.
 */
#define _GNU_SOURCE
#include "cost.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 7000
/* Each pair of processes of its own: not everybody may have as many descriptors. Fewer than there are local ports. */
#define CONNECTIONS_OF_A_PROCESS 4000

static struct sockaddr_in loopback(uint32_t number)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number),
	};
}

static int bound(int type, const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, type, 0), one = 1;

	/* Those of a moment ago may still be closing. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (const struct sockaddr *)to, sizeof(*to)))
		fail("bind");
	return fd;
}

static void connect_all(uint32_t count, struct sockaddr_in to)
{
	int listener = bound(SOCK_STREAM, &to);

	if (listen(listener, 128))
		fail("listen");
	while (count--) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) || accept(listener, NULL, NULL) < 0)
			fail("connect");
	}
}

/* One process after the other, by as many as it takes; they end when this one does. */
static void make_connections(uint32_t count)
{
	char byte;

	for (uint32_t number = 0; count; number++) {
		uint32_t share = count < CONNECTIONS_OF_A_PROCESS ? count : CONNECTIONS_OF_A_PROCESS;
		int done[2];
		pid_t child;

		if (pipe(done))
			fail("pipe");
		child = fork();
		if (child < 0)
			fail("fork");
		if (!child) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			connect_all(share, loopback(number));
			if (write(done[1], "x", 1) != 1)
				fail("write");
			for (;;)
				pause();
		}
		close(done[1]);
		if (read(done[0], &byte, 1) != 1)
			fail("a process that connects");
		close(done[0]);
		count -= share;
	}
}

static void reach(uint32_t count, double rate)
{
	/* Who reads nothing: what comes is dropped. */
	const struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), receiver = bound(SOCK_DGRAM, &any);
	uint32_t each = (uint32_t)(rate / 1000);

	if (fd < 0 || receiver < 0)
		fail("socket");
	for (uint32_t number = 0; number < count; number++) {
		struct sockaddr_in to = loopback(number);

		if (sendto(fd, "x", 1, 0, (const struct sockaddr *)&to, sizeof(to)) != 1)
			fail("sendto");
		if (each && number % each == each - 1)
			sleep_ns(1000000);
	}
}

int main(int argc, char **argv)
{
	char byte;

	if (argc == 3 && !strcmp(argv[1], "connections")) {
		make_connections((uint32_t)atol(argv[2]) / 2);
	} else if (argc == 4 && !strcmp(argv[1], "destinations")) {
		reach((uint32_t)atol(argv[2]), atof(argv[3]));
	} else {
		fprintf(stderr, "usage: sockets connections N | destinations N RATE\n");
		return 64;
	}
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
