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
	struct innermost_pid innermost;
	__u32 pid = child->tgid;
	__u32 forker_pid = forker->tgid;

	/* A thread: its process is known. */
	if (pid != (__u32)child->pid)
		return;
	inherit_follow(forker_pid, pid);
	record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	if (!record) {
		count_lost(TATTLE_RECORD_FORK, TATTLE_HOOK_FORK);
		return;
	}
	parent = child->real_parent;
	record->start_boot_ns = child->start_boottime;
	record->pid = pid;
	record->parent_pid = parent->tgid;
	record->parent_start_boot_ns = start_of(parent);
	record->forker_pid = forker_pid;
	record->forker_start_boot_ns = start_of(forker);
	read_innermost_pid(&innermost, child);
	record->vpid = innermost.number;
	record->pidns_inode = innermost.namespace_inode;
	record->netns_inode = child->nsproxy->net_ns->ns.inum;
	record->mntns_inode = child->nsproxy->mnt_ns->ns.inum;
	record->userns_inode = child->cred->user_ns->ns.inum;
	record->exec_id = child->self_exec_id;
	record->reserved = 0;
	stamp(&record->header, TATTLE_RECORD_FORK, sizeof(*record), TATTLE_HOOK_FORK);
	bpf_ringbuf_submit(record, submit_flags(true));
}

#ifdef TATTLE_UNINTERRUPTED
/* For hooks that are told no more than its pid: it is the last among its parent's children. */
static __always_inline void report_newest_child(int pid)
{
	struct task_struct *forker = (struct task_struct *)bpf_get_current_task_btf();
	/* With CLONE_PARENT it is the forker's sibling. */
	struct list_head *newest[] = { BPF_CORE_READ(forker, children.prev), BPF_CORE_READ(forker, real_parent, children.prev) };
	struct task_struct *child;

	for (int i = 0; i < 2; i++) {
		child = as_type(struct task_struct, (void *)newest[i] - bpf_core_field_offset(struct task_struct, sibling));
		if (child->pid == pid) {
			report_fork(forker, child);
			return;
		}
	}
}
#endif

/* Only when the last thread goes: kernel/exit.c do_exit() has counted it off by now. */
static __always_inline void report_exit(struct task_struct *task)
{
	struct tattle_exit *record;
	__u32 pid = task->tgid;

	if (task->signal->live.counter)
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
	record->exit_code = task->exit_code;
	stamp(&record->header, TATTLE_RECORD_EXIT, sizeof(*record), TATTLE_HOOK_EXIT);
	bpf_ringbuf_submit(record, submit_flags(true));
}

#endif
