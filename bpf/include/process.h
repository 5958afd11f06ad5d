/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Processes from birth to death, but for what they execute: raw tracepoints, the same in every hook set. */
#ifndef TATTLE_PROCESS_H
#define TATTLE_PROCESS_H

/* The child inherits being followed before it can run, so that no attempt of it is missed. */
static __always_inline void inherit_follow(__u32 forker, __u32 child)
{
	__u32 *follow;

	if (!(filter_mask & TATTLE_FILTER_PID))
		return;
	follow = bpf_map_lookup_elem(&followed, &forker);
	if (follow && *follow == TATTLE_FOLLOW_DESCENDANTS) {
		__u32 value = TATTLE_FOLLOW_DESCENDANTS;

		if (bpf_map_update_elem(&followed, &child, &value, BPF_ANY))
			count_map_full();
	}
}

static __always_inline void report_fork(struct task_struct *forker, struct task_struct *child)
{
	struct task_struct *parent;
	struct tattle_fork *record;
	struct upid innermost;
	__u32 pid = BPF_CORE_READ(child, tgid);
	__u32 forker_pid = BPF_CORE_READ(forker, tgid);

	/* A thread: its process is known. */
	if (pid != (__u32)BPF_CORE_READ(child, pid))
		return;
	inherit_follow(forker_pid, pid);
	record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	if (!record) {
		count_lost(TATTLE_RECORD_FORK, TATTLE_HOOK_FORK);
		return;
	}
	parent = BPF_CORE_READ(child, real_parent);
	record->start_boot_ns = BPF_CORE_READ(child, start_boottime);
	record->pid = pid;
	record->parent_pid = BPF_CORE_READ(parent, tgid);
	record->parent_start_boot_ns = start_of(parent);
	record->forker_pid = forker_pid;
	record->forker_start_boot_ns = start_of(forker);
	read_innermost_pid(&innermost, child);
	record->vpid = innermost.nr;
	record->pidns_inode = BPF_CORE_READ(innermost.ns, ns.inum);
	record->netns_inode = BPF_CORE_READ(child, nsproxy, net_ns, ns.inum);
	record->mntns_inode = BPF_CORE_READ(child, nsproxy, mnt_ns, ns.inum);
	record->userns_inode = BPF_CORE_READ(child, cred, user_ns, ns.inum);
	record->exec_id = BPF_CORE_READ(child, self_exec_id);
	record->reserved = 0;
	stamp(&record->header, TATTLE_RECORD_FORK, sizeof(*record), TATTLE_HOOK_FORK);
	bpf_ringbuf_submit(record, 0);
}

/* For hooks that are told no more than its pid: it is the last among its parent's children. */
static __always_inline void report_newest_child(int pid)
{
	struct task_struct *forker = (void *)bpf_get_current_task();
	struct task_struct *parents[] = { forker, BPF_CORE_READ(forker, real_parent) };
	struct task_struct *child;

	/* With CLONE_PARENT it is the forker's sibling. */
	for (int i = 0; i < 2; i++) {
		child = (void *)BPF_CORE_READ(parents[i], children.prev) - bpf_core_field_offset(struct task_struct, sibling);
		if (BPF_CORE_READ(child, pid) == pid) {
			report_fork(forker, child);
			return;
		}
	}
}

/* Only when the last thread goes: kernel/exit.c do_exit() has counted it off by now. */
static __always_inline void report_exit(struct task_struct *task)
{
	struct tattle_exit *record;
	__u32 pid = BPF_CORE_READ(task, tgid);

	if (BPF_CORE_READ(task, signal, live.counter))
		return;
	if (filter_mask & TATTLE_FILTER_PID)
		bpf_map_delete_elem(&followed, &pid);
	record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	if (!record) {
		count_lost(TATTLE_RECORD_EXIT, TATTLE_HOOK_EXIT);
		return;
	}
	record->pid = pid;
	record->start_boot_ns = start_of(task);
	record->exit_code = BPF_CORE_READ(task, exit_code);
	stamp(&record->header, TATTLE_RECORD_EXIT, sizeof(*record), TATTLE_HOOK_EXIT);
	bpf_ringbuf_submit(record, 0);
}

#endif
