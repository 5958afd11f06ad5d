/* SPDX-License-Identifier: MIT */
/*
 * load KIND COUNT WARMUP [PID...]: makes COUNT attempts of a kind, four times, after WARMUP more, and prints as a
 * line of JSON what one of them took: in each BPF program (with the kernel's statistics, first), and (without
 * the statistics, second) in CPU time of its own, of the processes PID that trace it, and of the whole machine,
 * all tasks together. In a machine of one processor where an instruction takes a nanosecond, nanoseconds are
 * instructions.
 *
 * With `idle`, COUNT is seconds in which it does nothing, and it prints how often the processes PID woke up.
 *
 * It reads the statistics itself: a bpftool that starts and ends would be traced as well. Idle time costs
 * nothing there, so it sleeps until the tracers have written everything.
 */
#define _GNU_SOURCE
#include "cost.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_PROGRAMS 512
#define SETTLE_SECONDS 4

struct program {
	uint32_t id;
	uint64_t run_ns;
	uint64_t runs;
};

struct programs {
	int count;
	struct program each[MOST_PROGRAMS];
};

static struct sockaddr_in closed, listening, receiving, away;
static int listener, receiver, sender, neighbours[2], connected[2];

static struct sockaddr_in address(const char *ip, int port)
{
	struct sockaddr_in result = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, ip, &result.sin_addr);
	return result;
}

static int bound(int type, const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, type, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (const struct sockaddr *)to, sizeof(*to)))
		fail("bind");
	return fd;
}

static void try_connect(const struct sockaddr_in *to, int expected)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (!connect(fd, (const struct sockaddr *)to, sizeof(*to)) || errno != expected)
		fail("another end of connect than expected");
	close(fd);
}

static void tcp_refused(void) { try_connect(&closed, ECONNREFUSED); }

static void tcp_offline(void) { try_connect(&away, ENETUNREACH); }

static void tcp_established(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), accepted;

	if (connect(fd, (const struct sockaddr *)&listening, sizeof(listening)))
		fail("connect");
	accepted = accept(listener, NULL, NULL);
	close(fd);
	close(accepted);
}

static void send_one(int fd)
{
	char byte = 1;

	if (sendto(fd, &byte, 1, 0, (const struct sockaddr *)&receiving, sizeof(receiving)) != 1)
		fail("sendto");
	if (recv(receiver, &byte, 1, 0) != 1)
		fail("recv");
}

/* Stay open, so that their end is not in what a first datagram takes. */
static int kept[4096], kept_count;

static void udp_first(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	send_one(fd);
	if (kept_count == sizeof(kept) / sizeof(*kept))
		fail("fewer datagrams at once");
	kept[kept_count++] = fd;
}

static void udp_once(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	send_one(fd);
	close(fd);
}

static void udp_further(void) { send_one(sender); }

/* Nothing that is told of: a message between two programs, and one on a connection that is there. */
static void exchange(const int ends[2])
{
	char byte = 1;

	if (send(ends[0], &byte, 1, 0) != 1 || recv(ends[1], &byte, 1, 0) != 1)
		fail("send");
}

static void unix_message(void) { exchange(neighbours); }

static void tcp_message(void) { exchange(connected); }

static void spawn(const char *what)
{
	pid_t child = fork();

	if (!child) {
		execl("/proc/self/exe", "load", what, NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, NULL, 0) != child)
		fail("fork");
}

static void exec_only(void) { spawn("exit"); }

static void exec_connect(void) { spawn("connect"); }

static void nothing(void) {}

static const struct {
	const char *name;
	void (*attempt)(void);
} kinds[] = {
	{ "nothing", nothing },
	{ "tcp_refused", tcp_refused },
	{ "tcp_established", tcp_established },
	{ "udp_first", udp_first },
	{ "udp_once", udp_once },
	{ "udp_further", udp_further },
	{ "tcp_offline", tcp_offline },
	{ "unix_message", unix_message },
	{ "tcp_message", tcp_message },
	{ "exec_only", exec_only },
	{ "exec_connect", exec_connect },
};

static void settle(void) { sleep_ns(SETTLE_SECONDS * 1000000000LL); }

static void set_statistics(const char *value)
{
	int fd = open("/proc/sys/kernel/bpf_stats_enabled", O_WRONLY);

	if (fd < 0 || write(fd, value, 1) != 1)
		fail("bpf_stats_enabled");
	close(fd);
}

static void read_programs(struct programs *all)
{
	union bpf_attr next = { 0 };

	all->count = 0;
	while (!syscall(SYS_bpf, BPF_PROG_GET_NEXT_ID, &next, sizeof(next)) && all->count < MOST_PROGRAMS) {
		struct bpf_prog_info info = { 0 };
		union bpf_attr by_id = { .prog_id = next.next_id }, about = { 0 };
		int fd = (int)syscall(SYS_bpf, BPF_PROG_GET_FD_BY_ID, &by_id, sizeof(by_id));

		next.start_id = next.next_id;
		if (fd < 0)
			continue;
		about.info.bpf_fd = (uint32_t)fd;
		about.info.info_len = sizeof(info);
		about.info.info = (uintptr_t)&info;
		if (!syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &about, sizeof(about)))
			all->each[all->count++] = (struct program){ info.id, info.run_time_ns, info.run_cnt };
		close(fd);
	}
}

/* Exact, unlike /proc/self/schedstat, which is as of the last tick. */
static double own_ns(void)
{
	struct timespec own;
	struct rusage children;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	return own.tv_sec * 1e9 + own.tv_nsec + (children.ru_utime.tv_sec + children.ru_stime.tv_sec) * 1e9 +
	       (children.ru_utime.tv_usec + children.ru_stime.tv_usec) * 1e3;
}

/* Of every task on the processor, up to when it last left it. */
static double machine_ns(void)
{
	FILE *file = fopen("/proc/schedstat", "r");
	char line[300];
	double sum = -1;

	while (file && sum < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "cpu0 %*u %*u %*u %*u %*u %*u %lf", &sum) != 1)
			sum = -1;
	if (sum < 0)
		fail("/proc/schedstat");
	fclose(file);
	return sum;
}

static void repeat(void (*attempt)(void), int count)
{
	while (count--)
		attempt();
}

static void print_programs(const struct programs *before, const struct programs *after, int count)
{
	const char *separator = "";

	for (int i = 0; i < after->count; i++) {
		struct program delta = after->each[i];

		for (int j = 0; j < before->count; j++)
			if (before->each[j].id == delta.id) {
				delta.run_ns -= before->each[j].run_ns;
				delta.runs -= before->each[j].runs;
			}
		if (!delta.runs)
			continue;
		printf("%s{\"id\":%u,\"instructions\":%.1f,\"runs\":%.2f}", separator, delta.id,
		       (double)delta.run_ns / count, (double)delta.runs / count);
		separator = ",";
	}
}

/* What a tracer puts off until there is something to tell of, it does now. */
static void hurry(void (*attempt)(void))
{
	if (attempt == exec_only)
		tcp_refused();
}

/* Before what is measured: as if nothing had been attempted. */
static void clear(void (*attempt)(void))
{
	while (kept_count)
		close(kept[--kept_count]);
	hurry(attempt);
	settle();
}

static void measure(const char *name, void (*attempt)(void), int count, int warmup, char **pids)
{
	static struct programs before, after, batched_before, batched_after;
	const struct sched_param first = { .sched_priority = 1 }, any = { 0 };
	double own, tracers, batched, machine;

	repeat(attempt, warmup);
	set_statistics("1");
	clear(attempt);
	read_programs(&before);
	repeat(attempt, count);
	settle();
	read_programs(&after);
	set_statistics("0");

	repeat(attempt, warmup);
	clear(attempt);
	tracers = cost_of(pids).cpu_ns;
	machine = machine_ns();
	own = own_ns();
	repeat(attempt, count);
	own = own_ns() - own;
	hurry(attempt);
	settle();
	/* What reading the tracers' costs is not theirs. */
	machine = machine_ns() - machine;
	tracers = cost_of(pids).cpu_ns - tracers;

	/* Nobody else runs before all are made: the tracers find many at once. */
	clear(attempt);
	batched = cost_of(pids).cpu_ns;
	if (sched_setscheduler(0, SCHED_FIFO, &first))
		fail("sched_setscheduler");
	repeat(attempt, count);
	if (sched_setscheduler(0, SCHED_OTHER, &any))
		fail("sched_setscheduler");
	hurry(attempt);
	settle();
	batched = cost_of(pids).cpu_ns - batched;

	set_statistics("1");
	clear(attempt);
	read_programs(&batched_before);
	sched_setscheduler(0, SCHED_FIFO, &first);
	repeat(attempt, count);
	sched_setscheduler(0, SCHED_OTHER, &any);
	settle();
	read_programs(&batched_after);
	set_statistics("0");

	printf("{\"kind\":\"%s\",\"count\":%d,\"application\":%.0f,\"tracer\":%.0f,\"tracer_batched\":%.0f,"
	       "\"machine\":%.0f,\"programs\":[",
	       name, count, own / count, tracers / count, batched / count, machine / count);
	print_programs(&before, &after, count);
	printf("],\"programs_batched\":[");
	print_programs(&batched_before, &batched_after, count);
	puts("]}");
}

static void measure_idle(int seconds, char **pids)
{
	struct cost before, after;

	settle();
	before = cost_of(pids);
	sleep_ns(seconds * 1000000000LL);
	after = cost_of(pids);
	printf("{\"kind\":\"idle\",\"seconds\":%d,\"wakeups\":%.0f,\"tracer\":%.0f}\n", seconds,
	       after.voluntary_switches - before.voluntary_switches, after.cpu_ns - before.cpu_ns);
}

int main(int argc, char **argv)
{
	const struct rlimit descriptors = { 65536, 65536 };

	setrlimit(RLIMIT_NOFILE, &descriptors);
	closed = address("127.0.0.1", 1);
	if (argc == 2 && !strcmp(argv[1], "exit"))
		_exit(0);
	if (argc == 2 && !strcmp(argv[1], "connect")) {
		tcp_refused();
		_exit(0);
	}
	if (argc < 4) {
		fprintf(stderr, "usage: load KIND COUNT WARMUP [PID...]\n");
		return 64;
	}
	if (!strcmp(argv[1], "idle")) {
		measure_idle(atoi(argv[2]), argv + 4);
		return 0;
	}
	listening = address("127.0.0.1", 7001);
	receiving = address("127.0.0.1", 7002);
	away = address("192.0.2.1", 443);
	if (!strcmp(argv[1], "tcp_offline")) {
		/* A namespace without a route. */
		if (unshare(CLONE_NEWNET))
			fail("unshare");
	} else {
		listener = bound(SOCK_STREAM, &listening);
		if (listen(listener, 16))
			fail("listen");
		receiver = bound(SOCK_DGRAM, &receiving);
		sender = socket(AF_INET, SOCK_DGRAM, 0);
		connected[0] = socket(AF_INET, SOCK_STREAM, 0);
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, neighbours) ||
		    connect(connected[0], (const struct sockaddr *)&listening, sizeof(listening)) ||
		    (connected[1] = accept(listener, NULL, NULL)) < 0)
			fail("a pair of sockets");
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(argv[1], kinds[i].name)) {
			measure(argv[1], kinds[i].attempt, atoi(argv[2]), atoi(argv[3]), argv + 4);
			return 0;
		}
	fprintf(stderr, "load: no kind is called %s\n", argv[1]);
	return 64;
}
