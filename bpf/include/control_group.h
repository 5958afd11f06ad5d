/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* cgroups as they come and go, so that one that is gone has a name still. */
#ifndef TATTLE_CONTROL_GROUP_H
#define TATTLE_CONTROL_GROUP_H

static __always_inline void report_control_group(struct cgroup *group, const char *path, bool is_removed, __u8 hook)
{
	struct scratch *scratch;
	__u32 length;
	long copied;

	/* Only cgroup v2: the ids of other hierarchies are their own. */
	if (BPF_CORE_READ(group, root, hierarchy_id))
		return;
	scratch = this_cpu_scratch();
	if (!scratch)
		return;
	scratch->cgroup.cgroup_id = BPF_CORE_READ(group, kn, id);
	scratch->cgroup.is_removed = is_removed;
	copied = bpf_probe_read_kernel_str((char *)scratch + sizeof(scratch->cgroup), TATTLE_PATH_CAPACITY, path);
	length = copied > 0 ? copied - 1 : 0;
	length &= TATTLE_PATH_CAPACITY - 1;
	scratch->cgroup.path_length = length;
	length += sizeof(scratch->cgroup);
	stamp(&scratch->cgroup.header, TATTLE_RECORD_CGROUP, length, hook);
	output(scratch, length, TATTLE_RECORD_CGROUP, hook, BPF_RB_FORCE_WAKEUP);
}

#endif
