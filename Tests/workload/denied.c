/* SPDX-License-Identifier: GPL-2.0-only */
/* Attempts that a security module or a cgroup program denies. And what of BPF is in the kernel. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <linux/bpf.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

/* linux/landlock.h of Debian 12 does not know these yet. */
struct landlock_rules {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
};
#define LANDLOCK_CONNECT_TCP (1ULL << 1)
#define LANDLOCK_ABI_WITH_TCP 4

static int connect_denied(struct truth *truth, const struct kind *kind, const char *blocked_by)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);
	int fd = new_socket(&to, SOCK_STREAM);
	int seen;

	expect(truth, IPPROTO_TCP, &to, kind->result, kind->error)->blocked_by = blocked_by;
	seen = connect(fd, &to.any, to.length) ? errno : 0;
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

static int landlocked(struct truth *truth, const struct kind *kind)
{
	struct landlock_rules rules = { .handled_access_net = LANDLOCK_CONNECT_TCP };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
	long ruleset;

	if (abi < LANDLOCK_ABI_WITH_TCP)
		return problem(truth, MISSING, "Landlock knows no TCP rules (ABI %ld)", abi);
	ruleset = syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
	if (ruleset < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, ruleset, 0))
		return problem(truth, UNEXPECTED, "Landlock: %s", strerror(errno));
	return connect_denied(truth, kind, "lsm");
}

static long bpf(int command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

/* A program that says no to every connect(). */
static long load_denial(int attach_type)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attributes = {
		.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
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

static int connect_in_cgroup(struct truth *truth, const struct kind *kind, const char *cgroup)
{
	int attach_type = strchr(kind->ip, ':') ? BPF_CGROUP_INET6_CONNECT : BPF_CGROUP_INET4_CONNECT;
	long program = load_denial(attach_type);
	union bpf_attr attach = {};
	char path[4200];

	if (program < 0)
		return problem(truth, MISSING, "no cgroup program: %s", strerror(errno));
	attach.target_fd = (uint32_t)open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	attach.attach_bpf_fd = (uint32_t)program;
	attach.attach_type = (uint32_t)attach_type;
	if (bpf(BPF_PROG_ATTACH, &attach))
		return problem(truth, MISSING, "the cgroup program cannot be attached: %s", strerror(errno));
	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	if (write_file(path, "0"))
		return problem(truth, UNEXPECTED, "%s: %s", path, strerror(errno));
	return connect_denied(truth, kind, "cgroup");
}

/* In a child, so that the cgroup is empty and can go when it ends, however it ends. */
static int cgroup_denied(struct truth *truth, const struct kind *kind)
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
		_exit(connect_in_cgroup(shared, kind, cgroup));
	waitpid(child, &status, 0);
	rmdir(cgroup);
	*truth = *shared;
	truth->kind = name;
	return WIFEXITED(status) ? WEXITSTATUS(status) : UNEXPECTED;
}

/* attempts bpf-state: the programs in the kernel that bear one of tattle's names, as {"programs":[id, …]}. */
int bpf_state(int argc, char **argv)
{
	const char *separator = "";
	uint32_t id = 0;

	(void)argc;
	(void)argv;
	printf("{\"programs\":[");
	for (;;) {
		union bpf_attr next = { .start_id = id }, open = {}, query = {};
		struct bpf_prog_info info = {};
		long program;

		if (bpf(BPF_PROG_GET_NEXT_ID, &next))
			break;
		id = next.next_id;
		open.prog_id = id;
		program = bpf(BPF_PROG_GET_FD_BY_ID, &open);
		if (program < 0)
			continue;
		query.info.bpf_fd = (uint32_t)program;
		query.info.info_len = sizeof(info);
		query.info.info = (uint64_t)(uintptr_t)&info;
		if (!bpf(BPF_OBJ_GET_INFO_BY_FD, &query) && !strncmp(info.name, "on_", 3)) {
			printf("%s%u", separator, id);
			separator = ",";
		}
		close((int)program);
	}
	printf("]}\n");
	return errno == ENOENT ? AS_EXPECTED : MISSING;
}

const struct kind denied_kinds[] = {
	{ "tcp4-landlock", SETUP_LOOPBACK, landlocked, "127.0.0.1", EACCES, "denied", "a security module denies it" },
	{ "tcp6-landlock", SETUP_LOOPBACK, landlocked, "::1", EACCES, "denied", "a security module denies it" },
	{ "tcp4-cgroup-denied", SETUP_LOOPBACK, cgroup_denied, "127.0.0.1", EPERM, "denied", "a cgroup program denies it" },
	{ "tcp6-cgroup-denied", SETUP_LOOPBACK, cgroup_denied, "::1", EPERM, "denied", "a cgroup program denies it" },
	{},
};
