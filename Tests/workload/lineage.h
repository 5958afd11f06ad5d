/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that come about in every way there is, each of which makes one attempt: what a tracer
 * must say of them is collected by their ancestor, while they hold still.
 *
 * The process that attempts, `attempts shot` or a mere child, says hello on a socket, waits to be
 * looked at in /proc from outside, connects to a closed port of loopback, and waits once more.
 */
#ifndef LINEAGE_H
#define LINEAGE_H

#include "attempts.h"
#include <limits.h>
#include <stdio.h>

/* Descriptors that a shooter inherits: its end of the socket, and /proc, for whoever sees none. */
#define TALK_FD 90
#define PROC_FD 91

/* Of each shot of a kind another one, so that records can be told apart that have a pid in common. */
#define FIRST_SHOT_PORT 1000
#define MAX_CHAIN 8
#define MAX_FLAGS 6

/* A process as others name it. */
struct who {
	pid_t pid;
	uint64_t start_ticks;
	uint64_t session;
};

/* What the kind being made has told so far. */
struct lineage {
	struct truth truth;  /* only its name, status and problem */
	char folder[64];     /* its own, below /tmp, gone with it */
	char self[PATH_MAX]; /* this program */
	int talk;            /* our end of the socket */
	int shots;
	FILE *out;           /* the shots, as JSON */
	/* In memory that children share: those between us and the shooter, from us down. */
	struct {
		struct who who[MAX_CHAIN];
		int count;
	} *chain;
};

/* What a record must say of a shooter, besides what /proc shows of it. */
struct wanted {
	const char *executable;
	const char *script;
	const char *flags[MAX_FLAGS]; /* besides those that follow from the path */
	const char *preload;          /* LD_PRELOAD, LD_LIBRARY_PATH the same */
	const char *cgroup;           /* below the cgroup root */
	const char *container;
	const char *runtime;
	const char *unit;
	const char *slice;
	const char *pod;
	int user;                     /* as the initial user namespace sees it, plus 1; 0: as /proc says */
	bool is_parents_child;        /* made with CLONE_PARENT: whoever forked it is not its parent */
	bool goes_on;                 /* the same process makes the next shot too */
	bool is_cut;                  /* the path may be cut at its front, if that is said */
	/* Called while the shooter holds still: before its connect(), and after. */
	int (*before)(struct lineage *lineage, pid_t pid);
	int (*after)(struct lineage *lineage, pid_t pid);
};

struct lineage_kind {
	const char *name;
	int (*run)(struct lineage *lineage);
	const char *summary;
};

extern const struct lineage_kind birth_kinds[];
extern const struct lineage_kind file_kinds[];
extern const struct lineage_kind script_kinds[];
extern const struct lineage_kind place_kinds[];
extern const struct lineage_kind cgroup_kinds[];

/* lineage.c: what a kind is made of. All give an exit code. */

/* To be called before the first fork: makes the socket. */
int prepare(struct lineage *lineage);
/* In a process between us and the shooter: it is an ancestor. */
void note_ancestor(struct lineage *lineage);
/* Asks the shooter for its attempt, and adds what is true of it. */
int shot(struct lineage *lineage, const struct wanted *wanted);
/* In a child: executes PROGRAM as a shooter with these arguments, the default ones when NULL. Does not return. */
void exec_shooter(const char *path, char *const *arguments) __attribute__((noreturn));
/* In a child: is the shooter itself. */
void be_shooter(void) __attribute__((noreturn));
/* The same with fork(): the child executes PROGRAM. */
int fork_and_shoot(struct lineage *lineage, const char *path, const struct wanted *wanted);
int lineage_problem(struct lineage *lineage, const char *what);

/* lineage_truth.c */
bool read_who(const char *pid, struct who *who);
int print_shot(struct lineage *lineage, const struct wanted *wanted, pid_t pid, pid_t tid);
void print_hex(FILE *out, const char *name, const void *bytes, size_t length);

/* lineage_files.c */
/* A copy of this program below the kind's folder; its path is valid until the process ends. */
const char *copy_program(struct lineage *lineage, const char *name);
bool copy_file(const char *from, const char *to, mode_t mode);
int remove_tree(const char *path);

#endif
