/* SPDX-License-Identifier: GPL-2.0-only */
/* Attempts that a thread of the kernel makes: an NFS server is to be mounted, and there is none. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACE "/tmp"

/* How many connections the namespace's TCP has begun: it is the worker's one or none. */
static int count_connects(void)
{
	char line[512];
	FILE *counters = fopen("/proc/thread-self/net/snmp", "re");
	int connects = -1;

	while (counters && fgets(line, sizeof(line), counters)) {
		if (sscanf(line, "Tcp: %*d %*d %*d %*d %d", &connects) == 1)
			break;
	}
	if (counters)
		fclose(counters);
	return connects;
}

static uint64_t own_netns(void)
{
	struct stat namespace = {};

	stat("/proc/thread-self/ns/net", &namespace);
	return namespace.st_ino;
}

static int mount_nothing(struct truth *truth, const struct kind *kind, const char *type, int protocol, const char *options)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);
	struct expected *expected;
	int seen;

	load_module("nfs");
	load_module(type[3] ? "nfsv4" : "nfsv3");
	/* Should it succeed, only we see it. */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return problem(truth, MISSING, "no mount namespace: %s", strerror(errno));
	expected = expect(truth, protocol, &to, kind->result, kind->error == ECONNREFUSED ? kind->error : 0);
	expected->via = "kernel";
	expected->is_kernels = true;
	expected->netns = own_netns();
	expected->pid = expected->tid = 0;
	expected->thread_name[0] = 0;
	expected->is_any_time = true;
	seen = error_of(mount("nowhere:/", PLACE, type, 0, options));
	if (seen == ENODEV || seen == EPROTONOSUPPORT || seen == EPERM) {
		truth->count = 0;
		return problem(truth, MISSING, "no %s: %s", type, strerror(seen));
	}
	/* Woken by the socket's end before the refusal is noted, the kernel tries once more. */
	if (kind->error == ECONNREFUSED && count_connects() == 2) {
		truth->attempts[truth->count++] = *expected;
		return problem(truth, MISSING, "the kernel connected twice, and nothing tells the two apart");
	}
	if (protocol == IPPROTO_TCP && count_connects() != 1)
		return problem(truth, UNEXPECTED, "%d connects instead of one", count_connects());
	return check_errno(truth, "mount", seen, kind->error);
}

static int mount_v3(struct truth *truth, const struct kind *kind)
{
	return mount_nothing(truth, kind, "nfs", IPPROTO_TCP,
			     kind->ip[0] == ':' ?
				     "vers=3,proto=tcp6,port=9,mountproto=tcp6,mountport=9,mountvers=3,mountaddr=::1,addr=::1,"
				     "nolock,noresvport,soft,timeo=600,retrans=2" :
				     "vers=3,proto=tcp,port=9,mountproto=tcp,mountport=9,mountvers=3,mountaddr=127.0.0.1,"
				     "addr=127.0.0.1,nolock,noresvport,soft,timeo=600,retrans=2");
}

static int mount_v4(struct truth *truth, const struct kind *kind)
{
	return mount_nothing(truth, kind, "nfs4", IPPROTO_TCP,
			     "vers=4.0,proto=tcp,port=9,addr=127.0.0.1,clientaddr=127.0.0.1,noresvport,soft,timeo=600,retrans=2");
}

struct clerk {
	struct truth *truth;
	int fd;
	ssize_t asked; /* the length of the question */
};

/* Says to the first question that there is no such program here (RFC 5531), which is an attempt of ours. */
static void *answer_no(void *argument)
{
	struct clerk *clerk = argument;
	uint32_t words[64] = {};
	struct address from = { .length = sizeof(from.v6) };
	struct expected *expected;

	if (poll(&(struct pollfd){ .fd = clerk->fd, .events = POLLIN }, 1, 60000) != 1)
		return NULL;
	clerk->asked = recvfrom(clerk->fd, words, sizeof(words), 0, &from.any, &from.length);
	/* Behind the question's number: a reply, accepted, no verifier, PROG_UNAVAIL. */
	memset(words + 1, 0, 5 * sizeof(*words));
	words[1] = words[5] = htonl(1);
	expected = expect(clerk->truth, IPPROTO_UDP, &from, "sent", 0);
	sent(expected, 1);
	expected->bytes_sent = 6 * sizeof(*words);
	sendto(clerk->fd, words, 6 * sizeof(*words), 0, &from.any, from.length);
	return NULL;
}

/* Before NFS over TCP, the port of its directory is asked for by UDP. */
static int mount_by_udp(struct truth *truth, const struct kind *kind)
{
	struct address at = address_of(kind->ip, CLOSED_PORT);
	struct clerk clerk = { .truth = truth, .fd = bind_at(&at) };
	pthread_t thread;
	int status;

	if (clerk.fd < 0 || pthread_create(&thread, NULL, answer_no, &clerk))
		return problem(truth, UNEXPECTED, "no clerk: %s", strerror(errno));
	status = mount_nothing(truth, kind, "nfs", IPPROTO_UDP,
			       "vers=3,proto=tcp,port=9,mountproto=udp,mountport=9,mountvers=3,mountaddr=127.0.0.1,"
			       "addr=127.0.0.1,nolock,noresvport,soft,timeo=600,retrans=2");
	/* Nobody will ask, and the thread ends with us. */
	if (status == MISSING)
		return status;
	pthread_join(thread, NULL);
	close(clerk.fd);
	if (clerk.asked <= 0)
		return problem(truth, UNEXPECTED, "nobody asked");
	sent(&truth->attempts[0], 1);
	truth->attempts[0].bytes_sent = (uint64_t)clerk.asked;
	return status;
}

/* The same answer on a connection, each message behind its length (RFC 5531, 11). */
static void *answer_no_on_connection(void *argument)
{
	struct clerk *clerk = argument;
	int fd = poll(&(struct pollfd){ .fd = clerk->fd, .events = POLLIN }, 1, 60000) == 1 ? accept(clerk->fd, NULL, NULL) : -1;
	uint32_t question[11], words[7] = { htonl(0x80000000 | 6 * sizeof(uint32_t)) };

	clerk->asked = recv(fd, question, sizeof(question), MSG_WAITALL);
	words[1] = question[1];
	words[2] = words[6] = htonl(1);
	if (write(fd, words, sizeof(words)) == sizeof(words))
		recv(fd, words, 1, 0);
	close(fd);
	return NULL;
}

static int mount_and_hear_no(struct truth *truth, const struct kind *kind)
{
	struct address at = address_of(kind->ip, CLOSED_PORT);
	struct clerk clerk = { .truth = truth, .fd = listen_at(&at) };
	pthread_t thread;
	int status;

	if (clerk.fd < 0 || pthread_create(&thread, NULL, answer_no_on_connection, &clerk))
		return problem(truth, UNEXPECTED, "no clerk: %s", strerror(errno));
	status = mount_v3(truth, kind);
	if (status == MISSING)
		return status;
	pthread_join(thread, NULL);
	close(clerk.fd);
	truth->attempts[0].has_disconnect = true;
	truth->attempts[0].bytes_sent = (uint64_t)clerk.asked;
	truth->attempts[0].bytes_received = 7 * sizeof(uint32_t);
	return status;
}

const struct kind kernel_kinds[] = {
	{ "kernel-tcp4-established", SETUP_LOOPBACK, mount_and_hear_no, "127.0.0.1", EPFNOSUPPORT, "established", "mount() of NFS 3: a worker of the kernel connects" },
	{ "kernel-tcp6-established", SETUP_LOOPBACK, mount_and_hear_no, "::1", EPFNOSUPPORT, "established", "mount() of NFS 3: a worker of the kernel connects" },
	{ "kernel-tcp4-refused", SETUP_LOOPBACK, mount_v3, "127.0.0.1", ECONNREFUSED, "refused", "mount() of NFS 3: a worker of the kernel connects" },
	{ "kernel-tcp6-refused", SETUP_LOOPBACK, mount_v3, "::1", ECONNREFUSED, "refused", "mount() of NFS 3: a worker of the kernel connects" },
	{ "kernel-nfs4-tcp4-refused", SETUP_LOOPBACK, mount_v4, "127.0.0.1", ECONNREFUSED, "refused", "mount() of NFS 4: a worker of the kernel connects" },
	{ "kernel-udp4", SETUP_LOOPBACK, mount_by_udp, "127.0.0.1", EPFNOSUPPORT, "sent", "mount() of NFS 3 asks by UDP: a worker of the kernel sends" },
	{},
};
