/* SPDX-License-Identifier: GPL-2.0-only */
/* Attempts that a cgroup program denies: at the call, or packet by packet. */
#define _GNU_SOURCE
#include "denied.h"
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A program that says no, whatever it is asked. */
static long load_denial(int attach_type)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	bool is_egress = attach_type == BPF_CGROUP_INET_EGRESS;
	union bpf_attr attributes = {
		.prog_type = is_egress ? BPF_PROG_TYPE_CGROUP_SKB : BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
		.insns = (uint64_t)(uintptr_t)program,
		.insn_cnt = 2,
		.license = (uint64_t)(uintptr_t) "GPL",
		.expected_attach_type = (uint32_t)attach_type,
	};

	memcpy(attributes.prog_name, "deny_connect", 12);
	return bpf(BPF_PROG_LOAD, &attributes);
}

bool find_cgroups(char *path, size_t capacity)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;
	bool is_found = false;

	while (mounts && !is_found && (mount = getmntent(mounts))) {
		if (strcmp(mount->mnt_type, "cgroup2"))
			continue;
		snprintf(path, capacity, "%s", mount->mnt_dir);
		is_found = true;
	}
	if (mounts)
		endmntent(mounts);
	return is_found;
}

static int connect_datagram(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);
	int fd = new_socket(&to, SOCK_DGRAM), seen;

	expect(truth, IPPROTO_UDP, &to, kind->result, kind->error)->blocked_by = "cgroup";
	seen = error_of(connect(fd, &to.any, to.length));
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

static int send_datagram(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);
	int fd = new_socket(&to, SOCK_DGRAM), seen;

	expect(truth, IPPROTO_UDP, &to, kind->result, kind->error)->blocked_by = "cgroup";
	seen = error_of(sendto(fd, "0123456789", 10, 0, &to.any, to.length));
	close(fd);
	return check_errno(truth, "sendto", seen, kind->error);
}

/* The SYN is thrown away, and again, and nobody tells the program. */
static int connect_unheard(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);
	int fd = new_socket(&to, SOCK_STREAM), retries = 1, seen;
	struct expected *expected;

	setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &retries, sizeof(retries));
	expected = expect(truth, IPPROTO_TCP, &to, kind->result, kind->error);
	expected->is_late = true;
	expected->blocked_by = "cgroup";
	expected->is_blocker_hidden = !has_drop_reasons();
	seen = error_of(connect(fd, &to.any, to.length));
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

static int attempt(struct truth *truth, const struct kind *kind)
{
	switch (kind->option) {
	case BPF_CGROUP_INET4_CONNECT:
	case BPF_CGROUP_INET6_CONNECT:
		return strncmp(kind->name, "udp", 3) ? connect_denied(truth, kind, "cgroup") : connect_datagram(truth, kind);
	case BPF_CGROUP_INET_EGRESS:
		return kind->error == ETIMEDOUT ? connect_unheard(truth, kind) : send_datagram(truth, kind);
	default:
		return send_datagram(truth, kind);
	}
}

static int attempt_in(struct truth *truth, const struct kind *kind, const char *cgroup)
{
	long program = load_denial(kind->option);
	union bpf_attr attach = {};
	char path[4200];

	if (program < 0)
		return problem(truth, MISSING, "no cgroup program: %s", strerror(errno));
	attach.target_fd = (uint32_t)open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	attach.attach_bpf_fd = (uint32_t)program;
	attach.attach_type = (uint32_t)kind->option;
	if (bpf(BPF_PROG_ATTACH, &attach))
		return problem(truth, MISSING, "the cgroup program cannot be attached: %s", strerror(errno));
	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	if (write_file(path, "0"))
		return problem(truth, UNEXPECTED, "%s: %s", path, strerror(errno));
	return attempt(truth, kind);
}

/* In a child, so that the cgroup is empty and can go when it ends, however it ends. */
static int denied(struct truth *truth, const struct kind *kind)
{
	struct truth *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char root[4096], cgroup[4160];
	const char *name = truth->kind;
	pid_t child;
	int status;

	if (shared == MAP_FAILED || !find_cgroups(root, sizeof(root)))
		return problem(truth, MISSING, "no cgroup v2");
	snprintf(cgroup, sizeof(cgroup), "%s/attempts-%d", root, getpid());
	if (mkdir(cgroup, 0755))
		return problem(truth, MISSING, "%s: %s", cgroup, strerror(errno));
	child = fork();
	if (!child)
		_exit(attempt_in(shared, kind, cgroup));
	waitpid(child, &status, 0);
	rmdir(cgroup);
	*truth = *shared;
	truth->kind = name;
	return WIFEXITED(status) ? WEXITSTATUS(status) : UNEXPECTED;
}

const struct kind cgroup_denied_kinds[] = {
	{ "tcp4-cgroup-denied", SETUP_LOOPBACK, denied, "127.0.0.1", EPERM, "denied", "a cgroup program denies it", BPF_CGROUP_INET4_CONNECT },
	{ "tcp6-cgroup-denied", SETUP_LOOPBACK, denied, "::1", EPERM, "denied", "a cgroup program denies it", BPF_CGROUP_INET6_CONNECT },
	{ "tcp4-cgroup-egress", SETUP_LOOPBACK, denied, "127.0.0.1", ETIMEDOUT, "timed_out", "a cgroup program drops the SYN", BPF_CGROUP_INET_EGRESS },
	{ "tcp6-cgroup-egress", SETUP_LOOPBACK, denied, "::1", ETIMEDOUT, "timed_out", "a cgroup program drops the SYN", BPF_CGROUP_INET_EGRESS },
	{ "udp4-cgroup-connect-denied", SETUP_LOOPBACK, denied, "127.0.0.1", EPERM, "denied", "connect() is denied", BPF_CGROUP_INET4_CONNECT },
	{ "udp6-cgroup-connect-denied", SETUP_LOOPBACK, denied, "::1", EPERM, "denied", "connect() is denied", BPF_CGROUP_INET6_CONNECT },
	{ "udp4-cgroup-denied", SETUP_LOOPBACK, denied, "127.0.0.1", EPERM, "denied", "sendto() is denied", BPF_CGROUP_UDP4_SENDMSG },
	{ "udp6-cgroup-denied", SETUP_LOOPBACK, denied, "::1", EPERM, "denied", "sendto() is denied", BPF_CGROUP_UDP6_SENDMSG },
	{ "udp4-mapped-cgroup-denied", SETUP_LOOPBACK, denied, "::ffff:127.0.0.1", EPERM, "denied", "sendto() of IPv4 through an IPv6 socket is denied", BPF_CGROUP_UDP4_SENDMSG },
	{ "udp4-cgroup-egress", SETUP_LOOPBACK, denied, "127.0.0.1", EPERM, "denied", "a cgroup program drops the datagram", BPF_CGROUP_INET_EGRESS },
	{ "udp6-cgroup-egress", SETUP_LOOPBACK, denied, "::1", EPERM, "denied", "a cgroup program drops the datagram", BPF_CGROUP_INET_EGRESS },
	{},
};
