// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Not part of tattle: writes made-up records into the ring of one that runs, as fast as the kernel can run a program
 * (scripts/bench/consumer.c, by BPF_PROG_TEST_RUN). The loader gives it that tattle's own maps.
 */
#define __VMLINUX_H__
#include "kernel_types.h"
#include <bpf/bpf_helpers.h>
#include "probe_abi.h"
#include "verifier.h"
#include "maps.h"
#include "waking.h"
#include "emit.h"
#include "bench_abi.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bench_plan);
} plans SEC(".maps");

/* What tells one process, and one attempt, from the next. */
static __always_inline void individualise(struct bench_plan *plan, struct bench_record *record)
{
	__u32 number = plan->next_process;
	__u32 pid = plan->first_pid + number;
	__u64 start = plan->first_start_boot_ns + number;

	switch (record->header.type) {
	case TATTLE_RECORD_ATTEMPT:
	case TATTLE_RECORD_CLOSE:
		record->attempt.pid = pid;
		record->attempt.tid = pid;
		record->attempt.process_start_boot_ns = start;
		record->attempt.attempt_id = plan->next_attempt;
		record->attempt.socket_key = plan->next_attempt;
		record->attempt.started_boot_ns = bpf_ktime_get_boot_ns();
		break;
	case TATTLE_RECORD_FLOW_END:
		record->flow_end.socket_key = plan->next_attempt;
		record->flow_end.flow.attempt_id = plan->next_attempt;
		record->flow_end.flow.first_boot_ns = bpf_ktime_get_boot_ns();
		record->flow_end.flow.last_boot_ns = bpf_ktime_get_boot_ns();
		break;
	case TATTLE_RECORD_FORK:
		record->fork.pid = pid;
		record->fork.vpid = pid;
		record->fork.start_boot_ns = start;
		break;
	case TATTLE_RECORD_EXEC:
		record->exec.pid = pid;
		record->exec.vpid = pid;
		record->exec.start_boot_ns = start;
		break;
	case TATTLE_RECORD_EXIT:
		record->exit.pid = pid;
		record->exit.start_boot_ns = start;
		break;
	}
}

SEC("tc")
int on_bench(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct bench_plan *plan = bpf_map_lookup_elem(&plans, &zero);
	struct bench_record *record;

	if (!plan)
		return 0;
	record = &plan->records[plan->next_record & (BENCH_RECORDS - 1)];
	if (plan->has_individuals)
		individualise(plan, record);
	stamp(&record->header, record->header.type, record->header.length, TATTLE_HOOK_TEST);
	output(record, record->header.length & (BENCH_RECORD_CAPACITY - 1), record->header.type, TATTLE_HOOK_TEST,
	       BPF_RB_FORCE_WAKEUP);
	if (++plan->next_record < plan->record_count)
		return 0;
	plan->next_record = 0;
	plan->next_attempt++;
	if (++plan->next_process >= plan->process_count)
		plan->next_process = 0;
	return 0;
}
