/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets that are open before tattle is. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static uint16_t local_port(int fd)
{
	struct address own = { .length = sizeof(own.v6) };

	return getsockname(fd, &own.any, &own.length) ? 0 : ntohs(own.v4.sin_port);
}

/*
 * attempts hold FILE: a TCP connection with both ends, a connect() that nobody answers and a connected
 * UDP socket, all of them held by a child as well, until FILE exists. Says what it has on one line.
 */
int hold(int argc, char **argv)
{
	struct address server = address_of("127.0.0.1", 0), full = address_of("127.0.0.1", 0);
	struct address nobody = address_of("127.0.0.1", CLOSED_PORT);
	struct truth truth = { .kind = "hold" };
	int status = set_up(&truth, SETUP_LOOPBACK);
	int listener, crowded, client, accepted, queued, waiting, datagram;
	struct stat namespace;
	pid_t child;

	if (status || argc != 2) {
		print_truth(&truth, status ? status : USAGE);
		return status ? status : USAGE;
	}
	listener = listen_at(&server);
	client = new_socket(&server, SOCK_STREAM);
	crowded = listen_at(&full);
	queued = new_socket(&full, SOCK_STREAM);
	waiting = new_socket(&full, SOCK_STREAM);
	datagram = new_socket(&nobody, SOCK_DGRAM);
	/* With room for one, which is never accepted: the second SYN is dropped each time, sk_acceptq_is_full(). */
	if (listener < 0 || crowded < 0 || listen(crowded, 0) || connect(client, &server.any, server.length) ||
	    connect(queued, &full.any, full.length) || fcntl(waiting, F_SETFL, O_NONBLOCK) ||
	    !connect(waiting, &full.any, full.length) || errno != EINPROGRESS ||
	    connect(datagram, &nobody.any, nobody.length)) {
		perror("attempts: hold");
		return UNEXPECTED;
	}
	accepted = accept(listener, NULL, NULL);
	if (accepted < 0 || stat("/proc/self/ns/net", &namespace))
		return UNEXPECTED;
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	printf("{\"netns\":%lu,\"pids\":[%d,%d],\"server\":%u,\"client\":%u,\"full\":%u,\"queued\":%u,\"waiting\":%u,"
	       "\"datagram\":%u}\n",
	       (unsigned long)namespace.st_ino, getpid(), child, ntohs(server.v4.sin_port), local_port(client),
	       ntohs(full.v4.sin_port), local_port(queued), local_port(waiting), local_port(datagram));
	fflush(stdout);
	while (access(argv[1], F_OK))
		usleep(2000);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return AS_EXPECTED;
}
