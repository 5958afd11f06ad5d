/* SPDX-License-Identifier: MIT */
/* What tracers cost, as the kernel's scheduler has counted it. */
#ifndef TATTLE_BENCH_COST_H
#define TATTLE_BENCH_COST_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(1);
}

static inline void sleep_ns(long long ns)
{
	struct timespec left = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	while (nanosleep(&left, &left))
		;
}

/* The first number behind NAME in a file of lines; 0: it is not there. */
static inline double number_in(const char *path, const char *name)
{
	FILE *file = fopen(path, "r");
	char line[300];
	double value = 0;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name))) {
			value = strtod(line + strlen(name), NULL);
			break;
		}
	if (file)
		fclose(file);
	return value;
}

struct cost {
	double cpu_ns;
	double voluntary_switches;
};

/* Adds up every thread of a process. While it sleeps, its time is exact; it may lack a tick otherwise. */
static inline void add_threads(struct cost *sum, const char *pid)
{
	char path[300];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	folder = opendir(path);
	if (!folder)
		fail(path);
	while ((entry = readdir(folder))) {
		double one;
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/task/%s/schedstat", pid, entry->d_name);
		file = fopen(path, "r");
		if (file && fscanf(file, "%lf", &one) == 1)
			sum->cpu_ns += one;
		if (file)
			fclose(file);
		snprintf(path, sizeof(path), "/proc/%s/task/%s/status", pid, entry->d_name);
		sum->voluntary_switches += number_in(path, "voluntary_ctxt_switches:");
	}
	closedir(folder);
}

/* PIDS end with NULL. */
static inline struct cost cost_of(char **pids)
{
	struct cost sum = { 0 };

	for (; *pids; pids++)
		add_threads(&sum, *pids);
	return sum;
}

static inline double resident_kib(char **pids)
{
	double sum = 0;

	for (; *pids; pids++) {
		char path[300];

		snprintf(path, sizeof(path), "/proc/%s/status", *pids);
		sum += number_in(path, "VmRSS:");
	}
	return sum;
}

#endif
