/* SPDX-License-Identifier: MIT */
/*
 * rewrite FROM TO: writes the bytes of a file to another one by write(2), 256 KiB at a time as tattle does, and
 * prints as a line of JSON how many, and the CPU time that it took: what no writer can be faster than.
 */
#define _GNU_SOURCE
#include "cost.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (256 << 10)

int main(int argc, char **argv)
{
	struct timespec before, after;
	struct stat about;
	char *bytes;
	int from = argc == 3 ? open(argv[1], O_RDONLY) : -1, to;

	if (argc != 3) {
		fprintf(stderr, "usage: rewrite FROM TO\n");
		return 64;
	}
	if (from < 0 || fstat(from, &about))
		fail(argv[1]);
	to = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, from, 0);
	if (to < 0 || bytes == MAP_FAILED)
		fail(argv[2]);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	for (off_t done = 0; done < about.st_size;) {
		ssize_t taken = write(to, bytes + done, (size_t)(about.st_size - done < PIECE ? about.st_size - done : PIECE));

		if (taken <= 0)
			fail("write");
		done += taken;
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	printf("{\"bytes\":%lld,\"cpu_ns\":%lld}\n", (long long)about.st_size,
	       (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec);
	return 0;
}
