/* SPDX-License-Identifier: GPL-2.0-only */
/* Every kind at random, for as long as one likes. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Those that wait for a packet to be sent again, or for a neighbour. */
static const char *const slow[] = {
	"tcp4-no-neighbour", "tcp6-no-neighbour", "tcp4-refused-late", "tcp4-established-late",
	"tcp4-nft-reject", "tcp6-nft-reject",
};

static bool is_quick(const struct kind *kind)
{
	for (size_t index = 0; index < sizeof(slow) / sizeof(*slow); index++) {
		if (!strcmp(kind->name, slow[index]))
			return false;
	}
	return kind->error != ETIMEDOUT;
}

static void start(const char *name)
{
	pid_t child = fork();

	if (!child) {
		execl(own_path(), "attempts", name, NULL);
		_exit(127);
	}
}

/* attempts mixed SECONDS PROCESSES SEED */
int mixed(int argc, char **argv)
{
	long seconds = argc == 4 ? strtol(argv[1], NULL, 10) : 0, processes = argc == 4 ? strtol(argv[2], NULL, 10) : 0;
	uint64_t end = boot_ns() + (uint64_t)seconds * 1000000000;
	size_t count = 0;
	long running = 0;
	int status, result = AS_EXPECTED;

	if (seconds <= 0 || processes <= 0) {
		fprintf(stderr, "usage: attempts mixed SECONDS PROCESSES SEED\n");
		return USAGE;
	}
	srandom((unsigned int)strtoul(argv[3], NULL, 10));
	while (kind_at(count))
		count++;
	for (;;) {
		const struct kind *kind = kind_at((size_t)random() % count);

		if (running < processes && boot_ns() < end) {
			if (is_quick(kind)) {
				start(kind->name);
				running++;
			}
			continue;
		}
		if (!running || wait(&status) < 0)
			return result;
		running--;
		if (status && (!WIFEXITED(status) || WEXITSTATUS(status) != MISSING))
			result = UNEXPECTED;
	}
}
