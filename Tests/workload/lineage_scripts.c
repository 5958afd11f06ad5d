/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs that the kernel starts by way of a first line with #!. The interpreter is this program. */
#define _GNU_SOURCE
#include "lineage.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A script NAME below the folder, whose interpreter is there too. */
static bool write_script(struct lineage *lineage, const char *name, const char *interpreter)
{
	char path[PATH_MAX], text[256];
	int length = snprintf(text, sizeof(text), "#!%s/%s shot\n", lineage->folder, interpreter), file;
	ssize_t written;

	snprintf(path, sizeof(path), "%s/%s", lineage->folder, name);
	file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	written = write(file, text, (size_t)length);
	/* Nobody may execute a file that is open for writing. */
	close(file);
	return written == length;
}

/* Executes what is called NAME in the folder; ABSOLUTE is that made absolute. */
static int shoot_script(struct lineage *lineage, const char *name, const char *absolute)
{
	const char *interpreter = copy_program(lineage, "interpreter");
	char script[PATH_MAX];
	int status = interpreter ? prepare(lineage) : lineage_problem(lineage, "copy");

	if (status)
		return status;
	snprintf(script, sizeof(script), "%s/%s", lineage->folder, absolute);
	if (!fork()) {
		if (chdir(lineage->folder))
			_exit(127);
		exec_shooter(name ? name : script, (char *[]){ "anything", "first", "second", NULL });
	}
	return shot(lineage, &(struct wanted){ .executable = interpreter, .script = script });
}

static int absolute(struct lineage *lineage)
{
	return write_script(lineage, "beacon", "interpreter") ? shoot_script(lineage, NULL, "beacon") :
								lineage_problem(lineage, "script");
}

static int relative(struct lineage *lineage)
{
	return write_script(lineage, "beacon", "interpreter") ? shoot_script(lineage, "beacon", "beacon") :
								lineage_problem(lineage, "script");
}

static int dotted(struct lineage *lineage)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s/sub", lineage->folder);
	mkdir(folder, 0755);
	return write_script(lineage, "beacon", "interpreter") ?
		       shoot_script(lineage, "sub/../beacon", "sub/../beacon") :
		       lineage_problem(lineage, "script");
}

static int hostile(struct lineage *lineage)
{
	static const char name[] = "\x1b[31mred\n\"\xff";

	return write_script(lineage, name, "interpreter") ? shoot_script(lineage, NULL, name) :
							    lineage_problem(lineage, "script");
}

static int nested(struct lineage *lineage)
{
	return write_script(lineage, "inner", "interpreter") && write_script(lineage, "beacon", "inner") ?
		       shoot_script(lineage, NULL, "beacon") :
		       lineage_problem(lineage, "script");
}

static int deletes_itself(struct lineage *lineage)
{
	char path[PATH_MAX];
	int status;

	snprintf(path, sizeof(path), "%s/beacon", lineage->folder);
	setenv("SHOT_UNLINK", path, 1);
	status = absolute(lineage);
	unsetenv("SHOT_UNLINK");
	return status;
}

const struct lineage_kind script_kinds[] = {
	{ "script", absolute, "a script by its full path" },
	{ "script-relative", relative, "a script in the working directory" },
	{ "script-dotted", dotted, "a script by a path with .. in it" },
	{ "script-hostile", hostile, "a script whose name would break a log" },
	{ "script-nested", nested, "a script whose interpreter is a script" },
	{ "script-deleted", deletes_itself, "a script that deletes itself before the attempt" },
	{},
};
