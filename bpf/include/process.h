/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Processes from birth to death: raw tracepoints, the same in every hook set. What is said here
 * travels once and is not repeated in attempts, which carry only (pid, start time).
 */
#ifndef TATTLE_PROCESS_H
#define TATTLE_PROCESS_H

/* Deep enough for any path that people make; one that is deeper is marked. */
#define MAX_PATH_COMPONENTS 64

/*
 * The file's path, component by component from the file to the root of its mount namespace,
 * each NUL-terminated (fs/d_path.c prepend_path() walks the same way). Returns the length.
 */
static __always_inline __u32 read_path(struct exec_scratch *scratch, struct file *file)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct vfsmount *vfsmount = BPF_CORE_READ(file, f_path.mnt);
	struct mount *mount, *parent_mount;
	struct dentry *parent, *root;
	const unsigned char *name;
	__u32 length = 0;
	long copied;

	mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
	if (dentry == BPF_CORE_READ(dentry, d_parent)) {
		/* In no folder, as a memfd is: its name is all there is. */
		copied = bpf_probe_read_kernel_str(scratch->text, 256, BPF_CORE_READ(dentry, d_name.name));
		return copied > 0 ? copied : 0;
	}
	for (int i = 0; i < MAX_PATH_COMPONENTS; i++) {
		root = BPF_CORE_READ(mount, mnt.mnt_root);
		parent = BPF_CORE_READ(dentry, d_parent);
		if (dentry == root || dentry == parent) {
			parent_mount = BPF_CORE_READ(mount, mnt_parent);
			if (mount == parent_mount || dentry != root)
				return length;
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = parent_mount;
			continue;
		}
		if (length >= TATTLE_PATH_CAPACITY)
			break;
		name = BPF_CORE_READ(dentry, d_name.name);
		copied = bpf_probe_read_kernel_str(&scratch->text[length & (TATTLE_PATH_CAPACITY - 1)], 256, name);
		if (copied <= 0)
			break;
		length += copied;
		/* Forgets how the sum came about, else the verifier follows every combination of steps. */
		barrier_var(length);
		length &= 2 * TATTLE_PATH_CAPACITY - 1;
		dentry = parent;
	}
	scratch->record.flags |= TATTLE_EXEC_PATH_TRUNCATED;
	return length;
}

/* Up to TATTLE_ARGS_CAPACITY bytes of argv, put behind the path. Returns how many. */
static __always_inline __u32 read_arguments(struct exec_scratch *scratch, struct mm_struct *mm, __u32 offset)
{
	unsigned long start = BPF_CORE_READ(mm, arg_start);
	unsigned long end = BPF_CORE_READ(mm, arg_end);
	__u64 length = end > start ? end - start : 0;

	scratch->record.args_total = length;
	if (length > TATTLE_ARGS_CAPACITY) {
		length = TATTLE_ARGS_CAPACITY;
		scratch->record.flags |= TATTLE_EXEC_ARGS_TRUNCATED;
	}
	if (!length)
		return 0;
	if (offset > TATTLE_PATH_CAPACITY + 255)
		return 0;
	/* The mask is for the verifier of 5.10: 4,096 itself must stay possible. */
	length = ((length - 1) & (TATTLE_ARGS_CAPACITY - 1)) + 1;
	if (bpf_probe_read_user(&scratch->text[offset], length, (void *)start)) {
		scratch->record.flags |= TATTLE_EXEC_ARGS_UNREADABLE;
		return 0;
	}
	return length;
}

static __always_inline void fill_exec_task(struct tattle_exec *record, struct task_struct *task)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	struct cred *cred = BPF_CORE_READ(task, cred);

	record->pid = BPF_CORE_READ(task, tgid);
	record->start_boot_ns = start_of(task);
	record->parent_pid = BPF_CORE_READ(parent, tgid);
	record->parent_start_boot_ns = start_of(parent);
	record->cgroup_id = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	record->uid = BPF_CORE_READ(cred, uid.val);
	record->effective_uid = BPF_CORE_READ(cred, euid.val);
	record->gid = BPF_CORE_READ(cred, gid.val);
	record->login_uid = ~0U;
	record->session_id = ~0U;
	/* Without CONFIG_AUDIT there is neither. */
	if (bpf_core_field_exists(task->loginuid))
		record->login_uid = BPF_CORE_READ(task, loginuid.val);
	if (bpf_core_field_exists(task->sessionid))
		record->session_id = BPF_CORE_READ(task, sessionid);
	record->netns_inode = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
	BPF_CORE_READ_STR_INTO(&record->comm, task, comm);
}

static __always_inline void report_exec(struct task_struct *task)
{
	struct exec_scratch *scratch;
	struct tattle_exec *record;
	struct mm_struct *mm;
	struct file *file;
	__u32 zero = 0, path_length, args_length, length;

	scratch = bpf_map_lookup_elem(&exec_scratches, &zero);
	if (!scratch)
		return;
	record = &scratch->record;
	record->flags = 0;
	record->reserved = 0;
	fill_exec_task(record, task);
	mm = BPF_CORE_READ(task, mm);
	file = BPF_CORE_READ(mm, exe_file);
	record->inode = BPF_CORE_READ(file, f_inode, i_ino);
	record->device = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
	if (!BPF_CORE_READ(file, f_inode, i_nlink))
		record->flags |= TATTLE_EXEC_DELETED;
	path_length = read_path(scratch, file);
	args_length = read_arguments(scratch, mm, path_length);
	record->path_length = path_length;
	record->args_length = args_length;
	length = sizeof(*record) + path_length + args_length;
	if (length > sizeof(*scratch))
		return;
	stamp(&record->header, TATTLE_RECORD_EXEC, length, TATTLE_HOOK_EXEC);
	if (bpf_ringbuf_output(&ring, scratch, length, 0)) {
		struct tattle_cpu_state *state = this_cpu_state();

		if (state)
			hook_of(state, TATTLE_HOOK_EXEC)->lost[TATTLE_RECORD_EXEC]++;
	}
}

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
	record->reserved = 0;
	stamp(&record->header, TATTLE_RECORD_FORK, sizeof(*record), TATTLE_HOOK_FORK);
	bpf_ringbuf_submit(record, 0);
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
