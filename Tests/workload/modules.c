/* SPDX-License-Identifier: GPL-2.0-only */
/* Protocols that are modules of the kernel: loaded by hand, since not every one is when asked for. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODPROBE "/sbin/modprobe"

bool load_module(const char *name)
{
	char path[96], state[8] = "", copy[64];
	struct truth ignored = {};

	snprintf(copy, sizeof(copy), "%s", name);
	if (run_tool(&ignored, MODPROBE, (char *[]){ "modprobe", "-q", copy, NULL }, ""))
		return false;
	/* Another process may have begun, and modprobe does not wait for that one. */
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", name);
	for (int round = 0; round < 1000 && strncmp(state, "live", 4); round++) {
		int file = open(path, O_RDONLY | O_CLOEXEC);

		if (file < 0)
			return true; /* built in */
		if (read(file, state, sizeof(state) - 1) < 0)
			state[0] = 0;
		close(file);
		usleep(20000);
	}
	return true;
}

int open_with_module(int family, int type, int protocol, const char *module)
{
	int fd = socket(family, type | SOCK_CLOEXEC, protocol), error = errno;

	if (fd >= 0 || !load_module(module)) {
		errno = error;
		return fd;
	}
	return socket(family, type | SOCK_CLOEXEC, protocol);
}
