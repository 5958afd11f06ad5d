/* SPDX-License-Identifier: GPL-2.0-only */
/* An io_uring by its system calls, liburing is not needed. */
#ifndef RING_H
#define RING_H

#include "attempts.h"
#include <linux/io_uring.h>

/* Options of kinds: who makes the request. */
enum {
	INLINE = 0,
	BY_WORKER = 1, /* IOSQE_ASYNC */
	BY_POLLER = 2, /* the thread of IORING_SETUP_SQPOLL */
	IS_LINKED = 4, /* a second request waits for the first one */
};

#define RING_ENTRIES 4

struct ring {
	int fd;
	int option;
	unsigned int filled; /* requests not yet submitted */
	struct io_uring_sqe *requests;
	unsigned int *tail, *mask, *array;
	unsigned int *done_head, *done_tail, *done_mask;
	struct io_uring_cqe *done;
};

/* Makes a ring for requests on `socket_fd`. */
int open_ring(struct truth *truth, struct ring *ring, int socket_fd, int option);
/* The next request, on the ring's socket, zero but for what `option` asks for. */
struct io_uring_sqe *next_request(struct ring *ring, int operation, int socket_fd);
/* Hands the requests in. Waits for all of them unless `results` is NULL; it gets what each returned. */
int submit(struct truth *truth, struct ring *ring, int *results);
/* Begins the truth of a request. */
struct expected *expect_ring(struct truth *truth, const struct kind *kind, int protocol, const struct address *to);

#endif
