/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes in namespaces, folders, sessions and with rights of their own. */
#define _GNU_SOURCE
#include "lineage.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define NOBODY 65534

/* Of the child alone: what it mounts is gone with it. */
static bool leave_mounts(void)
{
	return !unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* On a file system of its own, as /tmp may forbid what is wanted here. */
static int setuid_program(struct lineage *lineage)
{
	char path[PATH_MAX];
	int status = prepare(lineage);

	if (status)
		return status;
	snprintf(path, sizeof(path), "%s/setuid", lineage->folder);
	if (!fork()) {
		if (!leave_mounts() || mount("setuid", lineage->folder, "tmpfs", 0, "mode=755") ||
		    !copy_file(lineage->self, path, 04755) || setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
		    setresuid(NOBODY, NOBODY, NOBODY))
			_exit(UNEXPECTED);
		exec_shooter(path, NULL);
	}
	return shot(lineage, &(struct wanted){ .executable = path, .flags = { "setuid" } });
}

/* Real and effective ids that differ, by a program without any special file. */
static int other_user(struct lineage *lineage)
{
	const char *path = copy_program(lineage, "beacon");
	int status = path ? prepare(lineage) : lineage_problem(lineage, "copy");

	if (status)
		return status;
	if (!fork()) {
		if (setgroups(0, NULL) || setresgid(NOBODY, 2, 2) || setresuid(NOBODY, 1, 1))
			_exit(UNEXPECTED);
		exec_shooter(path, NULL);
	}
	return shot(lineage, &(struct wanted){ .executable = path });
}

static void enter_namespaces(struct lineage *lineage, int ready, int mapped, const char *path)
{
	char byte;

	if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS) || write(ready, "", 1) != 1 ||
	    read(mapped, &byte, 1) != 1 || !raise_loopback())
		_exit(UNEXPECTED);
	note_ancestor(lineage);
	if (fork())
		_exit(AS_EXPECTED);
	/* Root in here, nobody outside. */
	if (setresgid(0, 0, 0) || setresuid(0, 0, 0))
		_exit(UNEXPECTED);
	exec_shooter(path, NULL);
}

static bool map_users(pid_t child)
{
	static const char *const maps[] = { "uid_map", "gid_map" };
	char path[64];

	for (int index = 0; index < 2; index++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", child, maps[index]);
		if (write_file(path, "0 65534 1\n"))
			return false;
	}
	return true;
}

/* Pid 1 and root of its own namespaces. */
static int in_namespaces(struct lineage *lineage)
{
	const char *path = copy_program(lineage, "beacon");
	int status = path ? prepare(lineage) : lineage_problem(lineage, "copy"), ready[2], mapped[2];
	pid_t child;
	char byte;

	if (status || pipe2(ready, O_CLOEXEC) || pipe2(mapped, O_CLOEXEC))
		return status ? status : lineage_problem(lineage, "pipe");
	child = fork();
	if (!child)
		enter_namespaces(lineage, ready[1], mapped[0], path);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		return problem(&lineage->truth, MISSING, "no user namespaces");
	if (!map_users(child) || write(mapped[1], "", 1) != 1)
		status = lineage_problem(lineage, "uid_map");
	/* Without an answer, it ends. */
	close(ready[0]);
	close(mapped[0]);
	close(mapped[1]);
	return status ? status : shot(lineage, &(struct wanted){ .executable = path, .user = NOBODY + 1 });
}

static int in_chroot(struct lineage *lineage)
{
	char jail[PATH_MAX];
	const char *path;
	int status;

	snprintf(jail, sizeof(jail), "%s/jail", lineage->folder);
	mkdir(jail, 0755);
	path = copy_program(lineage, "jail/beacon");
	status = path ? prepare(lineage) : lineage_problem(lineage, "copy");
	if (status)
		return status;
	if (!fork()) {
		if (chroot(jail) || chdir("/"))
			_exit(UNEXPECTED);
		exec_shooter("/beacon", NULL);
	}
	return shot(lineage, &(struct wanted){ .executable = path });
}

static int in_bind_mount(struct lineage *lineage)
{
	char source[PATH_MAX], target[PATH_MAX], path[PATH_MAX + 16];
	int status;

	snprintf(source, sizeof(source), "%s/source", lineage->folder);
	snprintf(target, sizeof(target), "%s/target", lineage->folder);
	snprintf(path, sizeof(path), "%s/beacon", target);
	mkdir(source, 0755);
	mkdir(target, 0755);
	status = copy_program(lineage, "source/beacon") ? prepare(lineage) : lineage_problem(lineage, "copy");
	if (status)
		return status;
	if (!fork()) {
		if (!leave_mounts() || mount(source, target, NULL, MS_BIND, NULL))
			_exit(UNEXPECTED);
		exec_shooter(path, NULL);
	}
	return shot(lineage, &(struct wanted){ .executable = path });
}

static int on_terminal(struct lineage *lineage)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave, status;
	char name[64];

	if (terminal < 0 || grantpt(terminal) || unlockpt(terminal) || ptsname_r(terminal, name, sizeof(name)))
		return problem(&lineage->truth, MISSING, "no pseudo-terminal: %s", strerror(errno));
	status = prepare(lineage);
	if (status)
		return status;
	if (!fork()) {
		setsid();
		slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (slave < 0 || ioctl(slave, TIOCSCTTY, 0))
			_exit(UNEXPECTED);
		/* Not the session's leader itself. */
		note_ancestor(lineage);
		if (fork()) {
			close(TALK_FD);
			wait(NULL);
			_exit(AS_EXPECTED);
		}
		exec_shooter(lineage->self, NULL);
	}
	status = shot(lineage, &(struct wanted){ .executable = lineage->self });
	close(terminal);
	return status;
}

/* What exec leaves of root's capabilities is what is in the bounding set. */
static int bounded_capabilities(struct lineage *lineage)
{
	int status = prepare(lineage);

	if (status)
		return status;
	if (!fork()) {
		for (int capability = 0; capability < 64; capability++) {
			if (capability != CAP_NET_BIND_SERVICE)
				prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
		}
		exec_shooter(lineage->self, NULL);
	}
	return shot(lineage, &(struct wanted){ .executable = lineage->self });
}

/* Gives all but one away when it runs already. */
static int dropped_capabilities(struct lineage *lineage)
{
	int status;

	setenv("SHOT_CAPSET", "1", 1);
	status = fork_and_shoot(lineage, lineage->self, &(struct wanted){ .executable = lineage->self });
	unsetenv("SHOT_CAPSET");
	return status;
}

const struct lineage_kind place_kinds[] = {
	{ "setuid", setuid_program, "a setuid program, run by nobody" },
	{ "other-user", other_user, "effective ids that are not the real ones" },
	{ "namespaces", in_namespaces, "new user, pid, network and mount namespaces" },
	{ "chroot", in_chroot, "in a chroot" },
	{ "bind-mount", in_bind_mount, "through a bind mount" },
	{ "terminal", on_terminal, "with a controlling terminal, in another's session" },
	{ "bounded-capability", bounded_capabilities, "one capability, since it was executed" },
	{ "dropped-capability", dropped_capabilities, "one capability, the others were given away" },
	{},
};
