/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a process executes, in full: what is said here travels once and is not repeated in attempts,
 * which carry only (pid, start time, exec id).
 */
#ifndef TATTLE_EXEC_H
#define TATTLE_EXEC_H

/* As many as PATH_MAX bytes may have, but for names of one or two letters; a path that is deeper is marked. */
#define MAX_PATH_COMPONENTS 1024
/* Reads of the environment: one for each variable, more for those longer than a chunk. */
#define MAX_VARIABLES 512
#define VARIABLE_CHUNK 1024

/* Forgets how a length came about, else the verifier follows every combination of steps. */
#define bounded(length, limit)            \
	({                                \
		barrier_var(length);      \
		(length) & ((limit) - 1); \
	})

/*
 * A loop calls its step until that returns 1, or often enough. Where the kernel has bpf_loop() (5.17) its verifier
 * looks at the step once; else at each of its turns, which takes a tenth of a second and on slow machines some. So
 * what loops is there twice, looped and unrolled, and user space loads one of the programs.
 */
enum loop_kind {
	LOOPED,
	UNROLLED,
};

/* Where a walk from a file up to the root of its mount namespace has come. */
struct walk {
	struct dentry *dentry;
	struct mount *mount;
	__u32 start;  /* of the path in the text */
	__u32 length; /* of the text so far */
	bool is_at_root;
};

/* One component, or one mount point (fs/d_path.c prepend_path() walks the same way). Returns 1 at the end. */
static __always_inline long walk_up(struct walk *walk)
{
	struct scratch *scratch = this_cpu_scratch();
	struct mount *mount = walk->mount, *parent_mount;
	struct dentry *dentry = walk->dentry, *parent, *root;
	__u32 length = walk->length;
	long copied;

	if (!scratch)
		return 1;
	root = BPF_CORE_READ(mount, mnt.mnt_root);
	parent = BPF_CORE_READ(dentry, d_parent);
	if (dentry == root || dentry == parent) {
		parent_mount = BPF_CORE_READ(mount, mnt_parent);
		if (mount == parent_mount || dentry != root) {
			walk->is_at_root = true;
			return 1;
		}
		walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		walk->mount = parent_mount;
		return 0;
	}
	if (length - walk->start >= TATTLE_PATH_CAPACITY)
		return 1;
	copied = bpf_probe_read_kernel_str(&scratch->text[length & (TEXT_CAPACITY - 1)], 256,
					   BPF_CORE_READ(dentry, d_name.name));
	if (copied <= 0)
		return 1;
	length += copied;
	walk->length = bounded(length, TEXT_CAPACITY);
	walk->dentry = parent;
	return 0;
}

static __noinline long walk_up_turn(__u32 turn, struct walk *walk)
{
	return walk_up(walk);
}

static __always_inline struct walk walk_from(__u64 dentry, __u64 mount, __u32 start)
{
	struct walk walk = {
		.dentry = (void *)dentry,
		.mount = (void *)mount - bpf_core_field_offset(struct mount, mnt),
		.start = start & (TEXT_CAPACITY - 1),
		.length = start & (TEXT_CAPACITY - 1),
	};

	return walk;
}

static __always_inline __u32 end_walk(const struct walk *walk, __u32 truncated)
{
	struct scratch *scratch = this_cpu_scratch();

	if (!walk->is_at_root && scratch)
		scratch->exec.flags |= truncated;
	return walk->length;
}

/*
 * Appends the path of a file or folder, component by component, each NUL-terminated. Returns the new length of
 * the text. A global function, so that the verifier looks at it once, not once for each way to get there.
 */
__noinline __u32 append_path_looped(__u64 dentry, __u64 mount, __u32 start, __u32 truncated)
{
	struct walk walk = walk_from(dentry, mount, start);

	bpf_loop(MAX_PATH_COMPONENTS, walk_up_turn, &walk, 0);
	return end_walk(&walk, truncated);
}

__noinline __u32 append_path_unrolled(__u64 dentry, __u64 mount, __u32 start, __u32 truncated)
{
	struct walk walk = walk_from(dentry, mount, start);

	for (int turn = 0; turn < MAX_PATH_COMPONENTS; turn++) {
		if (walk_up(&walk))
			break;
	}
	return end_walk(&walk, truncated);
}

static __always_inline __u32 append_path(const struct path *place, __u32 start, __u32 truncated, enum loop_kind loop)
{
	struct path path = {};
	__u32 length;

	/* As numbers: a global function takes nothing else. */
	bpf_core_read(&path, sizeof(path), place);
	if (loop == LOOPED)
		length = append_path_looped((__u64)path.dentry, (__u64)path.mnt, start, truncated);
	else
		length = append_path_unrolled((__u64)path.dentry, (__u64)path.mnt, start, truncated);
	return bounded(length, TEXT_CAPACITY);
}

static __always_inline __u32 append_executable(struct scratch *scratch, struct file *file, enum loop_kind loop)
{
	struct dentry *dentry = file->f_path.dentry;
	long copied;

	if (dentry != dentry->d_parent)
		return append_path(&file->f_path, 0, TATTLE_EXEC_PATH_TRUNCATED, loop);
	/* In no folder, as a memfd is: its name is all there is. */
	scratch->exec.flags |= TATTLE_EXEC_NO_FOLDER;
	copied = bpf_probe_read_kernel_str(scratch->text, 256, dentry->d_name.name);
	return copied > 0 ? copied : 0;
}

/* The script's name, where the kernel was asked for a script and executes its interpreter (fs/binfmt_script.c). */
static __always_inline __u32 append_script(struct scratch *scratch, __u32 start, struct linux_binprm *binary)
{
	const char *name;
	long copied;

	if (!binary)
		return start;
	name = binary->filename;
	if (name == binary->interp)
		return start;
	copied = bpf_probe_read_kernel_str(&scratch->text[start & (TEXT_CAPACITY - 1)], TATTLE_SCRIPT_CAPACITY, name);
	if (copied <= 0)
		return start;
	start += copied;
	return bounded(start, TEXT_CAPACITY);
}

static __always_inline bool is_variable_wanted(__u64 first)
{
	for (int i = 0; i < TATTLE_VARIABLES; i++) {
		if (variable_masks[i] && (first & variable_masks[i]) == variable_names[i])
			return true;
	}
	return false;
}

/* How far the environment was looked through. */
struct search {
	__u64 next;   /* in the process's memory */
	__u64 end;
	__u32 start;  /* of the variables in the text */
	__u32 length; /* of the text so far */
	bool is_rest; /* of a variable that is longer than a chunk */
	bool is_over;
};

/* One variable, or one chunk of it. Returns 1 at the end. */
static __always_inline long look_at_variable(struct search *search)
{
	struct scratch *scratch = this_cpu_scratch();
	__u32 length = search->length;
	long copied;
	char *text;

	if (!scratch)
		return 1;
	if (search->next >= search->end) {
		search->is_over = true;
		return 1;
	}
	text = &scratch->text[length & (TEXT_CAPACITY - 1)];
	copied = bpf_probe_read_user_str(text, VARIABLE_CHUNK, (void *)search->next);
	if (copied <= 0)
		return 1;
	/* A full chunk has a NUL where more of the variable would be. */
	search->next += copied == VARIABLE_CHUNK ? copied - 1 : copied;
	if (!search->is_rest && is_variable_wanted(*(__u64 *)text)) {
		if (length - search->start >= TATTLE_VARIABLES_CAPACITY)
			return 1;
		length += copied;
		search->length = bounded(length, TEXT_CAPACITY);
	}
	search->is_rest = copied == VARIABLE_CHUNK;
	return 0;
}

static __noinline long look_at_variable_turn(__u32 turn, struct search *search)
{
	return look_at_variable(search);
}

/* The environment variables whose names may be wanted; nothing else of the environment leaves the process. */
static __always_inline __u32 append_variables(struct scratch *scratch, __u32 start, struct mm_struct *mm,
					      enum loop_kind loop)
{
	struct search search = {
		.next = mm->env_start,
		.end = mm->env_end,
		.start = start,
		.length = start,
	};
	__u32 length;

	if (!variable_masks[0])
		return start;
	if (loop == LOOPED) {
		bpf_loop(MAX_VARIABLES, look_at_variable_turn, &search, 0);
	} else {
		for (int turn = 0; turn < MAX_VARIABLES; turn++) {
			if (look_at_variable(&search))
				break;
		}
	}
	if (!search.is_over)
		scratch->exec.flags |= TATTLE_EXEC_VARIABLES_TRUNCATED;
	length = search.length;
	return bounded(length, TEXT_CAPACITY);
}

/* Up to TATTLE_ARGS_CAPACITY bytes of argv. */
static __always_inline __u32 append_arguments(struct scratch *scratch, __u32 start, struct mm_struct *mm)
{
	unsigned long first = mm->arg_start;
	unsigned long end = mm->arg_end;
	__u64 length = end > first ? end - first : 0;

	scratch->exec.args_total = length;
	if (length > TATTLE_ARGS_CAPACITY) {
		length = TATTLE_ARGS_CAPACITY;
		scratch->exec.flags |= TATTLE_EXEC_ARGS_TRUNCATED;
	}
	if (!length)
		return start;
	/* The mask is for the verifier of 5.10: 4,096 itself must stay possible. */
	length = ((length - 1) & (TATTLE_ARGS_CAPACITY - 1)) + 1;
	if (bpf_probe_read_user(&scratch->text[start & (TEXT_CAPACITY - 1)], length, (void *)first)) {
		scratch->exec.flags |= TATTLE_EXEC_ARGS_UNREADABLE;
		return start;
	}
	return start + length;
}

static __always_inline __u64 nanoseconds(__s64 seconds, __u64 rest)
{
	return seconds * 1000000000 + rest;
}

/* The file's modification and change times; their names moved in 6.6, 6.7 and 6.11. */
static __always_inline void fill_times(struct tattle_exec *record, struct inode *inode)
{
	struct inode___before_6_6 *before_6_6 = (void *)inode;
	struct inode___6_6 *since_6_6 = (void *)inode;
	struct inode___6_7 *since_6_7 = (void *)inode;

	record->modified_ns = 0;
	record->changed_ns = 0;
	if (bpf_core_field_exists(inode->i_mtime_sec)) {
		record->modified_ns = nanoseconds(inode->i_mtime_sec, inode->i_mtime_nsec);
		/* The highest bit says that somebody has looked: I_CTIME_QUERIED, 6.13. */
		record->changed_ns = nanoseconds(inode->i_ctime_sec, inode->i_ctime_nsec & 0x7fffffff);
		return;
	}
	if (bpf_core_field_exists(before_6_6->i_mtime))
		record->modified_ns = nanoseconds(before_6_6->i_mtime.tv_sec, before_6_6->i_mtime.tv_nsec);
	else if (bpf_core_field_exists(since_6_7->__i_mtime))
		record->modified_ns = nanoseconds(since_6_7->__i_mtime.tv_sec, since_6_7->__i_mtime.tv_nsec);
	if (bpf_core_field_exists(before_6_6->i_ctime))
		record->changed_ns = nanoseconds(before_6_6->i_ctime.tv_sec, before_6_6->i_ctime.tv_nsec);
	else if (bpf_core_field_exists(since_6_6->__i_ctime))
		record->changed_ns = nanoseconds(since_6_6->__i_ctime.tv_sec, since_6_6->__i_ctime.tv_nsec);
}

static __always_inline void fill_file(struct tattle_exec *record, struct file *file)
{
	struct inode *inode = file->f_inode;

	record->inode = inode->i_ino;
	record->device = inode->i_sb->s_dev;
	record->file_size = inode->i_size;
	record->file_mode = inode->i_mode;
	fill_times(record, inode);
	if (!inode->i_nlink)
		record->flags |= TATTLE_EXEC_DELETED;
}

static __always_inline void fill_credentials(struct tattle_exec *record, struct task_struct *task)
{
	struct cred *cred = task->cred;

	record->uid = cred->uid.val;
	record->effective_uid = cred->euid.val;
	record->gid = cred->gid.val;
	record->effective_gid = cred->egid.val;
	record->userns_inode = cred->user_ns->ns.inum;
	record->capabilities = *(__u64 *)&cred->cap_effective;
	record->login_uid = ~0U;
	record->audit_session = ~0U;
	/* Without CONFIG_AUDIT there is neither. */
	if (bpf_core_field_exists(task->loginuid))
		record->login_uid = task->loginuid.val;
	if (bpf_core_field_exists(task->sessionid))
		record->audit_session = task->sessionid;
}

static __always_inline void fill_exec_task(struct tattle_exec *record, struct task_struct *task)
{
	struct task_struct *parent = task->real_parent;
	struct tty_struct *tty = task->signal->tty;
	struct innermost_pid innermost;

	record->pid = task->tgid;
	record->start_boot_ns = start_of(task);
	record->parent_pid = parent->tgid;
	record->parent_start_boot_ns = start_of(parent);
	record->exec_id = task->self_exec_id;
	record->cgroup_id = task->cgroups->dfl_cgrp->kn->id;
	record->session_leader_pid = task->signal->pids[PIDTYPE_SID]->numbers[0].nr;
	record->tty_device = 0;
	if (tty)
		record->tty_device = tty->driver->major << 20 | (tty->driver->minor_start + tty->index);
	read_innermost_pid(&innermost, task);
	record->vpid = innermost.number;
	record->pidns_inode = innermost.namespace_inode;
	record->netns_inode = task->nsproxy->net_ns->ns.inum;
	record->mntns_inode = task->nsproxy->mnt_ns->ns.inum;
	if (task->ptrace)
		record->flags |= TATTLE_EXEC_TRACED;
	fill_comm(record->comm, task);
}

static __always_inline void report_exec(struct task_struct *task, struct linux_binprm *binary, enum loop_kind loop)
{
	struct scratch *scratch = this_cpu_scratch();
	struct tattle_exec *record;
	struct mm_struct *mm;
	struct file *file;
	__u32 path, folder, script, variables, length;

	if (!scratch)
		return;
	record = &scratch->exec;
	record->flags = 0;
	record->reserved = 0;
	fill_exec_task(record, task);
	fill_credentials(record, task);
	mm = task->mm;
	file = mm->exe_file;
	fill_file(record, file);
	path = append_executable(scratch, file, loop);
	folder = append_path(&task->fs->pwd, path, TATTLE_EXEC_FOLDER_TRUNCATED, loop);
	script = append_script(scratch, folder, binary);
	variables = append_variables(scratch, script, mm, loop);
	length = append_arguments(scratch, variables, mm);
	record->path_length = path;
	record->folder_length = folder - path;
	record->script_length = script - folder;
	record->variables_length = variables - script;
	record->args_length = length - variables;
	length += sizeof(*record);
	if (length > sizeof(*scratch))
		return;
	stamp(&record->header, TATTLE_RECORD_EXEC, length, TATTLE_HOOK_EXEC);
	output(scratch, length, TATTLE_RECORD_EXEC, TATTLE_HOOK_EXEC, quiet_output_flags(length));
}

#endif
