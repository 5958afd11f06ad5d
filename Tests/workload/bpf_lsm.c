/* SPDX-License-Identifier: GPL-2.0-only */
/* Attempts that a security module denies, which is a BPF program here that looks at this process alone. */
#define _GNU_SOURCE
#include "denied.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VMLINUX "/sys/kernel/btf/vmlinux"

/* The bytes after a struct btf_type that belong to it. */
static size_t extra_of(const struct btf_type *type)
{
	size_t count = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return count * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return count * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return count * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return count * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return count * sizeof(struct btf_var_secinfo);
	default:
		return 0;
	}
}

static char *read_btf(size_t *size)
{
	size_t capacity = 64 << 20;
	int file = open(VMLINUX, O_RDONLY | O_CLOEXEC);
	char *bytes = malloc(capacity);
	ssize_t got;

	*size = 0;
	while (file >= 0 && bytes && (got = read(file, bytes + *size, capacity - *size)) > 0)
		*size += (size_t)got;
	close(file);
	return bytes;
}

/* The number of a kernel function in its BTF; 0: there is none. */
static uint32_t find_function(const char *name)
{
	size_t size;
	char *bytes = read_btf(&size), *place, *end;
	const struct btf_header *header = (const void *)bytes;
	const char *names;

	if (!bytes || size < sizeof(*header) || header->magic != BTF_MAGIC)
		return 0;
	names = bytes + header->hdr_len + header->str_off;
	place = bytes + header->hdr_len + header->type_off;
	end = place + header->type_len;
	for (uint32_t number = 1; place < end; number++) {
		const struct btf_type *type = (const void *)place;

		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC && !strcmp(names + type->name_off, name)) {
			free(bytes);
			return number;
		}
		place += sizeof(*type) + extra_of(type);
	}
	free(bytes);
	return 0;
}

/* Denies a hook to this process, until the descriptor that it returns is closed. */
static long deny(const char *hook)
{
	struct bpf_insn program[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_pid_tgid },
		{ .code = BPF_ALU64 | BPF_RSH | BPF_K, .dst_reg = BPF_REG_0, .imm = 32 },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_0, .off = 2, .imm = getpid() },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -EPERM },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_LSM,
		.insns = (uint64_t)(uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(*program),
		.license = (uint64_t)(uintptr_t) "GPL",
		.expected_attach_type = BPF_LSM_MAC,
		.attach_btf_id = find_function(hook),
	};
	union bpf_attr attach = {};
	long loaded;

	memcpy(load.prog_name, "deny_process", 12);
	if (!load.attach_btf_id) {
		errno = ENOENT;
		return -1;
	}
	loaded = bpf(BPF_PROG_LOAD, &load);
	if (loaded < 0)
		return -1;
	attach.raw_tracepoint.prog_fd = (uint32_t)loaded;
	return bpf(BPF_RAW_TRACEPOINT_OPEN, &attach);
}

/* Attached or not, the program is asked only when the kernel was told `bpf` among its modules. */
static int need_module(struct truth *truth)
{
	struct address any = address_of("127.0.0.1", 0);
	long link = deny("bpf_lsm_socket_getsockopt");
	int fd = new_socket(&any, SOCK_STREAM), value;
	socklen_t length = sizeof(value);
	bool is_denied;

	if (link < 0)
		return problem(truth, MISSING, "no BPF LSM program: %s", strerror(errno));
	is_denied = getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &length) && errno == EPERM;
	close((int)link);
	close(fd);
	return is_denied ? AS_EXPECTED : problem(truth, MISSING, "`bpf` is not among the kernel's security modules");
}

static int deny_connect(struct truth *truth, const struct kind *kind)
{
	int status = need_module(truth);

	if (status)
		return status;
	if (deny("bpf_lsm_socket_connect") < 0)
		return problem(truth, UNEXPECTED, "socket_connect: %s", strerror(errno));
	return connect_denied(truth, kind, "lsm");
}

static int deny_datagram_connect(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);
	int status = need_module(truth), fd = new_socket(&to, SOCK_DGRAM), seen;

	if (status)
		return status;
	if (deny("bpf_lsm_socket_connect") < 0)
		return problem(truth, UNEXPECTED, "socket_connect: %s", strerror(errno));
	expect(truth, IPPROTO_UDP, &to, kind->result, kind->error)->blocked_by = "lsm";
	seen = error_of(connect(fd, &to.any, to.length));
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

static int deny_send(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, kind->option == SOCK_RAW ? 0 : CLOSED_PORT);
	bool is_raw = kind->option == SOCK_RAW;
	int status = need_module(truth), fd, seen;
	struct expected *expected;

	if (status)
		return status;
	fd = socket(to.any.sa_family, kind->option | SOCK_CLOEXEC, is_raw ? IPPROTO_ICMP : 0);
	if (deny("bpf_lsm_socket_sendmsg") < 0)
		return problem(truth, UNEXPECTED, "socket_sendmsg: %s", strerror(errno));
	expected = expect(truth, is_raw ? IPPROTO_ICMP : IPPROTO_UDP, &to, kind->result, kind->error);
	expected->blocked_by = "lsm";
	if (is_raw)
		expected->via = "raw";
	seen = error_of(sendto(fd, "0123456789", 10, 0, &to.any, to.length));
	close(fd);
	return check_errno(truth, "sendto", seen, kind->error);
}

const struct kind bpf_lsm_kinds[] = {
	{ "tcp4-lsm", SETUP_LOOPBACK, deny_connect, "127.0.0.1", EPERM, "denied", "a BPF LSM program denies connect()" },
	{ "tcp6-lsm", SETUP_LOOPBACK, deny_connect, "::1", EPERM, "denied", "a BPF LSM program denies connect()" },
	{ "udp4-lsm-connect", SETUP_LOOPBACK, deny_datagram_connect, "127.0.0.1", EPERM, "denied", "the same, of a UDP socket" },
	{ "udp4-lsm", SETUP_LOOPBACK, deny_send, "127.0.0.1", EPERM, "denied", "a BPF LSM program denies sendto()", SOCK_DGRAM },
	{ "udp6-lsm", SETUP_LOOPBACK, deny_send, "::1", EPERM, "denied", "a BPF LSM program denies sendto()", SOCK_DGRAM },
	{ "raw4-lsm", SETUP_LOOPBACK, deny_send, "127.0.0.1", EPERM, "denied", "a BPF LSM program denies sendto()", SOCK_RAW },
	{},
};
