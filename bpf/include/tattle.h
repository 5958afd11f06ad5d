/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What every hook set is made of. Each adds only its hooks and is_left_to_exit(). */
#ifndef TATTLE_H
#define TATTLE_H

#define __VMLINUX_H__ /* the kernel's names for registers in bpf_tracing.h */
#include "kernel_types.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include "probe_abi.h"
#include "read.h"
#include "verifier.h"
#include "maps.h"
#include "places.h"
#include "waking.h"
#include "emit.h"
#include "uninterrupted.h"
#include "endpoint.h"
#include "calls.h"
#include "filter.h"
#include "via.h"
#include "task.h"
#include "mptcp.h"
#include "tcp.h"
#include "broadcast.h"
#include "udp.h"
#include "process.h"
#include "exec.h"
#include "control_group.h"

/* Tracing helpers are for GPL-compatible programs only. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* match-proto: include/trace/events/sched.h: sched_process_exec(struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm) */
SEC("tp_btf/sched_process_exec")
int on_exec(struct bpf_raw_tracepoint_args *ctx)
{
	RUN(TATTLE_HOOK_EXEC,
	    report_exec((struct task_struct *)ctx->args[0], (struct linux_binprm *)ctx->args[2], LOOPED));
	return 0;
}

#ifndef TATTLE_UNINTERRUPTED
/* In its place before 5.17. */
SEC("tp_btf/sched_process_exec")
int on_exec_unrolled(struct bpf_raw_tracepoint_args *ctx)
{
	report_exec((struct task_struct *)ctx->args[0], (struct linux_binprm *)ctx->args[2], UNROLLED);
	return 0;
}
#endif

/* match-proto: include/trace/events/sched.h: sched_process_fork(struct task_struct *parent, struct task_struct *child) */
SEC("tp_btf/sched_process_fork")
int on_fork(struct bpf_raw_tracepoint_args *ctx)
{
	RUN(TATTLE_HOOK_FORK, report_fork((struct task_struct *)ctx->args[0], (struct task_struct *)ctx->args[1]));
	return 0;
}

/* match-proto: include/trace/events/sched.h: sched_process_exit(struct task_struct *p) */
/* match-proto: include/trace/events/sched.h: sched_process_exit(struct task_struct *p, bool group_dead); since 6.16 */
SEC("tp_btf/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args *ctx)
{
	RUN(TATTLE_HOOK_EXIT, report_exit((struct task_struct *)ctx->args[0]));
	return 0;
}

/* match-proto: include/trace/events/cgroup.h: cgroup_mkdir(struct cgroup *cgrp, const char *path) */
SEC("raw_tp/cgroup_mkdir")
int on_cgroup_made(struct bpf_raw_tracepoint_args *ctx)
{
	RUN(TATTLE_HOOK_CGROUP_MADE, report_control_group((struct cgroup *)ctx->args[0], (const char *)ctx->args[1],
							  false, TATTLE_HOOK_CGROUP_MADE));
	return 0;
}

/* match-proto: include/trace/events/cgroup.h: cgroup_rmdir(struct cgroup *cgrp, const char *path) */
SEC("raw_tp/cgroup_rmdir")
int on_cgroup_removed(struct bpf_raw_tracepoint_args *ctx)
{
	RUN(TATTLE_HOOK_CGROUP_REMOVED, report_control_group((struct cgroup *)ctx->args[0], (const char *)ctx->args[1],
							     true, TATTLE_HOOK_CGROUP_REMOVED));
	return 0;
}

RAW_STAND_INS("tp_btf/sched_process_exec", on_exec, TATTLE_HOOK_EXEC, true,
	      report_exec((struct task_struct *)ctx->args[0], (struct linux_binprm *)ctx->args[2], LOOPED))
RAW_STAND_INS("tp_btf/sched_process_fork", on_fork, TATTLE_HOOK_FORK, true,
	      report_fork((struct task_struct *)ctx->args[0], (struct task_struct *)ctx->args[1]))
RAW_STAND_INS("tp_btf/sched_process_exit", on_exit, TATTLE_HOOK_EXIT, true,
	      report_exit((struct task_struct *)ctx->args[0]))
RAW_STAND_INS("raw_tp/cgroup_mkdir", on_cgroup_made, TATTLE_HOOK_CGROUP_MADE, true,
	      report_control_group((struct cgroup *)ctx->args[0], (const char *)ctx->args[1], false,
				   TATTLE_HOOK_CGROUP_MADE))
RAW_STAND_INS("raw_tp/cgroup_rmdir", on_cgroup_removed, TATTLE_HOOK_CGROUP_REMOVED, true,
	      report_control_group((struct cgroup *)ctx->args[0], (const char *)ctx->args[1], true,
				   TATTLE_HOOK_CGROUP_REMOVED))

STEADY_STAND_IN("tp/sched/sched_process_exec", on_exec, TATTLE_HOOK_EXEC, void,
		report_exec((struct task_struct *)bpf_get_current_task_btf(), NULL, LOOPED))
STEADY_STAND_IN("tp/sched/sched_process_fork", on_fork, TATTLE_HOOK_FORK,
		struct trace_event_raw_sched_process_fork, report_newest_child(BPF_CORE_READ(ctx, child_pid)))
STEADY_STAND_IN("tp/sched/sched_process_exit", on_exit, TATTLE_HOOK_EXIT, void,
		report_exit((struct task_struct *)bpf_get_current_task_btf()))

#endif
