/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs whose file is not what it seems, or not there any more. */
#define _GNU_SOURCE
#include "lineage.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool copy_into(const char *from, int to)
{
	int source = open(from, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	while ((length = sendfile(to, source, NULL, 1 << 24)) > 0)
		;
	close(source);
	return !length;
}

bool copy_file(const char *from, const char *to, mode_t mode)
{
	int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	bool is_whole = target >= 0 && copy_into(from, target) && !fchmod(target, mode);

	close(target);
	return is_whole;
}

const char *copy_program(struct lineage *lineage, const char *name)
{
	char *path = malloc(PATH_MAX);

	snprintf(path, PATH_MAX, "%s/%s", lineage->folder, name);
	return copy_file(lineage->self, path, 0755) ? path : NULL;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

int remove_tree(const char *path)
{
	return nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static int shoot_copy(struct lineage *lineage, const char *name, struct wanted wanted)
{
	wanted.executable = copy_program(lineage, name);
	if (!wanted.executable)
		return lineage_problem(lineage, "copy");
	return fork_and_shoot(lineage, wanted.executable, &wanted);
}

static int execute_descriptor(struct lineage *lineage, int file, const struct wanted *wanted)
{
	int status = prepare(lineage);

	if (status)
		return status;
	if (!fork()) {
		syscall(SYS_execveat, file, "", (char *[]){ "attempts", "shot", NULL }, environ, AT_EMPTY_PATH);
		_exit(127);
	}
	close(file);
	return shot(lineage, wanted);
}

static int from_memory(struct lineage *lineage)
{
	int file = (int)syscall(SYS_memfd_create, "x \x1b[1m", MFD_CLOEXEC);

	if (file < 0 || !copy_into(lineage->self, file))
		return lineage_problem(lineage, "memfd");
	return execute_descriptor(lineage, file,
				  &(struct wanted){ .executable = "memfd:x \x1b[1m", .flags = { "deleted", "memfd" } });
}

static int unlinked_first(struct lineage *lineage)
{
	const char *path = copy_program(lineage, "beacon");
	int file = path ? open(path, O_PATH | O_CLOEXEC) : -1;

	if (file < 0 || unlink(path))
		return lineage_problem(lineage, "copy");
	return execute_descriptor(lineage, file, &(struct wanted){ .executable = path, .flags = { "deleted" } });
}

static int unlinked(struct lineage *lineage)
{
	char path[PATH_MAX];
	int status;

	snprintf(path, sizeof(path), "%s/beacon", lineage->folder);
	setenv("SHOT_UNLINK", path, 1);
	status = shoot_copy(lineage, "beacon", (struct wanted){ .flags = { "deleted" } });
	unsetenv("SHOT_UNLINK");
	return status;
}

/* The file that is there afterwards has other contents. */
static int replaced(struct lineage *lineage)
{
	const char *successor = copy_program(lineage, "successor");
	int file = successor ? open(successor, O_WRONLY | O_APPEND | O_CLOEXEC) : -1, status;

	if (file < 0 || write(file, "another", 7) != 7)
		return lineage_problem(lineage, "copy");
	close(file);
	setenv("SHOT_SUCCESSOR", successor, 1);
	status = unlinked(lineage);
	unsetenv("SHOT_SUCCESSOR");
	return status;
}

static int world_writable(struct lineage *lineage)
{
	const char *path = copy_program(lineage, "beacon");

	if (!path || chmod(path, 0757))
		return lineage_problem(lineage, "copy");
	return fork_and_shoot(lineage, path, &(struct wanted){ .executable = path, .flags = { "world_writable" } });
}

static int hidden(struct lineage *lineage)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s/.cache", lineage->folder);
	mkdir(folder, 0755);
	return shoot_copy(lineage, ".cache/beacon", (struct wanted){});
}

static int kernel_look_alike(struct lineage *lineage)
{
	const char *path = copy_program(lineage, "kworker");
	int status = path ? prepare(lineage) : lineage_problem(lineage, "copy");

	if (status)
		return status;
	if (!fork())
		exec_shooter(path, (char *[]){ "[kworker/u4:2]", "shot", NULL });
	return shot(lineage, &(struct wanted){ .executable = path, .flags = { "kernel_look_alike" } });
}

static int hostile_file_name(struct lineage *lineage)
{
	return shoot_copy(lineage, "\x1b]0;own\x07\n\"root\\'\xff\xc0\xaf {\"a\":1}", (struct wanted){});
}

static int hostile_arguments(struct lineage *lineage)
{
	int status = prepare(lineage);

	if (status)
		return status;
	if (!fork())
		exec_shooter(lineage->self, (char *[]){ "\x1b[2J\n", "shot", "", "line\nfeed\r\x1b[31m",
							"\"quoted\" 'single' back\\slash", "\xff\xfe\x80\xed\xa0\x80",
							"},\"process\":{\"pid\":1}", "/a/../b", "", NULL });
	return shot(lineage, &(struct wanted){ .executable = lineage->self });
}

/* As many bytes as are kept, with their NULs. */
static int long_arguments(struct lineage *lineage)
{
	static char rest[4096 - sizeof("attempts") - sizeof("shot")];
	int status = prepare(lineage);

	if (status)
		return status;
	memset(rest, 'x', sizeof(rest) - 1);
	if (!fork())
		exec_shooter(lineage->self, (char *[]){ "attempts", "shot", rest, NULL });
	return shot(lineage, &(struct wanted){ .executable = lineage->self });
}

/* Below so many folders, each of so long a name. */
static int shoot_below(struct lineage *lineage, int depth, int length, bool may_be_cut)
{
	static char path[PATH_MAX];
	size_t end = (size_t)snprintf(path, sizeof(path), "%s", lineage->folder);

	for (int index = 0; index < depth; index++) {
		path[end++] = '/';
		memset(path + end, 'a' + index % 26, (size_t)length);
		end += (size_t)length;
		path[end] = 0;
		if (mkdir(path, 0755))
			return lineage_problem(lineage, "mkdir");
	}
	strcpy(path + end, "/beacon");
	if (!copy_file(lineage->self, path, 0755))
		return lineage_problem(lineage, "copy");
	return fork_and_shoot(lineage, path, &(struct wanted){ .executable = path, .is_cut = may_be_cut });
}

static int deep_path(struct lineage *lineage)
{
	return shoot_below(lineage, 8, 255, false);
}

static int deepest_path(struct lineage *lineage)
{
	return shoot_below(lineage, 800, 4, true);
}

const struct lineage_kind file_kinds[] = {
	{ "memfd", from_memory, "execveat() of a memfd" },
	{ "unlinked", unlinked, "the executable is unlinked before the attempt" },
	{ "unlinked-first", unlinked_first, "the executable is unlinked before it is executed" },
	{ "replaced", replaced, "another file takes the executable's path before the attempt" },
	{ "world-writable", world_writable, "everybody may write to the executable" },
	{ "hidden", hidden, "in a hidden folder" },
	{ "kernel-look-alike", kernel_look_alike, "called as a thread of the kernel" },
	{ "hostile-path", hostile_file_name, "an executable whose name would break a log" },
	{ "hostile-args", hostile_arguments, "arguments that would break a log" },
	{ "long-args", long_arguments, "4,096 bytes of arguments" },
	{ "deep-path", deep_path, "a path of 2,100 bytes, names of 255" },
	{ "deepest-path", deepest_path, "a path of 4,000 bytes and 800 folders" },
	{},
};
