/* SPDX-License-Identifier: GPL-2.0-only */
/* A storm of distinct programs: who is confused with whom shows in what each is said to be. */
#define _GNU_SOURCE
#include "lineage.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Alive at once. */
#define ALIVE 200

/* attempts held-shot INDEX: one-shot, once the standard input is at its end. */
int held_shot(int argc, char **argv)
{
	char byte;

	if (read(STDIN_FILENO, &byte, 1))
		return UNEXPECTED;
	return one_shot(argc, argv);
}

/* All begin, hold still, are looked at, and attempt at the same time. Returns how many did as expected. */
static long run_batch(const char *folder, long first, long count, long programs)
{
	static pid_t children[ALIVE];
	char index[24], name[32], path[128], number[16];
	struct who who;
	long right = 0;
	int gate[2], status;

	if (pipe(gate))
		return 0;
	for (long child = 0; child < count; child++) {
		snprintf(index, sizeof(index), "%ld", first + child);
		snprintf(name, sizeof(name), "copy-%ld", (first + child) % programs);
		snprintf(path, sizeof(path), "%s/%s", folder, name);
		children[child] = vfork();
		if (!children[child]) {
			dup2(gate[0], STDIN_FILENO);
			close(gate[1]);
			execl(path, name, "held-shot", index, NULL);
			_exit(127);
		}
	}
	for (long child = 0; child < count; child++) {
		snprintf(number, sizeof(number), "%d", children[child]);
		if (!read_who(number, &who))
			who.start_ticks = 0;
		printf("%s[%d,%llu]", first + child ? "," : "", children[child], (unsigned long long)who.start_ticks);
	}
	close(gate[0]);
	close(gate[1]);
	for (long child = 0; child < count; child++)
		right += waitpid(children[child], &status, 0) == children[child] && !status;
	return right;
}

/* attempts copies N [PROGRAMS]: N processes of as many programs, distinct files, in turn. */
int copies(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0, programs = argc > 2 ? strtol(argv[2], NULL, 10) : ALIVE;
	struct truth truth = { .kind = "copies" };
	char folder[] = "/tmp/attempts-XXXXXX", path[128];
	int status = AS_EXPECTED, proc = open("/proc", O_PATH | O_DIRECTORY);
	struct who self;
	long right = 0;

	if (count <= 0 || programs <= 0) {
		fprintf(stderr, "usage: attempts copies N [PROGRAMS]\n");
		return USAGE;
	}
	if (dup2(proc, PROC_FD) < 0 || fcntl(PROC_FD, F_SETFD, FD_CLOEXEC) || !mkdtemp(folder)) {
		perror("attempts: copies");
		return UNEXPECTED;
	}
	chmod(folder, 0755);
	for (long program = 0; program < programs && !status; program++) {
		snprintf(path, sizeof(path), "%s/copy-%ld", folder, program);
		if (!copy_file(own_path(), path, 0755))
			status = problem(&truth, MISSING, "%s: %s", path, strerror(errno));
	}
	if (!status)
		status = set_up(&truth, SETUP_LOOPBACK);
	if (status) {
		remove_tree(folder);
		print_truth(&truth, status);
		return status;
	}
	read_who("self", &self);
	printf("{\"kind\":\"copies\",\"pid\":%d,\"start_ticks\":%llu,\"folder\":\"%s\",\"programs\":%ld", self.pid,
	       (unsigned long long)self.start_ticks, folder, programs);
	printf(",\"processes\":[");
	for (long first = 0; first < count; first += ALIVE)
		right += run_batch(folder, first, count - first < ALIVE ? count - first : ALIVE, programs);
	printf("],\"made\":%ld,\"as_expected\":%ld}\n", count, right);
	remove_tree(folder);
	return right == count ? AS_EXPECTED : UNEXPECTED;
}

/*
 * attempts again FILE [unlink | replace OTHER]: refused connects for as long as FILE exists, so that
 * what is found out late about a process can be told in a later record of it. Before the first, its
 * own executable is unlinked, or OTHER takes its place.
 */
int again(int argc, char **argv)
{
	struct address to = address_of("127.0.0.1", CLOSED_PORT);
	struct truth truth = { .kind = "again" };
	const char *path = own_path();
	int status = set_up(&truth, SETUP_LOOPBACK), fd;

	if (status || argc < 2) {
		print_truth(&truth, status ? status : USAGE);
		return status ? status : USAGE;
	}
	if ((argc == 3 && unlink(path)) || (argc == 4 && rename(argv[3], path))) {
		perror("attempts: again");
		return UNEXPECTED;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	do {
		fd = new_socket(&to, SOCK_STREAM);
		if (!connect(fd, &to.any, to.length) || errno != ECONNREFUSED)
			return UNEXPECTED;
		close(fd);
		usleep(50000);
	} while (!access(argv[1], F_OK));
	return AS_EXPECTED;
}
