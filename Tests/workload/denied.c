/* SPDX-License-Identifier: GPL-2.0-only */
/* Attempts that Landlock denies. And what of BPF is in the kernel. */
#define _GNU_SOURCE
#include "denied.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/landlock.h of Debian 12 does not know these yet. */
struct landlock_rules {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
};
#define LANDLOCK_CONNECT_TCP (1ULL << 1)
#define LANDLOCK_ABI_WITH_TCP 4

int connect_denied(struct truth *truth, const struct kind *kind, const char *blocked_by)
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

/* attempts filtered: a connect() to a closed port that a seccomp filter answers with EPERM. */
int filtered(int argc, char **argv)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_connect, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(filter) / sizeof(*filter), .filter = filter };
	struct address to = address_of("127.0.0.1", CLOSED_PORT);

	(void)argc;
	(void)argv;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("attempts: filtered");
		return UNEXPECTED;
	}
	return connect(new_socket(&to, SOCK_STREAM), &to.any, to.length) && errno == EPERM ? AS_EXPECTED : UNEXPECTED;
}

long bpf(int command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
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
	{},
};
