/* SPDX-License-Identifier: MIT */
/*
 * flood KIND SECONDS RATES [PID...]: makes attempts at each of RATES (as 1000,50000,0: a second; 0: as fast as the
 * machine can, a thread for each processor), for SECONDS each, and prints a line of JSON for each: how many, what
 * one took in CPU time of its own and of the processes PID that trace it, which it waits for, and their memory.
 * PID may be `parent`, whoever started it: strace.
 *
 * KIND is `connects`: to a closed port of the loopback interface, 1 for the first rate, 2 for the second;
 * or `datagrams`: the first one of a new socket, which is closed, to the port 10001, 10002.
 *
 * Only in a network namespace of its own: it refuses where an interface besides loopback is up.
 */
#define _GNU_SOURCE
#include "cost.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_THREADS 64
#define TICK_NS 1000000LL
/* A tracer that took no more than this in a fifth of a second is done. */
#define CALM_NS 2e6
#define LONGEST_WAIT_NS 30000000000LL

static struct sockaddr_in target;
static int is_datagram;
static long long end_ns;
static double rate;
static atomic_llong made, cpu_ns;

static long long now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void attempt(void)
{
	int fd = socket(AF_INET, is_datagram ? SOCK_DGRAM : SOCK_STREAM, 0);

	if (fd < 0)
		fail("socket");
	if (is_datagram) {
		if (sendto(fd, "x", 1, 0, (const struct sockaddr *)&target, sizeof(target)) != 1)
			fail("sendto");
	} else if (!connect(fd, (const struct sockaddr *)&target, sizeof(target)) || errno != ECONNREFUSED) {
		fail("another end of connect than expected");
	}
	close(fd);
}

/* Makes what is due of its rate at every tick, or does not stop at all. */
static void *work(void *unused)
{
	long long start = now_ns(CLOCK_MONOTONIC), now, count = 0, cpu = now_ns(CLOCK_THREAD_CPUTIME_ID);

	while ((now = now_ns(CLOCK_MONOTONIC)) < end_ns) {
		if (rate > 0 && count >= rate * (now - start + TICK_NS) / 1e9) {
			sleep_ns(TICK_NS - (now - start) % TICK_NS);
			continue;
		}
		attempt();
		count++;
	}
	atomic_fetch_add(&made, count);
	atomic_fetch_add(&cpu_ns, now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu);
	return unused;
}

/* Until the tracers have written everything: what they take then is of these attempts. */
static double settled_ns(char **pids)
{
	const long long limit = now_ns(CLOCK_MONOTONIC) + LONGEST_WAIT_NS;
	double before, after = cost_of(pids).cpu_ns;

	do {
		before = after;
		sleep_ns(200000000);
		after = cost_of(pids).cpu_ns;
	} while (after - before > CALM_NS && now_ns(CLOCK_MONOTONIC) < limit);
	return after;
}

static void flood(const char *kind, double seconds, int port, char **pids)
{
	pthread_t threads[MOST_THREADS];
	long count = rate > 0 ? 1 : sysconf(_SC_NPROCESSORS_ONLN);
	double tracers = settled_ns(pids);
	long long start;

	if (count > MOST_THREADS)
		count = MOST_THREADS;
	target.sin_port = htons((uint16_t)port);
	made = 0;
	cpu_ns = 0;
	start = now_ns(CLOCK_MONOTONIC);
	end_ns = start + (long long)(seconds * 1e9);
	for (long i = 0; i < count; i++)
		if ((errno = pthread_create(&threads[i], NULL, work, NULL)))
			fail("pthread_create");
	for (long i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	seconds = (double)(now_ns(CLOCK_MONOTONIC) - start) / 1e9;
	tracers = settled_ns(pids) - tracers;
	printf("{\"kind\":\"%s\",\"rate\":%.0f,\"port\":%d,\"made\":%lld,\"seconds\":%.3f,\"application_ns\":%.0f,"
	       "\"tracer_ns\":%.0f,\"tracer_kib\":%.0f}\n",
	       kind, rate, port, (long long)made, seconds, (double)cpu_ns / (double)made, tracers / (double)made,
	       resident_kib(pids));
	fflush(stdout);
}

/*
 * What is flooded stays where it is only in a namespace that somebody made: nothing but loopback is up there.
 * Not by getifaddrs(3), which asks the kernel by sendto(2), and that is traced.
 */
static void refuse_elsewhere(void)
{
	FILE *file = fopen("/proc/self/net/dev", "r");
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq about;
	char line[300];

	if (!file || fd < 0)
		fail("/proc/self/net/dev");
	while (fgets(line, sizeof(line), file)) {
		memset(&about, 0, sizeof(about));
		if (!strchr(line, ':') || sscanf(line, " %15[^:]", about.ifr_name) != 1)
			continue;
		if (ioctl(fd, SIOCGIFFLAGS, &about))
			fail(about.ifr_name);
		if (about.ifr_flags & IFF_UP && !(about.ifr_flags & IFF_LOOPBACK)) {
			fprintf(stderr, "flood: %s is up here: only in a network namespace of its own\n", about.ifr_name);
			exit(1);
		}
	}
	close(fd);
	fclose(file);
}

int main(int argc, char **argv)
{
	char parent[20], *rates;
	int base, receivers = 0;
	double seconds = argc > 3 ? strtod(argv[2], NULL) : 0;

	if (seconds <= 0 || (strcmp(argv[1], "connects") && strcmp(argv[1], "datagrams"))) {
		fprintf(stderr, "usage: flood connects|datagrams SECONDS RATES [PID...]\n");
		return 64;
	}
	refuse_elsewhere();
	is_datagram = !strcmp(argv[1], "datagrams");
	base = is_datagram ? 10001 : 1;
	target = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	snprintf(parent, sizeof(parent), "%d", getppid());
	for (char **pid = argv + 4; *pid; pid++)
		if (!strcmp(*pid, "parent"))
			*pid = parent;
	for (rates = strtok(argv[3], ","); rates; rates = strtok(NULL, ",")) {
		if (is_datagram) {
			/* Somebody is there, who reads nothing: it is full soon and drops the rest. */
			int receiver = socket(AF_INET, SOCK_DGRAM, 0);

			target.sin_port = htons((uint16_t)(base + receivers));
			if (receiver < 0 || bind(receiver, (const struct sockaddr *)&target, sizeof(target)))
				fail("bind");
		}
		rate = strtod(rates, NULL);
		flood(argv[1], seconds, base + receivers++, argv + 4);
	}
	return 0;
}
