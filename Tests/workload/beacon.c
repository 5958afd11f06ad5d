/* SPDX-License-Identifier: GPL-2.0-only */
/* What calls home, without a way off the machine. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* attempts alone COMMAND...: in a network namespace of its own, in which nothing is up. */
int alone(int argc, char **argv)
{
	if (argc < 2)
		return USAGE;
	if (unshare(CLONE_NEWNET)) {
		perror("attempts: alone");
		return UNEXPECTED;
	}
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return UNEXPECTED;
}

/* attempts dial ADDRESS PORT: one connect(), and only where nothing is up: it must not leave the machine. */
int call_home(int argc, char **argv)
{
	struct ifreq loopback = { .ifr_name = "lo" };
	struct address server;
	int fd;

	if (argc != 3)
		return USAGE;
	server = address_of(argv[1], (uint16_t)atoi(argv[2]));
	fd = new_socket(&server, SOCK_STREAM);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &loopback) || loopback.ifr_flags & IFF_UP) {
		fprintf(stderr, "attempts: dial: not in a namespace in which nothing is up\n");
		return UNEXPECTED;
	}
	return connect(fd, &server.any, server.length) && errno == ENETUNREACH ? AS_EXPECTED : UNEXPECTED;
}

/* Reads until the other end has closed. */
static void drain_all(int listener)
{
	char bytes[4096];
	int accepted = accept(listener, NULL, NULL);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(accepted, bytes, sizeof(bytes)) > 0)
		;
	_exit(0);
}

/* Sends 40 bytes every so many milliseconds, so often. */
static int beat(int fd, long milliseconds, int count)
{
	static const char bytes[40];
	struct timespec due;

	clock_gettime(CLOCK_MONOTONIC, &due);
	for (; count > 0; count--) {
		due.tv_sec += milliseconds / 1000;
		due.tv_nsec += milliseconds % 1000 * 1000000;
		if (due.tv_nsec >= 1000000000) {
			due.tv_sec++;
			due.tv_nsec -= 1000000000;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
		if (write(fd, bytes, sizeof(bytes)) != sizeof(bytes))
			return UNEXPECTED;
	}
	return AS_EXPECTED;
}

/* attempts held-beacon MILLISECONDS N: sends 40 bytes every so often, N times, on one connection. */
int held_beacon(int argc, char **argv)
{
	struct address server = address_of("192.0.2.1", 0);
	struct truth truth = { .kind = "held-beacon" };
	int status = set_up(&truth, SETUP_ROUTED);
	int listener, client;

	if (status || argc != 3) {
		print_truth(&truth, status ? status : USAGE);
		return status ? status : USAGE;
	}
	listener = listen_at(&server);
	if (listener < 0)
		return UNEXPECTED;
	if (!fork())
		drain_all(listener);
	client = new_socket(&server, SOCK_STREAM);
	if (client < 0 || connect(client, &server.any, server.length)) {
		perror("attempts: held-beacon");
		return UNEXPECTED;
	}
	if (beat(client, atol(argv[1]), atoi(argv[2])) != AS_EXPECTED)
		return UNEXPECTED;
	/* As long as it takes to be looked at once more. */
	sleep(2);
	close(client);
	wait(&status);
	return AS_EXPECTED;
}

/* attempts flow-beacon MILLISECONDS N: sends datagrams of 40 bytes every so often, N times, from one socket, to one that keeps them. */
int flow_beacon(int argc, char **argv)
{
	struct address server = address_of("192.0.2.1", 5999);
	struct truth truth = { .kind = "flow-beacon" };
	int status = set_up(&truth, SETUP_ROUTED);
	int receiver, client;

	if (status || argc != 3) {
		print_truth(&truth, status ? status : USAGE);
		return status ? status : USAGE;
	}
	receiver = new_socket(&server, SOCK_DGRAM);
	client = new_socket(&server, SOCK_DGRAM);
	if (receiver < 0 || bind(receiver, &server.any, server.length) || client < 0 ||
	    connect(client, &server.any, server.length)) {
		perror("attempts: flow-beacon");
		return UNEXPECTED;
	}
	return beat(client, atol(argv[1]), atoi(argv[2]));
}
