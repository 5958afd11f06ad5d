/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * SCTP and vsock are modules that most machines never load. What is hooked for them alone, and every TCP connection
 * comes by, user space attaches where they are there, or as soon as it is told here that one comes: its own code has
 * not run by then. What an attempt ends by before user space has done so goes unseen, and is counted.
 */
#ifndef TATTLE_MODULES_H
#define TATTLE_MODULES_H

/* Since when it is attached, set by user space; 0: it is not. */
volatile __u64 sctp_hooked_boot_ns = 0;
volatile __u64 vsock_hooked_boot_ns = 0;

/* Whether the end of an attempt that began then has been hooked ever since. */
static __always_inline bool is_end_hooked(__u16 family, __u64 started_boot_ns)
{
	__u64 hooked_boot_ns = family == AF_VSOCK ? vsock_hooked_boot_ns : sctp_hooked_boot_ns;

	return hooked_boot_ns && hooked_boot_ns <= started_boot_ns;
}

/* Whether nobody was hooked to see how it ended. The error of its socket, if it has one, would say. */
static __always_inline bool is_end_unseen(const struct tattle_attempt *attempt, int error)
{
	return !error && attempt->outcome == TATTLE_OUTCOME_PENDING &&
	       !is_end_hooked(attempt->family, attempt->started_boot_ns);
}

static __always_inline void report_module(tattle_u32 module)
{
	struct tattle_module *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record) {
		count_lost(TATTLE_RECORD_MODULE, TATTLE_HOOK_MODULE);
		return;
	}
	record->module = module;
	record->reserved = 0;
	stamp(&record->header, TATTLE_RECORD_MODULE, sizeof(*record), TATTLE_HOOK_MODULE);
	bpf_ringbuf_submit(record, submit_flags(false));
}

/* match-proto: include/trace/events/module.h: module_load(struct module *mod); with modules */
SEC("raw_tp/module_load")
int on_module_load(struct bpf_raw_tracepoint_args *ctx)
{
	struct module *module = (struct module *)ctx->args[0];
	char name[8] = {};

	bpf_probe_read_kernel_str(name, sizeof(name), &module->name);
	if (!__builtin_memcmp(name, "sctp", sizeof("sctp")))
		UNINTERRUPTED(report_module(TATTLE_MODULE_SCTP));
	else if (!__builtin_memcmp(name, "vsock", sizeof("vsock")))
		UNINTERRUPTED(report_module(TATTLE_MODULE_VSOCK));
	return 0;
}

#endif
