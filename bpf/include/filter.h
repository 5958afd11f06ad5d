/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Whether an attempt is wanted. The mask is read-only data: what is not asked for costs nothing. */
#ifndef TATTLE_FILTER_H
#define TATTLE_FILTER_H

static __always_inline bool is_protocol_wanted(__u16 protocol)
{
	if (filter_mask & TATTLE_FILTER_TCP_ONLY && protocol != IPPROTO_TCP && protocol != IPPROTO_MPTCP)
		return false;
	if (filter_mask & TATTLE_FILTER_UDP_ONLY && protocol != IPPROTO_UDP && protocol != IPPROTO_UDPLITE)
		return false;
	return true;
}

/* The thread's name, or the name of the process's first thread. */
static __always_inline bool is_comm_wanted(const struct tattle_attempt *attempt)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	char comm[TATTLE_COMM_LENGTH] = {};

	if (bpf_map_lookup_elem(&filter_comms, attempt->comm))
		return true;
	BPF_CORE_READ_STR_INTO(&comm, task, group_leader, comm);
	return bpf_map_lookup_elem(&filter_comms, comm) != NULL;
}

static __always_inline bool is_wanted(const struct tattle_attempt *attempt)
{
	struct tattle_prefix prefix;
	__u32 key;

	if (!filter_mask)
		return true;
	if (!is_protocol_wanted(attempt->protocol))
		return false;
	if (filter_mask & TATTLE_FILTER_PID) {
		key = attempt->pid;
		if (!bpf_map_lookup_elem(&followed, &key))
			return false;
	}
	if (filter_mask & TATTLE_FILTER_USER) {
		key = attempt->uid;
		if (!bpf_map_lookup_elem(&filter_users, &key))
			return false;
	}
	if (filter_mask & TATTLE_FILTER_PORT) {
		key = bpf_ntohs(attempt->destination_port_be);
		if (!bpf_map_lookup_elem(&filter_ports, &key))
			return false;
	}
	/* What has no IP address is in no network: not in one that is asked for, nor in one that is not wanted. */
	if (attempt->family != AF_INET && attempt->family != AF_INET6) {
		if (filter_mask & TATTLE_FILTER_TO)
			return false;
		return !(filter_mask & TATTLE_FILTER_COMM) || is_comm_wanted(attempt);
	}
	prefix.length = 128;
	__builtin_memcpy(prefix.address, attempt->destination, 16);
	if (filter_mask & TATTLE_FILTER_TO && !bpf_map_lookup_elem(&filter_to, &prefix))
		return false;
	if (filter_mask & TATTLE_FILTER_NOT_TO && bpf_map_lookup_elem(&filter_not_to, &prefix))
		return false;
	if (filter_mask & TATTLE_FILTER_COMM && !is_comm_wanted(attempt))
		return false;
	return true;
}

#endif
