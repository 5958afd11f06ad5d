/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Of the kernel's structures: files, credentials, namespaces and tasks. A part of kernel_types.h. */
#ifndef TATTLE_KERNEL_TASKS_H
#define TATTLE_KERNEL_TASKS_H

struct super_block {
	__u32 s_dev;
};

struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
};

struct inode {
	unsigned short i_mode;
	unsigned int i_nlink;
	unsigned long i_ino;
	__s64 i_size;
	struct super_block *i_sb;
	__s64 i_mtime_sec;
	__s64 i_ctime_sec;
	__u32 i_mtime_nsec;
	__u32 i_ctime_nsec;
};

/* What a struct socket stands at the beginning of. */
struct socket_alloc {
	struct inode vfs_inode;
};

/* The times' names until 6.11, and in between. */
struct inode___before_6_6 {
	struct timespec64 i_mtime;
	struct timespec64 i_ctime;
};

struct inode___6_6 {
	struct timespec64 __i_ctime;
};

struct inode___6_7 {
	struct timespec64 __i_mtime;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	void *private_data;
};

struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
	unsigned long env_start;
	unsigned long env_end;
	struct file *exe_file;
	struct task_struct *owner; /* the thread group's leader (CONFIG_MEMCG) */
};

struct linux_binprm {
	const char *filename; /* as the caller named it */
	const char *interp;   /* the same pointer, unless that was a script */
};

struct fs_struct {
	struct path pwd;
};

struct tty_driver {
	int major;
	int minor_start;
};

struct tty_struct {
	struct tty_driver *driver;
	int index;
};

typedef struct {
	__u32 val;
} kuid_t;

typedef struct {
	__u32 val;
} kgid_t;

/* Two words until 6.2, one since: the same bytes. */
typedef struct {
	__u64 val;
} kernel_cap_t;

struct user_namespace {
	struct ns_common ns;
};

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t euid;
	kgid_t egid;
	kernel_cap_t cap_effective;
	struct user_namespace *user_ns;
};

struct kernfs_node {
	__u64 id;
};

struct cgroup_root {
	int hierarchy_id;
};

struct cgroup {
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct pid_namespace {
	struct ns_common ns;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1]; /* one for each pid namespace, the outermost first */
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
	struct net *net_ns;
};

#define PIDTYPE_SID 3

struct signal_struct {
	atomic_t live;
	struct pid *pids[4];
	struct tty_struct *tty;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

struct thread_info {
	__u32 status; /* TS_*: x86 */
};

struct seccomp {
	int mode;
};

#define SECCOMP_MODE_FILTER 2

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	void *stack;
	struct mm_struct *mm;
	int exit_code;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct list_head children;
	struct list_head sibling;
	__u64 start_boottime;
	struct cred *cred;
	char comm[16];
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	kuid_t loginuid;
	unsigned int sessionid;
	struct css_set *cgroups;
	unsigned int ptrace;
	struct seccomp seccomp; /* with CONFIG_SECCOMP */
	__u64 self_exec_id; /* how many programs it has executed, those of its forkers included */
	struct fs_struct *fs;
	struct pid *thread_pid;
};

#endif
