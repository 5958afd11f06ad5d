/* One attempt of every kind, made in a network namespace of its own, and the truth about each. */
#ifndef TATTLE_CSELFTEST_H
#define TATTLE_CSELFTEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How far a kind is. */
enum tattle_truth_status {
	TATTLE_TRUTH_NONE,        /* its process has not begun */
	TATTLE_TRUTH_BEGUN,       /* it has, and did not come to its end */
	TATTLE_TRUTH_MADE,        /* the attempt was made */
	TATTLE_TRUTH_UNAVAILABLE, /* this kernel does not have it, or forbids it */
};

enum tattle_truth_outcome {
	TATTLE_TRUTH_FAILED, /* with `error` */
	TATTLE_TRUTH_ESTABLISHED,
	TATTLE_TRUTH_SENT,
	TATTLE_TRUTH_ABORTED,
};

enum tattle_truth_via {
	TATTLE_TRUTH_SYSCALL,
	TATTLE_TRUTH_FAST_OPEN,
	TATTLE_TRUTH_MPTCP,
	TATTLE_TRUTH_PACKET,
	TATTLE_TRUTH_RAW,
	TATTLE_TRUTH_IO_URING,
	TATTLE_TRUTH_SENDMMSG,
	TATTLE_TRUTH_SPLICE,
};

/* What a hook set must have to see a kind. */
enum tattle_truth_needs {
	TATTLE_NEEDS_NOTHING,
	TATTLE_NEEDS_RAW4,
	TATTLE_NEEDS_RAW6,
	TATTLE_NEEDS_PING,
	TATTLE_NEEDS_PACKET,
	TATTLE_NEEDS_ASSOCIATIONS,
	TATTLE_NEEDS_SPLICE,
};

/* What the process that made an attempt knows of it. */
struct tattle_truth {
	uint32_t status;    /* enum tattle_truth_status */
	uint32_t pid;
	uint64_t high, low; /* the destination, IPv4 as ::ffff:a.b.c.d; of a frame: address << 16 | type, and 0 */
	int32_t error;      /* errno that the call gave; 0: none */
	uint16_t protocol;  /* IPPROTO_... */
	uint16_t port;
	uint8_t is_frame;   /* which carries no IP */
	uint8_t via;
	uint8_t outcome;
	uint8_t needs;
};

/* A run. The processes that make the attempts write here, too. */
struct tattle_self_test;

/* How many kinds there are, and their names, the same for every run. */
int tattle_self_test_count(void);
const char *tattle_self_test_name(int index);

/*
 * Forks a process that makes a network namespace, where there is nothing but loopback, and in it one process
 * for each kind, one after the other. NULL and errno when that cannot be. Loads no module of the kernel.
 */
struct tattle_self_test *tattle_self_test_start(void);
/* Whether it is over; then `error` is the errno of what kept the namespace from being made, or 0. */
bool tattle_self_test_is_over(struct tattle_self_test *test, int *error);
/* Whether a process, or whoever is in a network namespace of this inode, belongs to it. */
bool tattle_self_test_owns(const struct tattle_self_test *test, uint32_t pid, uint32_t network_namespace);
/* The truth of one kind so far. */
struct tattle_truth tattle_self_test_truth(const struct tattle_self_test *test, int index);
/* Ends its processes and frees it. */
void tattle_self_test_end(struct tattle_self_test *test);

#endif
