/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What bpf/bench.bpf.c is told to write: a plan of a few records that come again and again. */
#ifndef TATTLE_BENCH_ABI_H
#define TATTLE_BENCH_ABI_H

#define BENCH_RECORDS 4           /* in a plan; a power of two */
#define BENCH_RECORD_CAPACITY 1024 /* bytes, one more than a record may have; a power of two */

struct bench_record {
	union {
		struct tattle_header header;
		struct tattle_attempt attempt;
		struct tattle_close close;
		struct tattle_flow_end flow_end;
		struct tattle_exec exec; /* its text follows */
		struct tattle_fork fork;
		struct tattle_exit exit;
		char bytes[BENCH_RECORD_CAPACITY];
	};
};

struct bench_plan {
	tattle_u32 record_count;        /* how many of `records`: they are one attempt, or one process's life */
	tattle_u32 process_count;       /* by which the attempts are made in turn */
	tattle_u32 has_individuals;     /* whether processes and attempts are numbered; else records are as they are */
	tattle_u32 next_record;
	tattle_u32 next_process;
	tattle_u32 first_pid;
	tattle_u64 first_start_boot_ns; /* the first process's; a nanosecond later the second's */
	tattle_u64 next_attempt;
	struct bench_record records[BENCH_RECORDS];
};

#endif
