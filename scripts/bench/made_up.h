/* SPDX-License-Identifier: MIT */
/*
 * Records as the kernel's programs write them, of processes that were never there: their ids are above any that a
 * kernel gives out. A shell of a user's session starts programs that reach for 203.0.113.9 (RFC 5737).
 *
 * Their executable is there, as it is said to be, and is hashed once.
 */
#ifndef TATTLE_BENCH_MADE_UP_H
#define TATTLE_BENCH_MADE_UP_H

#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "probe_abi.h"
#include "bench_abi.h"

#define MADE_UP_ANCESTORS 3
#define FIRST_PID 5000000u
#define USER 1000u

#define EXECUTABLE "/usr/bin/env"

static inline uint32_t inode_of(const char *path)
{
	struct stat about;

	return stat(path, &about) ? 0 : (uint32_t)about.st_ino;
}

static inline uint32_t made_up_namespace(void)
{
	return inode_of("/proc/self/ns/net");
}

static inline uint64_t nanoseconds(struct timespec time)
{
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static inline uint64_t boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return nanoseconds(now);
}

static const struct {
	const char *name;
	const char *path; /* its components from the file up, each ended by a NUL */
	uint16_t path_length;
	const char *arguments;
	uint16_t arguments_length;
} programs[] = {
	{ "sshd", "sshd\0sbin\0usr", 14, "sshd: ana [priv]", 17 },
	{ "bash", "bash\0bin\0usr", 13, "-bash", 6 },
	{ "sh", "dash\0bin\0usr", 13, "/bin/sh\0./update.sh", 20 },
	{ "env", "env\0bin\0usr", 12, "env\0curl\0-s\0https://203.0.113.9/a", 34 },
};

static inline void plan_new(struct bench_plan *plan, uint32_t records, uint32_t processes)
{
	memset(plan, 0, sizeof(*plan));
	plan->record_count = records;
	plan->process_count = processes;
	plan->has_individuals = 1;
	plan->first_pid = FIRST_PID;
	plan->first_start_boot_ns = 1000000000;
	plan->next_attempt = boot_ns();
}

static inline struct tattle_header header(uint8_t type, size_t length)
{
	return (struct tattle_header){ .type = type, .length = (uint16_t)length };
}

static inline void make_fork(struct bench_record *record, uint32_t pid, uint64_t start, uint32_t parent)
{
	uint32_t namespace = made_up_namespace();

	record->fork = (struct tattle_fork){
		.header = header(TATTLE_RECORD_FORK, sizeof(record->fork)),
		.start_boot_ns = start,
		.parent_start_boot_ns = 1000 + parent,
		.forker_start_boot_ns = 1000 + parent,
		.pid = pid,
		.vpid = pid,
		.parent_pid = parent,
		.forker_pid = parent,
		.netns_inode = namespace,
		.pidns_inode = 4026531836,
		.mntns_inode = 4026531841,
		.userns_inode = 4026531837,
		.exec_id = 1,
	};
}

static inline void make_exec(struct bench_record *record, int program, uint32_t pid, uint64_t start, uint32_t parent)
{
	const char *const folder = "ana\0home";
	const uint16_t folder_length = 9;
	char *text = record->bytes + sizeof(record->exec);
	struct stat about = { 0 };
	const size_t length = sizeof(record->exec) + programs[program].path_length + folder_length +
			      programs[program].arguments_length;

	if (program == MADE_UP_ANCESTORS && lstat(EXECUTABLE, &about))
		about.st_ino = 0; /* scripts/bench/consumer sees that nothing was hashed */
	record->exec = (struct tattle_exec){
		.header = header(TATTLE_RECORD_EXEC, length),
		.start_boot_ns = start,
		.parent_start_boot_ns = 1000 + parent,
		.cgroup_id = 1,
		.args_total = programs[program].arguments_length,
		.inode = about.st_ino,
		.file_size = (uint64_t)about.st_size,
		.modified_ns = nanoseconds(about.st_mtim),
		.changed_ns = nanoseconds(about.st_ctim),
		.device = major(about.st_dev) << 20 | minor(about.st_dev),
		.pid = pid,
		.vpid = pid,
		.parent_pid = parent,
		.uid = USER,
		.effective_uid = USER,
		.gid = USER,
		.effective_gid = USER,
		.login_uid = USER,
		.audit_session = 3,
		.session_leader_pid = FIRST_PID - 2,
		.tty_device = 136u << 20 | 1,
		.exec_id = 2,
		.netns_inode = made_up_namespace(),
		.pidns_inode = 4026531836,
		.mntns_inode = inode_of("/proc/self/ns/mnt"),
		.userns_inode = 4026531837,
		.path_length = programs[program].path_length,
		.folder_length = folder_length,
		.args_length = programs[program].arguments_length,
		.file_mode = S_IFREG | 0755,
	};
	memcpy(record->exec.comm, programs[program].name, strlen(programs[program].name));
	memcpy(text, programs[program].path, programs[program].path_length);
	memcpy(text + programs[program].path_length, folder, folder_length);
	memcpy(text + programs[program].path_length + folder_length, programs[program].arguments,
	       programs[program].arguments_length);
}

static inline struct tattle_attempt made_up_attempt(uint16_t protocol, uint8_t phase, uint8_t outcome, int error)
{
	struct tattle_attempt attempt = {
		.header = header(TATTLE_RECORD_ATTEMPT, sizeof(attempt)),
		.cgroup_id = 1,
		.destination = { [10] = 0xff, 0xff, 203, 0, 113, 9 },
		.source = { [10] = 0xff, 0xff, 192, 0, 2, 7 },
		.uid = USER,
		.netns_inode = made_up_namespace(),
		.error = error,
		.destination_port_be = 0xbb01, /* 443 */
		.source_port_be = 0x409c,      /* 40000 */
		.protocol = protocol,
		.family = 2,
		.phase = phase,
		.outcome = outcome,
		.flags = protocol == 6 ? TATTLE_FLAG_SYN_SENT : 0,
		.bytes = protocol == 6 ? 0 : 29,
		.effective_uid = USER,
		.effective_gid = USER,
		.exec_id = 2,
		.comm = "env",
	};
	return attempt;
}

/* The N-th of those that the processes descend from: sshd, its shell, a script. */
static inline void plan_ancestor(struct bench_plan *plan, int number)
{
	uint32_t pid = FIRST_PID - MADE_UP_ANCESTORS + (uint32_t)number;

	plan_new(plan, 1, 1);
	plan->has_individuals = 0;
	make_exec(&plan->records[0], number, pid, 1000 + pid, number ? pid - 1 : 1);
}

static inline void plan_birth(struct bench_plan *plan, uint32_t processes)
{
	plan_new(plan, 2, processes);
	make_fork(&plan->records[0], 0, 0, FIRST_PID - 1);
	make_exec(&plan->records[1], MADE_UP_ANCESTORS, 0, 0, FIRST_PID - 1);
}

static inline int is_work(const char *work)
{
	return !strcmp(work, "attempts") || !strcmp(work, "connections") || !strcmp(work, "datagrams") ||
	       !strcmp(work, "processes");
}

static inline void plan_work(struct bench_plan *plan, const char *work, uint32_t processes)
{
	plan_new(plan, 1, processes);
	if (!strcmp(work, "attempts")) {
		plan->records[0].attempt = made_up_attempt(6, TATTLE_PHASE_WHOLE, TATTLE_OUTCOME_FAILED, 111);
	} else if (!strcmp(work, "connections")) {
		plan->record_count = 3;
		plan->records[0].attempt = made_up_attempt(6, TATTLE_PHASE_BEGUN, TATTLE_OUTCOME_PENDING, 0);
		plan->records[1].attempt = made_up_attempt(6, TATTLE_PHASE_OUTCOME, TATTLE_OUTCOME_ESTABLISHED, 0);
		plan->records[2].close.attempt = made_up_attempt(6, TATTLE_PHASE_OUTCOME, TATTLE_OUTCOME_ESTABLISHED, 0);
		plan->records[2].header = header(TATTLE_RECORD_CLOSE, sizeof(struct tattle_close));
		plan->records[2].close.bytes_sent = 517;
		plan->records[2].close.bytes_received = 4096;
		plan->records[2].close.packets_sent = 9;
		plan->records[2].close.packets_received = 8;
	} else if (!strcmp(work, "datagrams")) {
		plan->record_count = 2;
		plan->records[0].attempt = made_up_attempt(17, TATTLE_PHASE_WHOLE, TATTLE_OUTCOME_SENT, 0);
		plan->records[1].flow_end = (struct tattle_flow_end){
			.header = header(TATTLE_RECORD_FLOW_END, sizeof(struct tattle_flow_end)),
			.flow = { .datagrams = 3, .bytes = 87, .gap_min_ns = 1000000, .gap_max_ns = 1000000 },
			.socket_died = 1,
		};
	} else {
		plan_birth(plan, processes);
		plan->record_count = 3;
		plan->first_pid += processes; /* others than those that are there */
		plan->records[2].exit.header = header(TATTLE_RECORD_EXIT, sizeof(struct tattle_exit));
	}
}

#endif
