// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * One program for each way into the kernel, which does nothing: `tattle doctor` loads and attaches them one by one,
 * to find out what this kernel and this process may do. Whether a way is open can't be told from a version.
 */
#include "kernel_types.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("fentry/tcp_connect")
int on_try_fentry(void *ctx)
{
	return 0;
}

SEC("fexit/tcp_connect")
int on_try_fexit(void *ctx)
{
	return 0;
}

SEC("kprobe/tcp_connect")
int on_try_kprobe(void *ctx)
{
	return 0;
}

SEC("kretprobe/tcp_connect")
int on_try_kretprobe(void *ctx)
{
	return 0;
}

SEC("raw_tp/inet_sock_set_state")
int on_try_raw_tracepoint(void *ctx)
{
	return 0;
}

SEC("tp/sched/sched_process_exec")
int on_try_tracepoint(void *ctx)
{
	return 0;
}

/* 1 lets the call go on. */
SEC("cgroup/connect4")
int on_try_cgroup_connect4(void *ctx)
{
	return 1;
}

SEC("cgroup/connect6")
int on_try_cgroup_connect6(void *ctx)
{
	return 1;
}

SEC("cgroup/sendmsg4")
int on_try_cgroup_sendmsg4(void *ctx)
{
	return 1;
}

SEC("cgroup/sendmsg6")
int on_try_cgroup_sendmsg6(void *ctx)
{
	return 1;
}

SEC("cgroup/sock_release")
int on_try_cgroup_sock_release(void *ctx)
{
	return 1;
}
