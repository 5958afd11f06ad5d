/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Who: the current task, as an attempt and a call need it. */
#ifndef TATTLE_TASK_H
#define TATTLE_TASK_H

static __always_inline __u64 start_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, group_leader, start_boottime);
}

/* The pid as the task itself sees it, and in which namespace that is: kernel/pid.c task_active_pid_ns(). */
static __always_inline void read_innermost_pid(struct upid *innermost, struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	unsigned int level = BPF_CORE_READ(pid, level);
	void *number = (void *)pid + bpf_core_field_offset(struct pid, numbers) + level * bpf_core_type_size(struct upid);

	innermost->nr = 0;
	innermost->ns = NULL;
	bpf_core_read(innermost, sizeof(*innermost), number);
}

/*
 * Unique while the programs are loaded: no CPU begins two attempts in one nanosecond. No
 * counter, because 5.10 has no atomic fetch and a per-CPU one can be preempted.
 */
static __always_inline __u64 new_attempt_id(__u64 now)
{
	return now << 6 | (bpf_get_smp_processor_id() & 63);
}

/* The effective set, which is one word since 6.3 and two before: the same bytes. */
static __always_inline void read_capabilities(tattle_u64 *capabilities, struct cred *cred)
{
	bpf_probe_read_kernel(capabilities, sizeof(*capabilities),
			      (void *)cred + bpf_core_field_offset(struct cred, cap_effective));
}

/* Fills what the current task knows of itself and of whom it works for. Only where current is the caller. */
static __always_inline void fill_task(struct tattle_attempt *attempt)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_struct *owner = fill_via(attempt, task);
	struct inode *executable;
	__u32 process_flags = 0;
	struct cred *cred;

	attempt->pid = BPF_CORE_READ(owner, tgid);
	attempt->tid = (__u32)bpf_get_current_pid_tgid();
	attempt->process_start_boot_ns = start_of(owner);
	attempt->uid = (__u32)bpf_get_current_uid_gid();
	attempt->cgroup_id = BPF_CORE_READ(owner, cgroups, dfl_cgrp, kn, id);
	bpf_get_current_comm(attempt->comm, sizeof(attempt->comm));
	attempt->exec_id = BPF_CORE_READ(owner, self_exec_id);
	if (BPF_CORE_READ(task, ptrace))
		process_flags |= TATTLE_PROCESS_TRACED;
	cred = BPF_CORE_READ(task, cred);
	attempt->effective_uid = BPF_CORE_READ(cred, euid.val);
	attempt->effective_gid = BPF_CORE_READ(cred, egid.val);
	read_capabilities(&attempt->capabilities, cred);
	executable = BPF_CORE_READ(task, mm, exe_file, f_inode);
	if (executable && !BPF_CORE_READ(executable, i_nlink))
		process_flags |= TATTLE_PROCESS_DELETED;
	attempt->process_flags = forget(process_flags, attempt->started_boot_ns);
}

/* How, where the socket says it. `protocol` is the packet's where that is hand-made. */
static __always_inline __u8 via_of_socket(struct sock *sk, __u16 protocol)
{
	struct tcp_sock *tcp = (struct tcp_sock *)sk;

	if (sk && BPF_CORE_READ(sk, __sk_common.skc_family) == AF_PACKET)
		return TATTLE_VIA_PACKET;
	if (sk && BPF_CORE_READ(sk, sk_type) == SOCK_RAW)
		return TATTLE_VIA_RAW;
	/* An MPTCP socket has no tcp_sock; its first subflow may stand for it. */
	if (protocol == IPPROTO_MPTCP || (sk && BPF_CORE_READ(sk, sk_protocol) == IPPROTO_MPTCP))
		return TATTLE_VIA_MPTCP;
	if (!sk || protocol != IPPROTO_TCP)
		return TATTLE_VIA_SYSCALL;
	if (BPF_CORE_READ_BITFIELD_PROBED(tcp, fastopen_connect))
		return TATTLE_VIA_FAST_OPEN;
	if (bpf_core_field_exists(tcp->is_mptcp) && BPF_CORE_READ_BITFIELD_PROBED(tcp, is_mptcp))
		return TATTLE_VIA_MPTCP;
	return TATTLE_VIA_SYSCALL;
}

/* Fills what the call is about. */
static __always_inline void fill_call(struct tattle_attempt *attempt, struct sock *sk, __u64 socket_key,
				      __u16 protocol, const struct destination *to, __u64 started_boot_ns)
{
	attempt->attempt_id = new_attempt_id(started_boot_ns);
	attempt->started_boot_ns = started_boot_ns;
	attempt->socket_key = socket_key;
	attempt->protocol = protocol;
	attempt->family = to->family;
	attempt->flags = to->flags;
	attempt->scope_id = to->scope_id;
	attempt->destination_port_be = to->port_be;
	__builtin_memcpy(attempt->destination, to->address, 16);
	if (sk) {
		attempt->netns_inode = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
		attempt->bound_interface = BPF_CORE_READ(sk, __sk_common.skc_bound_dev_if);
		/* connect() to a link-local address binds the socket to the link: that is the scope. */
		if (to->family == AF_INET6 && to->address[0] == 0xfe && attempt->bound_interface) {
			attempt->scope_id = attempt->bound_interface;
			attempt->bound_interface = 0;
		}
	}
	if (!attempt->via)
		attempt->via = via_of_socket(sk, protocol);
	attempt->via = forget(attempt->via, started_boot_ns);
}

#endif
