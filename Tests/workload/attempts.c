/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * attempts list                        what there is
 * attempts [OPTION...] KIND            makes that attempt, prints its truth
 * attempts run KIND...                 each kind in a process of its own, several at a time
 *
 * Options: --user UID, --start-when FILE (waits until it exists, set up and ready)
 *
 * Other commands: see `attempts list`.
 */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Kinds at a time: most of them wait. */
#define JOBS 12

static const struct kind *const tables[] = {
	tcp_kinds, tcp_waiting_kinds, tcp_ending_kinds, fast_open_kinds, mptcp_kinds, io_uring_kinds,
	io_uring_send_kinds, udp_kinds, batch_kinds, splice_kinds, udplite_kinds, ping_kinds, raw_kinds, packet_kinds,
	sctp_kinds, dccp_kinds, vsock_kinds, address_kinds, group_kinds, compat_kinds, denied_kinds, bpf_lsm_kinds,
	cgroup_denied_kinds, netfilter_kinds, kernel_kinds, other_family_kinds,
};

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "run", run_kinds, "KIND...: each in a process of its own, several at a time" },
	{ "mixed", mixed, "SECONDS PROCESSES SEED: kinds at random, so many processes at a time" },
	{ "storm", storm, "N: N times fork, exec, connect, exit" },
	{ "one-shot", one_shot, "INDEX: one connect() to a closed port, where we are" },
	{ "flood-tcp", flood_tcp, "N: N refused connects from one process" },
	{ "flood-udp", flood_udp, "N: N datagrams from N sockets of one process" },
	{ "scatter", scatter, "N: a datagram from one socket to each of N addresses" },
	{ "many-open", many_open, "N: N TCP connections and N datagram sockets, all open at once" },
	{ "refused", refused_with_args, "ARG...: a refused connect of a process with these arguments" },
	{ "refused-until", refused_until, "FILE ARG...: the same, and lives until FILE tells of it" },
	{ "overwriting", refused_overwriting, "FILE ARG...: the same, of a process that wrote over its arguments" },
	{ "weird-args", weird_args, "runs itself with arguments that need escaping" },
	{ "big-args", big_args, "BYTES [KIND FILE]: runs itself with so many bytes of arguments" },
	{ "hostile-name", hostile_name, "FOLDER: a program with a hostile name, copied to FOLDER" },
	{ "background", background, "KIND: by an orphan in a session of its own; ends when that has ended" },
	{ "drop-privileges", drop_privileges, "[--keep-root] COMMAND...: runs it with no capability at all" },
	{ "lineages", list_lineages, "the ways there are for a process to come about" },
	{ "lineage", run_lineages, "KIND...: an attempt of a process that came about so" },
	{ "shot", shot_command, "the process that `lineage` makes" },
	{ "copies", copies, "N [PROGRAMS]: N processes of distinct programs, 200 alive at once" },
	{ "held-shot", held_shot, "INDEX: one-shot, after the standard input's end" },
	{ "hold", hold, "FILE: holds a TCP connection, a connect() under way and a connected UDP socket until FILE exists" },
	{ "alone", alone, "COMMAND...: in a network namespace of its own, in which nothing is up" },
	{ "filtered", filtered, "a connect() that a seccomp filter refuses, where we are" },
	{ "dial", call_home, "ADDRESS PORT: one connect(), where nothing is up" },
	{ "held-beacon", held_beacon, "MILLISECONDS N: 40 bytes every so often, N times, on one connection" },
	{ "flow-beacon", flow_beacon, "MILLISECONDS N: a datagram of 40 bytes every so often, N times, from one socket" },
	{ "again", again, "FILE [unlink | replace OTHER]: the same refused connect while FILE exists" },
	{ "bpf-state", bpf_state, "the ids of tattle's programs in the kernel" },
	{ "bpf-maps", bpf_maps, "PID: how many entries the BPF maps have that a process holds" },
	{ "load", load_modules, "MODULE...: loads modules of the kernel" },
	{ "unload", unload_modules, "MODULE...: takes them away, with those that they alone need" },
	{ "unseen-end", unseen_end, "PID: closes a socket that a tattle keeps an attempt of, and it sees no change of state" },
};

const struct kind *kind_at(size_t index)
{
	for (size_t table = 0; table < sizeof(tables) / sizeof(*tables); table++) {
		for (const struct kind *kind = tables[table]; kind->name; kind++) {
			if (!index--)
				return kind;
		}
	}
	return NULL;
}

static const struct kind *find_kind(const char *name)
{
	const struct kind *kind;

	for (size_t index = 0; (kind = kind_at(index)); index++) {
		if (!strcmp(kind->name, name))
			return kind;
	}
	return NULL;
}

static int list(void)
{
	const struct kind *kind;

	for (size_t index = 0; (kind = kind_at(index)); index++)
		printf("%-30s %s %s\n", kind->name, kind->ip, kind->summary);
	for (size_t index = 0; index < sizeof(commands) / sizeof(*commands); index++)
		fprintf(stderr, "%s %s\n", commands[index].name, commands[index].summary);
	return AS_EXPECTED;
}

int run_kinds(int argc, char **argv)
{
	int status, running = 0, result = AS_EXPECTED;

	for (int next = 1; next < argc || running;) {
		if (next < argc && running < JOBS) {
			if (!fork()) {
				execl(own_path(), "attempts", argv[next], NULL);
				_exit(127);
			}
			next++;
			running++;
			continue;
		}
		if (wait(&status) < 0)
			break;
		running--;
		if (status && WEXITSTATUS(status) != MISSING)
			result = UNEXPECTED;
	}
	return result;
}

int background(int argc, char **argv)
{
	int status, ends[2];
	char byte;
	pid_t child;

	if (argc != 2 || pipe(ends))
		return USAGE;
	child = fork();
	if (!child) {
		close(ends[0]);
		setsid();
		if (fork())
			_exit(0);
		/* The orphan holds the pipe's other end, over exec, for as long as it lives. */
		while (getppid() == child)
			usleep(1000);
		execl(own_path(), "attempts", argv[1], NULL);
		_exit(127);
	}
	close(ends[1]);
	waitpid(child, &status, 0);
	return read(ends[0], &byte, 1) == 0 ? AS_EXPECTED : UNEXPECTED;
}

int drop_privileges(int argc, char **argv)
{
	bool keeps_root = argc > 1 && !strcmp(argv[1], "--keep-root");
	int first = keeps_root ? 2 : 1;

	if (first >= argc)
		return USAGE;
	/* From the bounding set: exec by root does not bring them back. */
	for (int capability = 0; !prctl(PR_CAPBSET_DROP, capability, 0, 0, 0); capability++)
		;
	if (!keeps_root && (setgroups(0, NULL) || setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))) {
		perror("attempts: drop-privileges");
		return UNEXPECTED;
	}
	execv(argv[first], argv + first);
	perror("attempts: exec");
	return 127;
}

static int usage(void)
{
	fputs("usage: attempts list | attempts [--user UID] [--start-when FILE] KIND | attempts COMMAND [ARG...]\n", stderr);
	return USAGE;
}

int main(int argc, char **argv)
{
	const char *user = NULL, *signal_file = NULL;
	struct truth truth = {};
	const struct kind *kind;
	int status, next = 1;

	for (; next + 1 < argc && !strncmp(argv[next], "--", 2); next += 2) {
		if (!strcmp(argv[next], "--user"))
			user = argv[next + 1];
		else if (!strcmp(argv[next], "--start-when"))
			signal_file = argv[next + 1];
		else
			return usage();
	}
	if (next >= argc)
		return usage();
	if (!strcmp(argv[next], "list"))
		return list();
	kind = find_kind(argv[next]);
	if (kind) {
		truth.kind = kind->name;
		status = set_up(&truth, kind->setup);
	}
	while (signal_file && access(signal_file, F_OK))
		usleep(2000);
	if (user && setresuid((uid_t)atoi(user), (uid_t)atoi(user), (uid_t)atoi(user))) {
		perror("attempts: setresuid");
		return UNEXPECTED;
	}
	if (kind) {
		if (!status)
			status = kind->run(&truth, kind);
		print_truth(&truth, status);
		return status;
	}
	for (size_t index = 0; index < sizeof(commands) / sizeof(*commands); index++) {
		if (!strcmp(commands[index].name, argv[next]))
			return commands[index].run(argc - next, argv + next);
	}
	fprintf(stderr, "attempts: no kind is called '%s'\n", argv[next]);
	return usage();
}
