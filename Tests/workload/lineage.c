/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * attempts lineages              what ways there are for a process to come about
 * attempts lineage KIND...       makes an attempt of such a process, and tells what is true of it
 */
#define _GNU_SOURCE
#include "lineage.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whoever says nothing for so long is stuck; an emulated machine is slow. */
#define PATIENCE_MS 60000

static const struct lineage_kind *const tables[] = { birth_kinds, file_kinds, script_kinds, place_kinds, cgroup_kinds };

struct hello {
	pid_t pid; /* as the initial pid namespace has it */
	pid_t tid;
};

int lineage_problem(struct lineage *lineage, const char *what)
{
	return problem(&lineage->truth, UNEXPECTED, "%s: %s", what, strerror(errno));
}

int prepare(struct lineage *lineage)
{
	char port[16];
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) || dup2(ends[1], TALK_FD) < 0)
		return lineage_problem(lineage, "socketpair");
	close(ends[1]);
	lineage->talk = ends[0];
	lineage->chain->count = 0;
	snprintf(port, sizeof(port), "%d", FIRST_SHOT_PORT + lineage->shots);
	setenv("SHOT_PORT", port, 1);
	return AS_EXPECTED;
}

void note_ancestor(struct lineage *lineage)
{
	if (lineage->chain->count < MAX_CHAIN && read_who("self", &lineage->chain->who[lineage->chain->count]))
		lineage->chain->count++;
}

/* False when everybody has gone or nothing came. */
static bool receive(struct lineage *lineage, void *message, size_t length)
{
	struct pollfd poller = { .fd = lineage->talk, .events = POLLIN };

	return poll(&poller, 1, PATIENCE_MS) == 1 && read(lineage->talk, message, length) == (ssize_t)length;
}

static bool let_go_on(struct lineage *lineage)
{
	return write(lineage->talk, "", 1) == 1;
}

int shot(struct lineage *lineage, const struct wanted *wanted)
{
	struct hello hello;
	int seen = 0, status;
	char nothing;

	close(TALK_FD);
	if (!receive(lineage, &hello, sizeof(hello))) {
		/* Whoever waits for us need not any more. */
		close(lineage->talk);
		return problem(&lineage->truth, UNEXPECTED, "the process ended before it said anything");
	}
	status = wanted->before ? wanted->before(lineage, hello.pid) : AS_EXPECTED;
	if (!status)
		status = print_shot(lineage, wanted, hello.pid, hello.tid);
	if (!status && (!let_go_on(lineage) || !receive(lineage, &seen, sizeof(seen))))
		status = problem(&lineage->truth, UNEXPECTED, "the process ended before its attempt did");
	if (!status)
		status = check_errno(&lineage->truth, "connect", seen, ECONNREFUSED);
	if (!status && wanted->after)
		status = wanted->after(lineage, hello.pid);
	let_go_on(lineage);
	lineage->shots++;
	if (wanted->goes_on)
		return status;
	/* The end of the last one that has the socket. */
	receive(lineage, &nothing, 1);
	close(lineage->talk);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return status;
}

/* The numbers that /proc's own pid namespace has for us. */
static struct hello introduce(void)
{
	struct hello hello = {};
	char link[64] = "";

	if (readlinkat(PROC_FD, "thread-self", link, sizeof(link) - 1) > 0)
		sscanf(link, "%d/task/%d", &hello.pid, &hello.tid);
	return hello;
}

/* What is to happen between exec and the attempt is in the environment, as arguments are recorded. */
static void do_before(void)
{
	const char *unlinked = getenv("SHOT_UNLINK"), *successor = getenv("SHOT_SUCCESSOR");
	const char *parent = getenv("SHOT_ORPHAN_OF");

	if (successor && rename(successor, unlinked))
		_exit(UNEXPECTED);
	if (unlinked && !successor && unlink(unlinked))
		_exit(UNEXPECTED);
	while (parent && getppid() == atoi(parent))
		usleep(1000);
	if (getenv("SHOT_CAPSET")) {
		struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
		struct __user_cap_data_struct data[2] = {};

		data[0].effective = data[0].permitted = 1U << CAP_NET_BIND_SERVICE;
		if (syscall(SYS_capset, &header, data))
			_exit(UNEXPECTED);
	}
}

static void *shoot(void *unused)
{
	const char *port = getenv("SHOT_PORT");
	struct address to = address_of("127.0.0.1", (uint16_t)atoi(port ? port : "9"));
	struct hello hello = introduce();
	int fd, seen;
	char go;

	(void)unused;
	if (getenv("SHOT_THREAD"))
		prctl(PR_SET_NAME, "the shooter");
	if (write(TALK_FD, &hello, sizeof(hello)) != sizeof(hello) || read(TALK_FD, &go, 1) != 1)
		_exit(UNEXPECTED);
	fd = new_socket(&to, SOCK_STREAM);
	seen = connect(fd, &to.any, to.length) ? errno : 0;
	if (write(TALK_FD, &seen, sizeof(seen)) != sizeof(seen))
		_exit(UNEXPECTED);
	/* Nothing comes when our ancestor has ended. */
	if (read(TALK_FD, &go, 1) != 1)
		_exit(UNEXPECTED);
	return NULL;
}

void be_shooter(void)
{
	const char *next = getenv("SHOT_EXEC");
	pthread_t thread;

	do_before();
	if (getenv("SHOT_THREAD")) {
		if (pthread_create(&thread, NULL, shoot, NULL))
			_exit(UNEXPECTED);
		pthread_join(thread, NULL);
	} else {
		shoot(NULL);
	}
	if (next) {
		char port[16];

		/* The same process once more, as another program. */
		snprintf(port, sizeof(port), "%d", atoi(getenv("SHOT_PORT")) + 1);
		setenv("SHOT_PORT", port, 1);
		unsetenv("SHOT_EXEC");
		exec_shooter(next, NULL);
	}
	_exit(AS_EXPECTED);
}

int shot_command(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	be_shooter();
}

void exec_shooter(const char *path, char *const *arguments)
{
	char *const usual[] = { "attempts", "shot", "one", "two words", NULL };

	execve(path, arguments ? arguments : usual, environ);
	_exit(127);
}

int fork_and_shoot(struct lineage *lineage, const char *path, const struct wanted *wanted)
{
	int status = prepare(lineage);
	pid_t child;

	if (status)
		return status;
	child = fork();
	if (!child)
		exec_shooter(path, NULL);
	return shot(lineage, wanted);
}

static void print_lineage(struct lineage *lineage, int status, char **shots)
{
	static const char *const words[] = { "as_expected", "unexpected", "usage", "missing" };
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	fclose(lineage->out);
	fprintf(out, "{\"kind\":\"%s\",\"status\":\"%s\",\"pid\":%d", lineage->truth.kind, words[status], getpid());
	print_hex(out, "problem", lineage->truth.problem, strlen(lineage->truth.problem));
	fprintf(out, ",\"shots\":[%s]}\n", *shots);
	fclose(out);
	/* One write, so that lines of several processes do not mix; a file takes it whole. */
	if (write(STDOUT_FILENO, text, length) != (ssize_t)length)
		perror("attempts: standard output");
	free(text);
}

static int run_one(const struct lineage_kind *kind)
{
	struct lineage lineage = { .truth = { .kind = kind->name }, .folder = "/tmp/attempts-XXXXXX" };
	int status, proc = open("/proc", O_PATH | O_DIRECTORY);
	char *shots = NULL;
	size_t length = 0;

	lineage.out = open_memstream(&shots, &length);
	lineage.chain = mmap(NULL, sizeof(*lineage.chain), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	snprintf(lineage.self, sizeof(lineage.self), "%s", own_path());
	unsetenv("LD_PRELOAD");
	unsetenv("LD_LIBRARY_PATH");
	if (!lineage.out || lineage.chain == MAP_FAILED || dup2(proc, PROC_FD) < 0 || !mkdtemp(lineage.folder)) {
		perror("attempts: lineage");
		return UNEXPECTED;
	}
	close(proc);
	chmod(lineage.folder, 0755);
	status = set_up(&lineage.truth, SETUP_LOOPBACK);
	if (!status)
		status = kind->run(&lineage);
	while (waitpid(-1, NULL, 0) > 0)
		;
	if (remove_tree(lineage.folder) && !status)
		status = lineage_problem(&lineage, lineage.folder);
	print_lineage(&lineage, status, &shots);
	return status;
}

static const struct lineage_kind *find_kind(const char *name)
{
	for (size_t table = 0; table < sizeof(tables) / sizeof(*tables); table++) {
		for (const struct lineage_kind *kind = tables[table]; kind->name; kind++) {
			if (!strcmp(kind->name, name))
				return kind;
		}
	}
	return NULL;
}

int list_lineages(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (size_t table = 0; table < sizeof(tables) / sizeof(*tables); table++) {
		for (const struct lineage_kind *kind = tables[table]; kind->name; kind++)
			printf("%-20s %s\n", kind->name, kind->summary);
	}
	return AS_EXPECTED;
}

int run_lineages(int argc, char **argv)
{
	const struct lineage_kind *kind = argc == 2 ? find_kind(argv[1]) : NULL;
	int status, result = AS_EXPECTED;
	pid_t child;

	if (kind)
		return run_one(kind);
	if (argc <= 2) {
		fprintf(stderr, "usage: attempts lineage KIND..., see attempts lineages\n");
		return USAGE;
	}
	/* One after the other: some kinds want a pid that has just become free. */
	for (int next = 1; next < argc; next++) {
		child = fork();
		if (!child) {
			execl(own_path(), "attempts", "lineage", argv[next], NULL);
			_exit(127);
		}
		waitpid(child, &status, 0);
		if (status && WEXITSTATUS(status) != MISSING)
			result = UNEXPECTED;
	}
	return result;
}
