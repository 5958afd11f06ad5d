/* The network namespace, a process for each kind, and what they share with whoever wants the truth. */
#define _GNU_SOURCE
#include "kinds.h"
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAXIMUM 64
/* For a kind, and then it is ended: each of them takes microseconds. */
#define LIMIT_SECONDS 20

struct tattle_self_test {
	pid_t pid; /* 0: it was waited for */
	uint32_t network_namespace;
	int error;
	struct tattle_truth truths[MAXIMUM];
};

static const struct kind *kind_at(int index)
{
	const struct kind *tables[] = { stream_kinds, datagram_kinds, packet_kinds };

	for (size_t table = 0; table < sizeof(tables) / sizeof(*tables); table++)
		for (const struct kind *kind = tables[table]; kind->name; kind++)
			if (!index--)
				return kind;
	return NULL;
}

int tattle_self_test_count(void)
{
	int count = 0;

	while (count < MAXIMUM && kind_at(count))
		count++;
	return count;
}

const char *tattle_self_test_name(int index)
{
	return kind_at(index)->name;
}

struct address loopback(sa_family_t family, uint16_t port)
{
	struct address address = { .length = family == AF_INET ? sizeof(address.v4) : sizeof(address.v6) };

	address.any.sa_family = family;
	address.v4.sin_port = htons(port); /* sin6_port is at the same place */
	if (family == AF_INET)
		address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		address.v6.sin6_addr = in6addr_loopback;
	return address;
}

struct address elsewhere(sa_family_t family)
{
	struct address address = loopback(family, 443);

	if (family == AF_INET)
		address.v4.sin_addr.s_addr = htonl(0xcb007109); /* 203.0.113.9 */
	else
		address.v6.sin6_addr = (struct in6_addr){ .s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 } };
	return address;
}

struct address closed(const struct kind *kind)
{
	uint16_t index = 0;

	while (kind_at(index) != kind)
		index++;
	/* Below what the kernel chooses for those who listen here. */
	return loopback(kind->family, 20000 + index);
}

void begin(struct tattle_truth *truth, const struct address *to, int protocol, uint8_t via)
{
	struct in6_addr address = to->v6.sin6_addr;

	if (to->any.sa_family == AF_INET) {
		address = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
		memcpy(&address.s6_addr[12], &to->v4.sin_addr, 4);
	}
	for (int index = 0; index < 8; index++) {
		truth->high = truth->high << 8 | address.s6_addr[index];
		truth->low = truth->low << 8 | address.s6_addr[index + 8];
	}
	truth->port = ntohs(to->v4.sin_port);
	truth->protocol = (uint16_t)protocol;
	truth->via = via;
}

void end(struct tattle_truth *truth, int error, uint8_t outcome)
{
	truth->error = error;
	truth->outcome = error ? TATTLE_TRUTH_FAILED : outcome;
	__atomic_store_n(&truth->status, TATTLE_TRUTH_MADE, __ATOMIC_RELEASE);
}

int socket_for(const struct address *to, int type, int protocol)
{
	return socket(to->any.sa_family, type | SOCK_CLOEXEC, protocol);
}

int bound(struct address *at, int type, int protocol)
{
	int fd = socket_for(at, type, protocol);

	return fd < 0 || bind(fd, &at->any, at->length) || getsockname(fd, &at->any, &at->length) ? -1 : fd;
}

int error_of(ssize_t result)
{
	return result < 0 ? errno : 0;
}

/* Whether a protocol is there, without asking for it: a socket of one that is not would load its module. */
static bool has_protocol(const char *name)
{
	FILE *list = fopen("/proc/self/net/protocols", "re");
	char line[256], first[64];
	bool is_there = false;

	while (list && !is_there && fgets(line, sizeof(line), list))
		is_there = sscanf(line, "%63s", first) == 1 && !strcmp(first, name);
	if (list)
		fclose(list);
	return is_there;
}

static bool is_available(const struct kind *kind)
{
	struct address address = loopback(kind->family, 0);
	int fd = bound(&address, SOCK_DGRAM, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0 && (!kind->protocol || has_protocol(kind->protocol));
}

static void make(struct tattle_truth *truth, const struct kind *kind)
{
	pid_t parent = getpid(), pid = fork();
	int status;

	if (pid > 0) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		return;
	}
	if (pid < 0)
		_exit(1);
	/* Whoever started this is gone: so are we, before anything is attempted. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	alarm(LIMIT_SECONDS);
	truth->needs = kind->needs;
	__atomic_store_n(&truth->pid, (uint32_t)getpid(), __ATOMIC_RELEASE);
	__atomic_store_n(&truth->status, TATTLE_TRUTH_BEGUN, __ATOMIC_RELEASE);
	if (is_available(kind))
		kind->make(truth, kind);
	if (truth->status != TATTLE_TRUTH_MADE)
		__atomic_store_n(&truth->status, TATTLE_TRUTH_UNAVAILABLE, __ATOMIC_RELEASE);
	_exit(0);
}

/* Nothing is attempted unless the namespace is ours. */
static int set_up(struct tattle_self_test *test)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct stat before, after;
	int fd;

	if (stat("/proc/self/ns/net", &before) || unshare(CLONE_NEWNET) || stat("/proc/self/ns/net", &after))
		return errno;
	if (before.st_ino == after.st_ino)
		return EPERM;
	__atomic_store_n(&test->network_namespace, (uint32_t)after.st_ino, __ATOMIC_RELEASE);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		return errno;
	close(fd);
	return 0;
}

struct tattle_self_test *tattle_self_test_start(void)
{
	struct tattle_self_test *test = mmap(NULL, sizeof(*test), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	if (test == MAP_FAILED)
		return NULL;
	/* Where the starter ignored it, no child could be waited for. */
	signal(SIGCHLD, SIG_DFL);
	pid = fork();
	if (pid < 0) {
		munmap(test, sizeof(*test));
		return NULL;
	}
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		test->error = set_up(test);
		for (int index = 0; !test->error && index < tattle_self_test_count(); index++)
			make(&test->truths[index], kind_at(index));
		_exit(0);
	}
	test->pid = pid;
	return test;
}

bool tattle_self_test_is_over(struct tattle_self_test *test, int *error)
{
	int status;

	pid_t ended = test->pid ? waitpid(test->pid, &status, WNOHANG) : 0;

	/* Somebody else waited for it: it is over all the same. */
	if (ended == test->pid || (ended < 0 && errno == ECHILD)) {
		/* Somebody ended it. */
		if (ended > 0 && !test->error && !WIFEXITED(status))
			test->error = EINTR;
		test->pid = 0;
	}
	*error = test->error;
	return !test->pid;
}

bool tattle_self_test_owns(const struct tattle_self_test *test, uint32_t pid, uint32_t network_namespace)
{
	uint32_t own = __atomic_load_n(&test->network_namespace, __ATOMIC_ACQUIRE);

	if (own && network_namespace == own)
		return true;
	for (int index = 0; index < MAXIMUM; index++)
		if (pid && __atomic_load_n(&test->truths[index].pid, __ATOMIC_ACQUIRE) == pid)
			return true;
	return false;
}

struct tattle_truth tattle_self_test_truth(const struct tattle_self_test *test, int index)
{
	return test->truths[index];
}

void tattle_self_test_end(struct tattle_self_test *test)
{
	int status;

	if (test->pid) {
		kill(test->pid, SIGKILL);
		while (waitpid(test->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	munmap(test, sizeof(*test));
}
