/* SPDX-License-Identifier: GPL-2.0-only */
/* Protocols that are modules of the kernel: loaded by hand, since not every one is when asked for. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define MODPROBE "/sbin/modprobe"

/* One process at a time: modprobe takes what another one is loading for loaded. */
static int lock(void)
{
	int file = open(own_path(), O_RDONLY | O_CLOEXEC);

	flock(file, LOCK_EX);
	return file;
}

static bool run_modprobe_with(char *option, const char *name)
{
	struct truth ignored = {};
	char copy[64];

	snprintf(copy, sizeof(copy), "%s", name);
	return !run_tool(&ignored, MODPROBE, (char *[]){ "modprobe", option, copy, NULL }, "");
}

static bool run_modprobe(const char *name) { return run_modprobe_with("-q", name); }

bool load_module(const char *name)
{
	int file = lock();
	bool is_loaded = run_modprobe(name);

	close(file);
	return is_loaded;
}

int open_with_module(int family, int type, int protocol, const char *module)
{
	int file = lock(), fd = socket(family, type | SOCK_CLOEXEC, protocol), error = errno;

	if (fd < 0 && run_modprobe(module)) {
		fd = socket(family, type | SOCK_CLOEXEC, protocol);
		error = errno;
	}
	close(file);
	errno = error;
	return fd;
}

/* Those that the kernel does not have are passed over: it may have them built in. */
int load_modules(int argc, char **argv)
{
	for (int index = 1; index < argc; index++)
		load_module(argv[index]);
	return AS_EXPECTED;
}

int unload_modules(int argc, char **argv)
{
	int file = lock();

	for (int index = 1; index < argc; index++)
		run_modprobe_with("-r", argv[index]);
	close(file);
	return AS_EXPECTED;
}
