/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways in which a process begins and comes to its program. */
#define _GNU_SOURCE
#include "lineage.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often to try to get a pid that somebody else may have taken meanwhile. */
#define PID_TRIES 100

static int by_fork_and_exec(struct lineage *lineage)
{
	return fork_and_shoot(lineage, lineage->self, &(struct wanted){ .executable = lineage->self });
}

static int by_fork(struct lineage *lineage)
{
	int status = prepare(lineage);

	if (status)
		return status;
	if (!fork())
		be_shooter();
	return shot(lineage, &(struct wanted){ .executable = lineage->self });
}

static int by_vfork(struct lineage *lineage)
{
	int status = prepare(lineage);

	if (status)
		return status;
	if (!vfork())
		exec_shooter(lineage->self, NULL);
	return shot(lineage, &(struct wanted){ .executable = lineage->self });
}

static int by_posix_spawn(struct lineage *lineage)
{
	char *arguments[] = { "attempts", "shot", "spawned", NULL };
	int status = prepare(lineage);
	pid_t child;

	if (status)
		return status;
	errno = posix_spawn(&child, lineage->self, NULL, NULL, arguments, environ);
	if (errno)
		return lineage_problem(lineage, "posix_spawn");
	return shot(lineage, &(struct wanted){ .executable = lineage->self });
}

/* The child has its forker's parent for a parent, which is us. */
static int by_clone_parent(struct lineage *lineage)
{
	int status = prepare(lineage);

	if (status)
		return status;
	if (!fork()) {
		note_ancestor(lineage);
		if (!syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0))
			exec_shooter(lineage->self, NULL);
		_exit(0);
	}
	return shot(lineage, &(struct wanted){ .executable = lineage->self, .is_parents_child = true });
}

/* Ends the calling process, the forker, when the other end of `held` is closed. */
static void end_after(int held[2])
{
	char byte;

	close(held[1]);
	_exit(read(held[0], &byte, 1) ? UNEXPECTED : AS_EXPECTED);
}

/*
 * Forks twice, in a session of its own, as a daemon does; whoever forked it ends. Returns in the
 * grandchild, while its parent lives or when that has ended.
 */
static void become_daemon(struct lineage *lineage, bool is_orphan)
{
	char parent[16];
	int held[2];

	note_ancestor(lineage);
	setsid();
	if (fork() || pipe2(held, O_CLOEXEC))
		_exit(AS_EXPECTED);
	note_ancestor(lineage);
	snprintf(parent, sizeof(parent), "%d", getpid());
	setenv("SHOT_ORPHAN_OF", parent, 1);
	if (fork())
		end_after(held);
	close(held[0]);
	/* Else exec closes it. */
	if (is_orphan)
		close(held[1]);
	while (is_orphan && getppid() == atoi(parent))
		usleep(1000);
}

static int make_daemon(struct lineage *lineage, bool is_orphan)
{
	int status = prepare(lineage);

	if (status)
		return status;
	if (!fork()) {
		become_daemon(lineage, is_orphan);
		exec_shooter(lineage->self, NULL);
	}
	return shot(lineage, &(struct wanted){ .executable = lineage->self });
}

static int daemon_that_executes(struct lineage *lineage)
{
	return make_daemon(lineage, true);
}

static int daemon_of_shooter(struct lineage *lineage)
{
	return make_daemon(lineage, false);
}

static void *exec_in_thread(void *path)
{
	exec_shooter(path, NULL);
}

/* A thread executes a program: it takes the leader's place, and its pid. */
static int by_thread(struct lineage *lineage)
{
	int status = prepare(lineage);
	pthread_t thread;

	if (status)
		return status;
	if (!fork()) {
		pthread_create(&thread, NULL, exec_in_thread, lineage->self);
		for (;;)
			pause();
	}
	return shot(lineage, &(struct wanted){ .executable = lineage->self });
}

static int in_thread(struct lineage *lineage)
{
	int status;

	setenv("SHOT_THREAD", "1", 1);
	status = fork_and_shoot(lineage, lineage->self, &(struct wanted){ .executable = lineage->self });
	unsetenv("SHOT_THREAD");
	return status;
}

/* One process, two programs: an attempt by each. */
static int two_programs(struct lineage *lineage)
{
	const char *first = copy_program(lineage, "first"), *second = copy_program(lineage, "second");
	int status = first && second ? prepare(lineage) : lineage_problem(lineage, "copy");

	if (status)
		return status;
	if (!fork()) {
		setenv("SHOT_EXEC", second, 1);
		exec_shooter(first, NULL);
	}
	status = shot(lineage, &(struct wanted){ .executable = first, .goes_on = true });
	return status ? status : shot(lineage, &(struct wanted){ .executable = second });
}

static pid_t fork_with_pid(pid_t wanted)
{
	struct clone_args arguments = { .exit_signal = SIGCHLD };

	if (wanted) {
		arguments.set_tid = (uint64_t)(uintptr_t)&wanted;
		arguments.set_tid_size = 1;
	}
	return (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
}

/* Three programs one after the other, each of which has the pid of the one before. */
static int same_pid(struct lineage *lineage)
{
	static const char *const names[] = { "first", "second", "third" };
	const char *path;
	pid_t pid = 0, child;
	int status;

	for (int index = 0; index < 3; index++) {
		path = copy_program(lineage, names[index]);
		status = path ? prepare(lineage) : lineage_problem(lineage, "copy");
		if (status)
			return status;
		child = -1;
		for (int try = 0; try < PID_TRIES && child < 0; try++) {
			child = fork_with_pid(pid);
			if (child < 0 && errno != EEXIST)
				break;
			if (child < 0)
				usleep(1000);
		}
		if (!child)
			exec_shooter(path, (char *[]){ "attempts", "shot", (char *)names[index], NULL });
		if (child < 0 && index == 0)
			return problem(&lineage->truth, MISSING, "no clone3: %s", strerror(errno));
		if (child < 0)
			return problem(&lineage->truth, MISSING, "pid %d is not to be had again: %s", pid,
				       strerror(errno));
		pid = child;
		status = shot(lineage, &(struct wanted){ .executable = path });
		if (status)
			return status;
		waitpid(pid, NULL, 0);
	}
	return AS_EXPECTED;
}

static pid_t tracer;

/* By a process that is not its parent. */
static int trace_shooter(struct lineage *lineage, pid_t pid)
{
	int ready[2];
	char byte;

	if (pipe(ready))
		return lineage_problem(lineage, "pipe");
	tracer = fork();
	if (!tracer) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(lineage->talk);
		if (ptrace(PTRACE_SEIZE, pid, 0, 0))
			_exit(1);
		if (write(ready[1], "", 1) == 1)
			waitpid(pid, NULL, __WALL);
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		return problem(&lineage->truth, MISSING, "ptrace is not allowed");
	close(ready[0]);
	return AS_EXPECTED;
}

static int traced(struct lineage *lineage)
{
	return fork_and_shoot(lineage, lineage->self,
			      &(struct wanted){
				      .executable = lineage->self, .flags = { "ptraced" }, .before = trace_shooter });
}

static int preloaded(struct lineage *lineage)
{
	const char *preload = "/nonexistent/\x1b[31mhook\".so";
	int status = prepare(lineage);

	if (status)
		return status;
	if (!fork()) {
		setenv("LD_PRELOAD", preload, 1);
		setenv("LD_LIBRARY_PATH", preload, 1);
		exec_shooter(lineage->self, NULL);
	}
	return shot(lineage,
		    &(struct wanted){ .executable = lineage->self, .flags = { "preload" }, .preload = preload });
}

const struct lineage_kind birth_kinds[] = {
	{ "exec", by_fork_and_exec, "fork, exec" },
	{ "fork", by_fork, "fork, and no exec" },
	{ "vfork", by_vfork, "vfork, exec" },
	{ "posix-spawn", by_posix_spawn, "posix_spawn()" },
	{ "clone-parent", by_clone_parent, "clone(CLONE_PARENT), exec" },
	{ "daemon", daemon_that_executes, "an orphan of orphans that executes a program" },
	{ "orphan", daemon_of_shooter, "whoever forked it ends after it has executed its program" },
	{ "thread-exec", by_thread, "exec by a thread that is not the leader" },
	{ "thread", in_thread, "an attempt by a thread that is not the leader" },
	{ "exec-again", two_programs, "two programs after each other in one process" },
	{ "pid-reuse", same_pid, "three programs after each other with one pid" },
	{ "ptraced", traced, "traced by a process that is not its parent" },
	{ "preload", preloaded, "LD_PRELOAD and LD_LIBRARY_PATH are set" },
	{},
};
