/* A process whose first thread has ended before the others. */
#define _GNU_SOURCE
#include "CLinux.h"
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* One that ends has no namespaces any more. */
static bool is_alive(const char *proc, uint32_t pid, unsigned long thread)
{
	char path[PATH_MAX], target[64];
	int length = thread == pid ? snprintf(path, sizeof(path), "%s/%u/ns/net", proc, pid)
				   : snprintf(path, sizeof(path), "%s/%u/task/%lu/ns/net", proc, pid, thread);

	return length > 0 && length < (int)sizeof(path) && readlink(path, target, sizeof(target)) > 0;
}

uint32_t tattle_living_thread(const char *proc, uint32_t pid)
{
	char path[PATH_MAX];
	uint32_t found = pid;
	struct dirent *entry;
	DIR *threads;

	if (is_alive(proc, pid, pid) ||
	    snprintf(path, sizeof(path), "%s/%u/task", proc, pid) >= (int)sizeof(path))
		return pid;
	threads = opendir(path);
	while (threads && found == pid && (entry = readdir(threads))) {
		unsigned long thread = strtoul(entry->d_name, NULL, 10);

		if (thread && thread != pid && is_alive(proc, pid, thread))
			found = (uint32_t)thread;
	}
	if (threads)
		closedir(threads);
	return found;
}
