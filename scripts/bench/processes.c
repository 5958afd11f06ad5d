/* SPDX-License-Identifier: MIT */
/*
 * processes N PROGRAM: N processes that each run PROGRAM with arguments of their own, as the workers
 * of a service do; says "ready" when all of them have executed it, and ends them, by their ids, when
 * its standard input ends. They end when it is killed, too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(const char *program, long number)
{
	char identity[32], queue[32];
	pid_t child;

	snprintf(identity, sizeof(identity), "--identity=%ld", number);
	snprintf(queue, sizeof(queue), "--queue=mail-%02ld", number % 100);
	/* It returns when the child has executed its program or failed to. */
	child = vfork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(program, "worker", "serve", identity, queue, NULL);
		_exit(127);
	}
	return child;
}

int main(int argc, char **argv)
{
	long count = argc == 3 ? atol(argv[1]) : 0, started = 0;
	pid_t *children = calloc((size_t)(count > 0 ? count : 1), sizeof(*children));
	int failure = 0;
	char byte;

	if (count <= 0 || !children) {
		fprintf(stderr, "usage: processes N PROGRAM\n");
		return 64;
	}
	for (; started < count; started++) {
		children[started] = start(argv[2], started);
		if (children[started] < 0) {
			failure = errno;
			break;
		}
	}
	if (failure)
		fprintf(stderr, "processes: %ld of %ld: %s\n", started, count, strerror(failure));
	else
		puts("ready");
	fflush(stdout);
	while (!failure && read(STDIN_FILENO, &byte, 1) > 0)
		;
	for (long index = 0; index < started; index++)
		kill(children[index], SIGKILL);
	for (long index = 0; index < started; index++)
		waitpid(children[index], NULL, 0);
	return failure ? 1 : 0;
}
