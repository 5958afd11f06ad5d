/* SPDX-License-Identifier: MIT */
/*
 * consumer PID LOG OBJECT WORK PROCESSES ROUNDS [ALLOCATIONS]: what it costs the tattle with that id to take records out
 * of its ring and write them to LOG. bpf/bench.bpf.c (OBJECT) fills the ring with made-up ones while tattle is
 * stopped; then tattle goes on, alone on one processor, and is measured until everything is in the file. ROUNDS times,
 * after one that does not count. ALLOCATIONS: the file in which scripts/bench/allocations.c counts for it; then they are
 * what is measured, and `records` those that they are of.
 *
 * WORK is what the records tell of, made by PROCESSES processes in turn: `attempts` (refused, told at once: one record,
 * one line), `connections` (begun, established, closed: three and two), `datagrams` (the first one and the flow's end:
 * two and two), `processes` (fork, exec, exit: three and none).
 *
 * Prints a line of JSON. Only the main thread, which reads the ring and makes the bytes, counts as `main`.
 */
#define _GNU_SOURCE
#include "cost.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "made_up.h"

#define LONGEST_WAIT_NS 60000000000LL
/* All is written when the log grows by no more than this in a fifth of a second: whatever else the machine attempts. */
#define CALM_BYTES 65536
/* Allocations are counted of an eighth of the ring, and of half of that, so often. */
#define COUNTED_PART 8
#define COUNTED_ROUNDS 4

static const char *tattle, *log_path;
static struct bench_plan plan;
static int program, plans, ring, ring_bytes;
static const _Atomic uint64_t *consumed, *produced, *allocations;
/* How far the ring was written when this program last wrote into it. */
static uint64_t written;

static void check(int failed, const char *what)
{
	if (failed)
		fail(what);
}

/* The map of tattle's with that name, by what the kernel says of its descriptors. */
static int map_of_tattle(const char *name)
{
	char path[300];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo", tattle);
	folder = opendir(path);
	check(!folder, path);
	while ((entry = readdir(folder))) {
		struct bpf_map_info info = { 0 };
		uint32_t length = sizeof(info);
		double id;
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", tattle, entry->d_name);
		id = number_in(path, "map_id:");
		fd = id > 0 ? bpf_map_get_fd_by_id((uint32_t)id) : -1;
		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &length) && !strcmp(info.name, name)) {
			closedir(folder);
			ring_bytes = (int)info.max_entries;
			return fd;
		}
		if (fd >= 0)
			close(fd);
	}
	errno = ENOENT;
	fail(name);
	return -1;
}

static void load(const char *path)
{
	struct bpf_object *object = bpf_object__open(path);
	struct bpf_map *map;
	long page = sysconf(_SC_PAGESIZE);
	void *positions;

	check(!object, path);
	bpf_object__for_each_map(map, object) {
		const char *name = bpf_map__name(map);

		if (!strcmp(name, "ring") || !strcmp(name, "reader_wakings") || !strcmp(name, "cpu_states"))
			check(bpf_map__reuse_fd(map, map_of_tattle(name)), name);
		else if (strcmp(name, "plans") && !bpf_map__is_internal(map))
			bpf_map__set_autocreate(map, false);
	}
	check(bpf_object__load(object), "load the program");
	program = bpf_program__fd(bpf_object__find_program_by_name(object, "on_bench"));
	plans = bpf_object__find_map_fd_by_name(object, "plans");
	ring = map_of_tattle("ring");
	positions = mmap(NULL, (size_t)page, PROT_READ, MAP_SHARED, ring, 0);
	check(positions == MAP_FAILED, "map the ring");
	consumed = positions;
	positions = mmap(NULL, (size_t)page, PROT_READ, MAP_SHARED, ring, page);
	check(positions == MAP_FAILED, "map the ring");
	produced = positions;
}

/* Runs the program COUNT times, for as many records. */
static void write_records(long count)
{
	char packet[64] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = sizeof(packet), .repeat = (int)count);

	check(bpf_prog_test_run_opts(program, &options), "run the program");
	written = atomic_load(produced);
}

static void set_plan(void)
{
	uint32_t zero = 0;

	check(bpf_map_update_elem(plans, &zero, &plan, BPF_ANY), "set the plan");
}

static void get_plan(void)
{
	uint32_t zero = 0;

	check(bpf_map_lookup_elem(plans, &zero, &plan), "get the plan");
}

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* What processes of this machine do comes after it, and does not wake the reader: bpf/include/waking.h. */
static void wait_until_read(void)
{
	const long long limit = now_ns() + LONGEST_WAIT_NS;

	while (atomic_load(consumed) < written) {
		if (now_ns() > limit) {
			errno = ETIMEDOUT;
			fail("the ring is not read");
		}
		sleep_ns(200000);
	}
}

static double all_ns(void)
{
	char *pids[] = { (char *)tattle, NULL };

	return cost_of(pids).cpu_ns;
}

static double main_ns(void)
{
	char path[300];
	FILE *file;
	double value = 0;

	snprintf(path, sizeof(path), "/proc/%s/task/%s/schedstat", tattle, tattle);
	file = fopen(path, "r");
	check(!file || fscanf(file, "%lf", &value) != 1, path);
	fclose(file);
	return value;
}

static double size_of(const char *path)
{
	struct stat about;

	check(stat(path, &about), path);
	return (double)about.st_size;
}

/* Until everything is in the file. */
static void settle(void)
{
	const long long limit = now_ns() + LONGEST_WAIT_NS;
	double before, after;

	wait_until_read();
	after = size_of(log_path);
	do {
		before = after;
		sleep_ns(200000000);
		after = size_of(log_path);
	} while (after - before > CALM_BYTES && now_ns() < limit);
}

/* One processor for all of tattle's threads, another for what fills the ring. */
static void take_places(void)
{
	char path[300];
	struct dirent *entry;
	cpu_set_t own, its;
	DIR *folder;

	CPU_ZERO(&own);
	CPU_ZERO(&its);
	CPU_SET(0, &own);
	CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 1 : 0, &its);
	check(sched_setaffinity(0, sizeof(own), &own), "sched_setaffinity");
	snprintf(path, sizeof(path), "/proc/%s/task", tattle);
	folder = opendir(path);
	check(!folder, path);
	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			check(sched_setaffinity(atoi(entry->d_name), sizeof(its), &its), "sched_setaffinity");
	closedir(folder);
}

struct sums {
	double records, main_ns, all_ns, wall_ns, bytes, allocations;
};

/* As many whole attempts as fit into a part of the ring, with room for what happens on the machine meanwhile. */
static void one_round(struct sums *sums, int part)
{
	long bytes = 0, records;
	double cpu, all, size, count;
	long long start;

	for (uint32_t i = 0; i < plan.record_count; i++)
		bytes += (plan.records[i].header.length + 8 + 7) & ~7;
	records = (ring_bytes - ring_bytes / 8) / part / bytes * plan.record_count;
	settle();
	check(kill(atoi(tattle), SIGSTOP), "SIGSTOP");
	sleep_ns(1000000);
	write_records(records);
	cpu = main_ns();
	all = all_ns();
	size = size_of(log_path);
	count = allocations ? (double)atomic_load(allocations) : 0;
	start = now_ns();
	check(kill(atoi(tattle), SIGCONT), "SIGCONT");
	wait_until_read();
	sums->wall_ns += (double)(now_ns() - start);
	settle();
	sums->records += (double)records;
	sums->main_ns += main_ns() - cpu;
	sums->all_ns += all_ns() - all;
	sums->bytes += size_of(log_path) - size;
	sums->allocations += allocations ? (double)atomic_load(allocations) - count : 0;
}

/*
 * What is allocated for a record: how much more for twice as many. Both are a burst that the log has memory for, and what
 * waking up takes is in both.
 */
static void count_allocations(struct sums *sums)
{
	struct sums few = { 0 };

	for (int round = 0; round < COUNTED_ROUNDS; round++) {
		one_round(&few, 2 * COUNTED_PART);
		one_round(sums, COUNTED_PART);
	}
	sums->records -= few.records;
	sums->allocations = sums->allocations > few.allocations ? sums->allocations - few.allocations : 0;
}

/*
 * The ancestors, then each process as it is born and executes its program; they may be more than fit at once. There are
 * no lines of them to wait for.
 */
static void begin_processes(uint32_t processes)
{
	for (int ancestor = 0; ancestor < MADE_UP_ANCESTORS; ancestor++) {
		plan_ancestor(&plan, ancestor);
		set_plan();
		write_records(plan.record_count);
	}
	plan_birth(&plan, processes);
	set_plan();
	for (uint32_t done = 0; done < processes; done += 1024) {
		write_records((long)plan.record_count * (processes - done < 1024 ? processes - done : 1024));
		wait_until_read();
	}
}

int main(int argc, char **argv)
{
	struct sums first = { 0 }, sums = { 0 };
	const char *work = argc > 4 ? argv[4] : "";
	uint32_t processes = argc > 5 ? (uint32_t)atol(argv[5]) : 0;

	if (argc < 7 || !processes || !is_work(work)) {
		fprintf(stderr, "usage: consumer PID LOG OBJECT attempts|connections|datagrams|processes PROCESSES ROUNDS "
				"[ALLOCATIONS]\n");
		return 64;
	}
	tattle = argv[1];
	log_path = argv[2];
	load(argv[3]);
	if (argc > 7) {
		int fd = open(argv[7], O_RDONLY);
		void *memory = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*allocations), PROT_READ, MAP_SHARED, fd, 0);

		check(memory == MAP_FAILED, argv[7]);
		allocations = memory;
	}
	take_places();
	begin_processes(processes);
	plan_work(&plan, work, processes);
	set_plan();
	one_round(&first, allocations ? COUNTED_PART : 1);
	if (allocations)
		count_allocations(&sums);
	for (int round = 0; !allocations && round < atoi(argv[6]); round++)
		one_round(&sums, 1);
	get_plan();
	printf("{\"work\":\"%s\",\"processes\":%u,\"records\":%.0f,\"bytes\":%.0f,\"main_ns\":%.0f,\"all_ns\":%.0f,"
	       "\"wall_ns\":%.0f,\"allocations\":%s",
	       work, processes, sums.records, sums.bytes, sums.main_ns, sums.all_ns, sums.wall_ns, allocations ? "" : "null");
	if (allocations)
		printf("%.0f", sums.allocations);
	printf(",\"resident_kib\":%.0f}\n", resident_kib((char *[]){ (char *)tattle, NULL }));
	return 0;
}
