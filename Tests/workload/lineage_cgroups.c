/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes in cgroups (v2) that are gone by the time anybody could look for them. */
#define _GNU_SOURCE
#include "lineage.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTAINER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD "12345678_9abc_def0_1234_56789abcdef0"

static char root[PATH_MAX / 2];
static char current[PATH_MAX];

/* Makes the folders of a path below the root of all cgroups, or, when that fails, none. */
static int make_cgroup(struct lineage *lineage, const char *path)
{
	if (!find_cgroups(root, sizeof(root)))
		return problem(&lineage->truth, MISSING, "no cgroup v2");
	snprintf(current, sizeof(current), "%s%s", root, path);
	for (char *slash = current + strlen(root) + 1;; slash++) {
		if (*slash && *slash != '/')
			continue;
		bool is_last = !*slash;

		*slash = 0;
		if (mkdir(current, 0755) && errno != EEXIST)
			return problem(&lineage->truth, MISSING, "%s: %s", current, strerror(errno));
		if (is_last)
			return AS_EXPECTED;
		*slash = '/';
	}
}

/* Removes what make_cgroup() made, from the innermost out. The last process may be on its way out still. */
static int remove_cgroup(struct lineage *lineage)
{
	int tries = 10000;

	while (strlen(current) > strlen(root)) {
		while (rmdir(current)) {
			if (errno != EBUSY || !--tries)
				return lineage_problem(lineage, current);
			usleep(1000);
		}
		*strrchr(current, '/') = 0;
	}
	return AS_EXPECTED;
}

static bool join(const char *cgroup, pid_t pid)
{
	char path[PATH_MAX + 32], number[16];

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	snprintf(number, sizeof(number), "%d", pid);
	return !write_file(path, number);
}

static int shoot_inside(struct lineage *lineage, struct wanted wanted)
{
	char path[PATH_MAX / 2];
	int status, removed;

	/* Below slices only is a unit one: systemd.slice(5). */
	snprintf(path, sizeof(path), "/attempts-%d.slice%s", getpid(), wanted.cgroup);
	wanted.cgroup = path;
	wanted.executable = lineage->self;
	status = make_cgroup(lineage, path);
	if (!status)
		status = prepare(lineage);
	if (!status) {
		if (!fork()) {
			if (!join(current, 0))
				_exit(UNEXPECTED);
			exec_shooter(lineage->self, NULL);
		}
		status = shot(lineage, &wanted);
	}
	removed = *current ? remove_cgroup(lineage) : AS_EXPECTED;
	return status ? status : removed;
}

static int removed_after_end(struct lineage *lineage)
{
	return shoot_inside(lineage, (struct wanted){ .cgroup = "/short-lived" });
}

static int move_in(struct lineage *lineage, pid_t pid)
{
	return join(current, pid) ? AS_EXPECTED : lineage_problem(lineage, "cgroup.procs");
}

static int move_out(struct lineage *lineage, pid_t pid)
{
	return join(root, pid) ? remove_cgroup(lineage) : lineage_problem(lineage, "cgroup.procs");
}

/* Only for the attempt itself is it in there. */
static int removed_after_move(struct lineage *lineage)
{
	char path[64];
	int status, removed;

	snprintf(path, sizeof(path), "/attempts-%d", getpid());
	status = make_cgroup(lineage, path);
	if (!status)
		status = fork_and_shoot(lineage, lineage->self,
					&(struct wanted){ .executable = lineage->self,
							  .cgroup = path,
							  .before = move_in,
							  .after = move_out });
	removed = *current ? remove_cgroup(lineage) : AS_EXPECTED;
	return status ? status : removed;
}

static int unit(struct lineage *lineage)
{
	return shoot_inside(lineage, (struct wanted){ .cgroup = "/system.slice/beacon.service",
						      .unit = "beacon.service",
						      .slice = "system.slice" });
}

static int docker(struct lineage *lineage)
{
	return shoot_inside(lineage, (struct wanted){ .cgroup = "/system.slice/docker-" CONTAINER ".scope",
						      .container = CONTAINER,
						      .runtime = "docker" });
}

static int pod(struct lineage *lineage)
{
	return shoot_inside(lineage,
			    (struct wanted){ .cgroup = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable"
						       "-pod" POD ".slice/cri-containerd-" CONTAINER ".scope",
					     .container = CONTAINER,
					     .runtime = "containerd",
					     .pod = "12345678-9abc-def0-1234-56789abcdef0" });
}

const struct lineage_kind cgroup_kinds[] = {
	{ "cgroup", removed_after_end, "a cgroup that is removed when the process has ended" },
	{ "cgroup-moved", removed_after_move, "a cgroup that is removed when the process has left it" },
	{ "cgroup-unit", unit, "the cgroup of a systemd unit" },
	{ "cgroup-docker", docker, "the cgroup of a Docker container" },
	{ "cgroup-pod", pod, "the cgroup of a container in a Kubernetes pod" },
	{},
};
