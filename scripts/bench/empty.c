/* SPDX-License-Identifier: MIT */
/*
 * empty BTF_ID: attaches BPF programs that do nothing, at the entry and the exit of the kernel function with
 * that id and to the tracepoint of TCP's changes of state, says "ready", and waits to be ended. What the
 * kernel's statistic says of them is what the statistic itself costs.
 */
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void attach(const char *name, enum bpf_prog_type type, enum bpf_attach_type how, uint32_t btf_id,
		   const char *tracepoint)
{
	const struct bpf_insn instructions[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = { 0 }, open = { 0 };
	int fd;

	load.prog_type = type;
	load.expected_attach_type = how;
	load.attach_btf_id = btf_id;
	load.insns = (uintptr_t)instructions;
	load.insn_cnt = 2;
	load.license = (uintptr_t) "GPL";
	strcpy(load.prog_name, name);
	fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
	open.raw_tracepoint.name = (uintptr_t)tracepoint;
	open.raw_tracepoint.prog_fd = (uint32_t)fd;
	if (fd < 0 || syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &open, sizeof(open)) < 0) {
		perror(name);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	uint32_t btf_id = argc == 2 ? (uint32_t)atoi(argv[1]) : 0;

	if (!btf_id) {
		fprintf(stderr, "usage: empty BTF_ID\n");
		return 64;
	}
	attach("empty_fentry", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, btf_id, NULL);
	attach("empty_fexit", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, btf_id, NULL);
	attach("empty_raw_tp", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0, "inet_sock_set_state");
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
