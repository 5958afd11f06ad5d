/* SPDX-License-Identifier: GPL-2.0-only */
/* TCP attempts that end because the process or another thread ends them. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child tells its parent, in memory that they share. */
struct shared {
	struct truth truth;
	_Atomic pid_t connecting; /* the thread that is about to call connect() */
	_Atomic int seen;         /* what connect() left in errno */
	int fd;
	struct address to;
};

static struct shared *share(const struct kind *kind)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		_exit(UNEXPECTED);
	shared->to = address_of(kind->ip, 443);
	return shared;
}

/* Waits until a thread sleeps in connect(). */
static void wait_until_asleep(pid_t pid, struct shared *shared)
{
	char path[64], text[512];

	for (;;) {
		pid_t thread = atomic_load(&shared->connecting);
		FILE *file;
		char *state = NULL;

		usleep(20000);
		if (!thread)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, thread);
		file = fopen(path, "re");
		if (!file)
			return;
		if (fgets(text, sizeof(text), file))
			state = strrchr(text, ')');
		fclose(file);
		if (state && state[2] == 'S')
			return;
	}
}

static void *connect_blocking(void *argument)
{
	struct shared *shared = argument;

	shared->fd = new_socket(&shared->to, SOCK_STREAM);
	/* When the other thread acts is the scheduler's business. */
	expect(&shared->truth, IPPROTO_TCP, &shared->to, "aborted", 0)->is_any_time = true;
	atomic_store(&shared->connecting, gettid());
	atomic_store(&shared->seen, connect(shared->fd, &shared->to.any, shared->to.length) ? errno : 0);
	return NULL;
}

static int adopt(struct truth *truth, struct shared *shared)
{
	memcpy(truth->attempts, shared->truth.attempts, sizeof(truth->attempts));
	truth->count = shared->truth.count;
	return AS_EXPECTED;
}

/* The process is gone before any answer could come. */
static int exit_at_once(struct truth *truth, const struct kind *kind)
{
	struct shared *shared = share(kind);
	pid_t child = fork();
	int status;

	if (!child) {
		int fd = new_socket(&shared->to, SOCK_STREAM | SOCK_NONBLOCK);

		expect(&shared->truth, IPPROTO_TCP, &shared->to, "aborted", 0);
		_exit(connect(fd, &shared->to.any, shared->to.length) && errno == EINPROGRESS ? 0 : 1);
	}
	waitpid(child, &status, 0);
	adopt(truth, shared);
	return status ? problem(truth, UNEXPECTED, "the child's connect() did not wait") : AS_EXPECTED;
}

/* One thread waits in connect(), another one ends the process. */
static int exit_while_blocked(struct truth *truth, const struct kind *kind)
{
	struct shared *shared = share(kind);
	pid_t child = fork();
	pthread_t thread;

	if (!child) {
		pthread_create(&thread, NULL, connect_blocking, shared);
		wait_until_asleep(getpid(), shared);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	return adopt(truth, shared);
}

static int kill_while_blocked(struct truth *truth, const struct kind *kind)
{
	struct shared *shared = share(kind);
	pid_t child = fork();

	if (!child) {
		connect_blocking(shared);
		_exit(0);
	}
	wait_until_asleep(child, shared);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return adopt(truth, shared);
}

static void nothing(int number)
{
	(void)number;
}

/* shutdown() from another thread ends it; close() would not, the call holds the file. */
static int shut_down_while_blocked(struct truth *truth, const struct kind *kind)
{
	struct shared *shared = share(kind);
	struct sigaction action = { .sa_handler = nothing };
	pthread_t thread;
	int seen, error;

	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, connect_blocking, shared);
	wait_until_asleep(getpid(), shared);
	error = shutdown(shared->fd, SHUT_RDWR) ? errno : 0;
	/* For a while kernels denied it while a thread waits: 4faeee0cf8a5, taken back by 419ce133ab92. */
	if (error)
		pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	close(shared->fd);
	adopt(truth, shared);
	if (error)
		return problem(truth, MISSING, "this kernel denies shutdown() while a thread waits: %s", strerror(error));
	seen = atomic_load(&shared->seen);
	/* Which one depends on the kernel: tcp_disconnect() and inet_shutdown() changed. */
	return seen == ECONNABORTED ? AS_EXPECTED : check_errno(truth, "connect", seen, ECONNRESET);
}

static int interrupt_while_blocked(struct truth *truth, const struct kind *kind)
{
	struct sigaction action = { .sa_handler = nothing };
	struct shared *shared = share(kind);
	pthread_t thread;

	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, connect_blocking, shared);
	wait_until_asleep(getpid(), shared);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	close(shared->fd);
	adopt(truth, shared);
	return check_errno(truth, "connect", atomic_load(&shared->seen), EINTR);
}

const struct kind tcp_ending_kinds[] = {
	{ "tcp4-exit-at-once", SETUP_ROUTED, exit_at_once, SILENT4, 0, "aborted", "not waiting, and the process exits at once" },
	{ "tcp6-exit-at-once", SETUP_ROUTED, exit_at_once, SILENT6, 0, "aborted", "not waiting, and the process exits at once" },
	{ "tcp4-exit-while-blocked", SETUP_ROUTED, exit_while_blocked, SILENT4, 0, "aborted", "the process exits while a thread waits in connect()" },
	{ "tcp4-killed-while-blocked", SETUP_ROUTED, kill_while_blocked, SILENT4, 0, "aborted", "killed while waiting in connect()" },
	{ "tcp4-shutdown-while-blocked", SETUP_ROUTED, shut_down_while_blocked, SILENT4, 0, "aborted", "shutdown() by another thread" },
	{ "tcp4-interrupted", SETUP_ROUTED, interrupt_while_blocked, SILENT4, 0, "aborted", "a signal ends connect(), then closed" },
	{},
};
