/* SPDX-License-Identifier: GPL-2.0-only */
/* What is true of a process that holds still, as /proc shows it to a process of the initial namespaces. */
#define _GNU_SOURCE
#include "lineage.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define TEXT_CAPACITY (64 << 10)

/* A file below /proc, NUL-terminated; the length, or -1. */
static ssize_t read_proc(const char *pid, const char *name, char *text, size_t capacity)
{
	char path[128];
	ssize_t length = 0, got;
	int file;

	snprintf(path, sizeof(path), "%s/%s", pid, name);
	file = openat(PROC_FD, path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -1;
	while ((size_t)length < capacity - 1 && (got = read(file, text + length, capacity - 1 - (size_t)length)) > 0)
		length += got;
	close(file);
	text[length] = 0;
	return length;
}

/* The fields of `stat` from `state`, which is field 3, on: the name before may hold anything. */
static bool read_stat(const char *pid, unsigned long long fields[20])
{
	char text[1024], *next;

	if (read_proc(pid, "stat", text, sizeof(text)) < 0)
		return false;
	next = strrchr(text, ')');
	if (!next)
		return false;
	next += 3;
	for (int index = 0; index < 20; index++)
		fields[index] = index ? strtoull(next, &next, 10) : (unsigned long long)*next++;
	return true;
}

static bool read_whole(const char *pid, struct who *who, pid_t *parent, unsigned *tty)
{
	unsigned long long fields[20];
	char text[4096];

	/* In the order of proc_pid_stat(5): 4 ppid, 6 session, 7 tty_nr, 22 starttime. */
	if (!read_stat(pid, fields) || read_proc(pid, "stat", text, sizeof(text)) < 0)
		return false;
	*who = (struct who){ .pid = atoi(text), .start_ticks = fields[19], .session = fields[3] };
	*parent = (pid_t)fields[1];
	*tty = (unsigned)fields[4];
	return true;
}

bool read_who(const char *pid, struct who *who)
{
	unsigned tty;
	pid_t parent;

	return read_whole(pid, who, &parent, &tty);
}

void print_hex(FILE *out, const char *name, const void *bytes, size_t length)
{
	fprintf(out, ",\"%s\":\"", name);
	for (size_t index = 0; index < length; index++)
		fprintf(out, "%02x", ((const unsigned char *)bytes)[index]);
	fputc('"', out);
}

static void print_text(FILE *out, const char *name, const char *text)
{
	if (text)
		print_hex(out, name, text, strlen(text));
}

static void print_link(FILE *out, const char *name, const char *pid, const char *link)
{
	char path[128], *target = malloc(TEXT_CAPACITY);
	ssize_t length;

	snprintf(path, sizeof(path), "%s/%s", pid, link);
	length = readlinkat(PROC_FD, path, target, TEXT_CAPACITY);
	if (length > 0)
		print_hex(out, name, target, (size_t)length);
	free(target);
}

/* NUL-terminated strings one after the other, as an array. */
static void print_arguments(FILE *out, const char *name, const char *pid)
{
	char *text = malloc(TEXT_CAPACITY);
	ssize_t length = read_proc(pid, "cmdline", text, TEXT_CAPACITY);

	fprintf(out, ",\"%s\":[", name);
	for (ssize_t offset = 0; offset < length; offset += (ssize_t)strlen(text + offset) + 1) {
		fputs(offset ? ",\"" : "\"", out);
		for (const char *byte = text + offset; *byte; byte++)
			fprintf(out, "%02x", (unsigned char)*byte);
		fputc('"', out);
	}
	fputc(']', out);
	free(text);
}

/* From `status`: the ids (real, effective), the effective capabilities, the pid in the innermost namespace. */
static void print_status(FILE *out, const char *pid, int user)
{
	unsigned real = 0, effective = 0, group = 0, effective_group = 0;
	char text[8192], *line;

	if (read_proc(pid, "status", text, sizeof(text)) < 0)
		return;
	line = strstr(text, "\nUid:");
	if (line)
		sscanf(line, "\nUid: %u %u", &real, &effective);
	line = strstr(text, "\nGid:");
	if (line)
		sscanf(line, "\nGid: %u %u", &group, &effective_group);
	if (user)
		real = effective = (unsigned)user - 1;
	fprintf(out, ",\"real_user\":%u,\"user\":%u,\"real_group\":%u,\"group\":%u", real, effective, group,
		effective_group);
	line = strstr(text, "\nCapEff:");
	fprintf(out, ",\"capabilities\":%llu", line ? strtoull(line + 8, NULL, 16) : 0ULL);
	line = strstr(text, "\nNSpid:");
	if (line) {
		int inner = 0;

		for (char *next = line + 7; *next && *next != '\n';)
			inner = (int)strtol(next, &next, 10);
		fprintf(out, ",\"vpid\":%d", inner);
	}
}

static void print_namespaces(FILE *out, const char *pid)
{
	static const char *const names[][2] = {
		{ "pid", "pid" }, { "mount", "mnt" }, { "user", "user" }, { "net", "net" }
	};
	const char *separator = "";
	struct stat status;
	char path[128];

	fputs(",\"namespaces\":{", out);
	for (size_t index = 0; index < sizeof(names) / sizeof(*names); index++) {
		snprintf(path, sizeof(path), "%s/ns/%s", pid, names[index][1]);
		if (fstatat(PROC_FD, path, &status, 0))
			continue;
		fprintf(out, "%s\"%s\":%llu", separator, names[index][0], (unsigned long long)status.st_ino);
		separator = ",";
	}
	fputc('}', out);
}

static bool is_below(const char *path, const char *folder)
{
	return !strncmp(path, folder, strlen(folder));
}

/* Those that a path alone has, and those of the kind. `unpackaged` is the business of other tests. */
static void print_flags(FILE *out, const struct wanted *wanted, const char *pid)
{
	const char *path = wanted->executable, *separator = "";
	struct stat status;
	char exe[64];

	fputs(",\"flags\":[", out);
	if (is_below(path, "/tmp/") || is_below(path, "/var/tmp/") || is_below(path, "/dev/shm/")) {
		fputs("\"temporary_folder\"", out);
		separator = ",";
	}
	for (const char *next = strchr(path, '/'); next; next = strchr(next + 1, '/')) {
		if (next[1] != '.' || next[2] == '/' || (next[2] == '.' && next[3] == '/'))
			continue;
		fprintf(out, "%s\"hidden_path\"", separator);
		separator = ",";
		break;
	}
	for (int index = 0; index < MAX_FLAGS && wanted->flags[index]; index++) {
		fprintf(out, "%s\"%s\"", separator, wanted->flags[index]);
		separator = ",";
	}
	fputc(']', out);
	snprintf(exe, sizeof(exe), "%s/exe", pid);
	if (!fstatat(PROC_FD, exe, &status, 0))
		fprintf(out, ",\"device\":\"%u:%u\",\"inode\":\"%llu\"", major(status.st_dev), minor(status.st_dev),
			(unsigned long long)status.st_ino);
}

static void print_ancestor(FILE *out, const struct who *who, bool is_copy_of_us, const char **separator)
{
	char pid[16];

	fprintf(out, "%s{\"pid\":%d,\"start_ticks\":%llu", *separator, who->pid, (unsigned long long)who->start_ticks);
	snprintf(pid, sizeof(pid), "%d", who->pid);
	if (is_copy_of_us)
		print_text(out, "executable", own_path());
	else
		print_link(out, "executable", pid, "exe");
	fputc('}', out);
	*separator = ",";
}

/* Who forked whom, from the shooter's parent up to pid 1; the first `skipped` of the chain are no ancestors. */
static void print_ancestors(FILE *out, struct lineage *lineage, const char *name, int skipped)
{
	const char *separator = "";
	char pid[16] = "self";
	struct who who;
	unsigned tty;
	pid_t parent;

	fprintf(out, ",\"%s\":[", name);
	for (int index = lineage->chain->count - 1 - skipped; index >= 0; index--)
		print_ancestor(out, &lineage->chain->who[index], true, &separator);
	while (read_whole(pid, &who, &parent, &tty)) {
		print_ancestor(out, &who, false, &separator);
		if (!parent)
			break;
		snprintf(pid, sizeof(pid), "%d", parent);
	}
	fputc(']', out);
}

static void print_wanted(FILE *out, const struct wanted *wanted)
{
	print_text(out, "executable", wanted->executable);
	print_text(out, "script", wanted->script);
	print_text(out, "preload", wanted->preload);
	print_text(out, "cgroup", wanted->cgroup);
	print_text(out, "container", wanted->container);
	print_text(out, "runtime", wanted->runtime);
	print_text(out, "unit", wanted->unit);
	print_text(out, "slice", wanted->slice);
	print_text(out, "pod", wanted->pod);
}

int print_shot(struct lineage *lineage, const struct wanted *wanted, pid_t pid, pid_t tid)
{
	FILE *out = lineage->out;
	char number[16], thread[64], name[64];
	struct who who, leader;
	unsigned tty;
	pid_t parent;

	snprintf(number, sizeof(number), "%d", pid);
	if (!read_whole(number, &who, &parent, &tty))
		return problem(&lineage->truth, UNEXPECTED, "/proc/%d/stat: %s", pid, strerror(errno));
	fprintf(out, "%s{\"pid\":%d,\"tid\":%d,\"port\":%d,\"start_ticks\":%llu", lineage->shots ? "," : "", pid, tid,
		FIRST_SHOT_PORT + lineage->shots, (unsigned long long)who.start_ticks);
	snprintf(thread, sizeof(thread), "task/%d/comm", tid);
	if (read_proc(number, thread, name, sizeof(name)) > 0)
		print_hex(out, "thread_name", name, strlen(name) - 1);
	print_arguments(out, "args", number);
	print_link(out, "working_directory", number, "cwd");
	print_status(out, number, wanted->user);
	if (read_proc(number, "loginuid", name, sizeof(name)) > 0)
		fprintf(out, ",\"login_user\":%s", name);
	fprintf(out, ",\"tty\":\"%u:%u\",\"session\":%llu", (tty >> 8) & 0xfff, (tty & 0xff) | ((tty >> 12) & 0xfff00),
		(unsigned long long)who.session);
	snprintf(name, sizeof(name), "%llu", (unsigned long long)who.session);
	if (who.session && read_who(name, &leader))
		print_link(out, "session_executable", name, "exe");
	print_namespaces(out, number);
	print_flags(out, wanted, number);
	print_wanted(out, wanted);
	print_ancestors(out, lineage, "ancestors", 0);
	if (wanted->is_parents_child)
		print_ancestors(out, lineage, "kernel_ancestors", 1);
	print_arguments(out, "parent_args", "self");
	fprintf(out, ",\"is_cut\":%s}", wanted->is_cut ? "true" : "false");
	return AS_EXPECTED;
}
