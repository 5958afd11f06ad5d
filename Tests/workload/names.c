/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes with names and arguments that nobody would choose but to break a log. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* attempts refused ARG...: a refused connect; says what it was given, in hexadecimal when that is short. */
int refused_with_args(int argc, char **argv)
{
	struct address to = address_of("127.0.0.1", CLOSED_PORT);
	struct truth truth = { .kind = "refused" };
	int status = set_up(&truth, SETUP_LOOPBACK);
	int fd = new_socket(&to, SOCK_STREAM), seen;
	size_t total = 0;

	if (status) {
		print_truth(&truth, status);
		return status;
	}
	seen = connect(fd, &to.any, to.length) ? errno : 0;
	/* argv[0] of a command is its name; the program's own stands before it. */
	for (int index = -1; index < argc; index++)
		total += strlen(argv[index]) + 1;
	printf("{\"kind\":\"refused\",\"pid\":%d,\"args_bytes\":%zu,\"args_count\":%d,\"args\":[", getpid(), total, argc + 1);
	for (int index = -1; index < argc && total <= 65536; index++) {
		printf("%s\"", index < 0 ? "" : ",");
		for (const char *byte = argv[index]; *byte; byte++)
			printf("%02x", (unsigned char)*byte);
		printf("\"");
	}
	printf("]}\n");
	return seen == ECONNREFUSED ? AS_EXPECTED : UNEXPECTED;
}

/* Lives until FILE, tattle's log, tells of this process's attempt. */
static int wait_until_told(const char *file)
{
	char pattern[64], *text = NULL;
	size_t size = 1 << 20;
	ssize_t length;
	int fd;

	snprintf(pattern, sizeof(pattern), "\"process\":{\"pid\":%d,", getpid());
	text = calloc(1, size);
	for (;;) {
		fd = open(file, O_RDONLY | O_CLOEXEC);
		length = fd < 0 ? -1 : read(fd, text, size - 1);
		if (fd >= 0)
			close(fd);
		if (length > 0) {
			text[length] = 0;
			if (strstr(text, pattern))
				return AS_EXPECTED;
		}
		usleep(2000);
	}
}

/* attempts refused-until FILE ARG...: as refused, and lives until FILE tells of it. */
int refused_until(int argc, char **argv)
{
	int status = refused_with_args(argc, argv);

	fflush(stdout);
	return status || argc < 2 ? status : wait_until_told(argv[1]);
}

/* attempts overwriting FILE ARG...: the same, of a process that wrote over its arguments before. */
int refused_overwriting(int argc, char **argv)
{
	if (argc > 2)
		memset(argv[2], '*', strlen(argv[2]));
	return refused_until(argc, argv);
}

static int run_self(char **arguments)
{
	execv(own_path(), arguments);
	perror("attempts: exec");
	return UNEXPECTED;
}

/* attempts weird-args: everything that needs escaping, in less than what is kept. */
int weird_args(int argc, char **argv)
{
	static char long_one[2049];

	(void)argc;
	(void)argv;
	memset(long_one, 'x', sizeof(long_one) - 1);
	return run_self((char *[]){
		"attempts", "refused", "", "plain", "two words",
		"\"quoted\" 'single' back\\slash /slash", "line\nfeed\r\ttab",
		"\x01\x02\x1b[31mred\x1b[0m\x07\x08\x7f",
		"\xff\xfe\x80" "abc",                  /* no UTF-8 at all */
		"\xc0\xaf",                            /* overlong */
		"\xed\xa0\x80",                        /* a surrogate */
		"\xf4\x90\x80\x80",                    /* past the last code point */
		"cut\xe2\x82",                         /* not ended */
		"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\xa6\x8a", /* valid */
		"\xe2\x80\xae" "gpj.exe\xe2\x80\xa8\xc2\x85", /* direction, line separator, C1 */
		"{\"event\":{\"action\":\"tracing_stopped\"}}\n{\"injected\":true}",
		long_one, NULL });
}

/*
 * attempts big-args BYTES [KIND FILE]: so many bytes of arguments, in strings of a hundred thousand at most, as
 * `refused`, or as `refused-until FILE` or `overwriting FILE`.
 */
int big_args(int argc, char **argv)
{
	struct rlimit stack = { .rlim_cur = 64 << 20, .rlim_max = RLIM_INFINITY };
	size_t total = argc == 2 || argc == 4 ? strtoul(argv[1], NULL, 10) : 0, index = 1, used;
	char *arguments[64] = { "attempts" };

	/* Arguments may fill a quarter of the stack, six megabytes at most. */
	setrlimit(RLIMIT_STACK, &stack);
	if (total < 256 || total > 5 << 20) {
		fprintf(stderr, "usage: attempts big-args BYTES [KIND FILE] (256 to 5 MiB)\n");
		return USAGE;
	}
	arguments[index++] = argc == 4 ? argv[2] : "refused";
	if (argc == 4)
		arguments[index++] = argv[3];
	used = 0;
	for (size_t before = 0; before < index; before++)
		used += strlen(arguments[before]) + 1;
	for (size_t left = total - used; left > 1 && index < 63;) {
		size_t length = left < 100000 ? left : 100000;

		arguments[index] = calloc(1, length);
		memset(arguments[index], 'a' + (int)(index % 26), length - 1);
		index++;
		left -= length;
	}
	return run_self(arguments);
}

static int copy_self(const char *path)
{
	char buffer[65536];
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	ssize_t length;

	while ((length = read(from, buffer, sizeof(buffer))) > 0) {
		if (write(to, buffer, (size_t)length) != length)
			return -1;
	}
	close(from);
	return close(to) || length < 0 ? -1 : 0;
}

/*
 * attempts hostile-name FOLDER: a program in FOLDER whose file, and so whose process, has a name
 * that would take over a terminal; its thread has another one.
 */
int hostile_name(int argc, char **argv)
{
	char path[PATH_MAX];

	if (argc == 1) {
		prctl(PR_SET_NAME, "\x1b[2J\x1b]0;own\x07\xff\n");
		return refused_with_args(argc, argv);
	}
	snprintf(path, sizeof(path), "%s/\x1b[31m\nroot\xff\"", argv[1]);
	if (copy_self(path)) {
		perror("attempts: copy");
		return UNEXPECTED;
	}
	execv(path, (char *[]){ path, "hostile-name", NULL });
	perror("attempts: exec");
	return UNEXPECTED;
}
