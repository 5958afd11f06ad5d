/* Capabilities, and a child that is held until the hooks are live. */
#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int tattle_effective_capabilities(uint64_t *bits)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data))
		return -1;
	*bits = (uint64_t)data[1].effective << 32 | data[0].effective;
	return 0;
}

/* Only what is async-signal-safe: the parent has threads. */
static void run_child(const char *path, char *const arguments[], char *const fallback[], int go, int result)
{
	sigset_t none;
	char byte;
	int error;

	if (read(go, &byte, 1) != 1)
		_exit(0);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(path, arguments, environ);
	/* A script without #!: as execvp(3) and every shell do. */
	if (errno == ENOEXEC)
		execve("/bin/sh", fallback, environ);
	error = errno;
	if (write(result, &error, sizeof(error)) != (ssize_t)sizeof(error))
		_exit(126);
	_exit(127);
}

int tattle_spawn_held(const char *path, char *const arguments[], struct tattle_held_child *child)
{
	int go[2], result[2];
	size_t count = 0;
	char **fallback;

	while (arguments[count])
		count++;
	fallback = calloc(count + 3, sizeof(*fallback));
	if (!fallback)
		return -1;
	fallback[0] = "sh";
	fallback[1] = (char *)path;
	for (size_t i = 1; i < count; i++)
		fallback[i + 1] = arguments[i];
	if (pipe2(go, O_CLOEXEC)) {
		free(fallback);
		return -1;
	}
	if (pipe2(result, O_CLOEXEC)) {
		close(go[0]);
		close(go[1]);
		free(fallback);
		return -1;
	}
	child->pid = fork();
	if (child->pid == 0) {
		close(go[1]);
		close(result[0]);
		run_child(path, arguments, fallback, go[0], result[1]);
	}
	free(fallback);
	close(go[0]);
	close(result[1]);
	child->go = go[1];
	child->result = result[0];
	if (child->pid < 0) {
		int error = errno;

		close(go[1]);
		close(result[0]);
		errno = error;
		return -1;
	}
	return 0;
}

int tattle_release_held(struct tattle_held_child *child)
{
	int error = 0;
	ssize_t count;

	if (write(child->go, "", 1) != 1)
		error = errno;
	close(child->go);
	do {
		count = read(child->result, &error, sizeof(error));
	} while (count < 0 && errno == EINTR);
	close(child->result);
	return error;
}

void tattle_abandon_held(struct tattle_held_child *child)
{
	int status;

	close(child->go);
	close(child->result);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
}
