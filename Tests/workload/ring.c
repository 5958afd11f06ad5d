/* SPDX-License-Identifier: GPL-2.0-only */
/* An io_uring by its system calls. */
#define _GNU_SOURCE
#include "ring.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *map(const struct ring *ring, size_t size, uint64_t offset)
{
	void *place = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, (off_t)offset);

	return place == MAP_FAILED ? NULL : place;
}

static bool map_ring(struct ring *ring, const struct io_uring_params *parameters)
{
	char *queue = map(ring, parameters->sq_off.array + parameters->sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING);
	char *done = map(ring, parameters->cq_off.cqes + parameters->cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);

	ring->requests = map(ring, parameters->sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	if (!queue || !done || !ring->requests)
		return false;
	ring->tail = (unsigned int *)(queue + parameters->sq_off.tail);
	ring->mask = (unsigned int *)(queue + parameters->sq_off.ring_mask);
	ring->array = (unsigned int *)(queue + parameters->sq_off.array);
	ring->done_head = (unsigned int *)(done + parameters->cq_off.head);
	ring->done_tail = (unsigned int *)(done + parameters->cq_off.tail);
	ring->done_mask = (unsigned int *)(done + parameters->cq_off.ring_mask);
	ring->done = (struct io_uring_cqe *)(done + parameters->cq_off.cqes);
	return true;
}

int open_ring(struct truth *truth, struct ring *ring, int socket_fd, int option)
{
	struct io_uring_params parameters = {
		.flags = option & BY_POLLER ? IORING_SETUP_SQPOLL : 0,
		.sq_thread_idle = 1000,
	};

	*ring = (struct ring){ .option = option };
	ring->fd = (int)syscall(SYS_io_uring_setup, RING_ENTRIES, &parameters);
	if (ring->fd < 0)
		return problem(truth, MISSING, "no io_uring: %s", strerror(errno));
	if (!map_ring(ring, &parameters))
		return problem(truth, UNEXPECTED, "io_uring cannot be mapped: %s", strerror(errno));
	/* Before 5.11 the poller knows none but registered files. */
	if (option & BY_POLLER && syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_FILES, &socket_fd, 1))
		return problem(truth, UNEXPECTED, "IORING_REGISTER_FILES: %s", strerror(errno));
	return AS_EXPECTED;
}

struct io_uring_sqe *next_request(struct ring *ring, int operation, int socket_fd)
{
	unsigned int index = (*ring->tail + ring->filled) & *ring->mask;
	struct io_uring_sqe *request = &ring->requests[index];

	memset(request, 0, sizeof(*request));
	request->opcode = (uint8_t)operation;
	request->user_data = ring->filled;
	request->fd = ring->option & BY_POLLER ? 0 : socket_fd;
	request->flags |= ring->option & BY_POLLER ? IOSQE_FIXED_FILE : 0;
	request->flags |= ring->option & BY_WORKER ? IOSQE_ASYNC : 0;
	request->flags |= ring->option & IS_LINKED && !ring->filled ? IOSQE_IO_LINK : 0;
	ring->array[index] = index;
	ring->filled++;
	return request;
}

/* How many requests the kernel took; -1: it refused. */
static int enter(const struct ring *ring, unsigned int submitted, unsigned int wanted)
{
	unsigned int flags = IORING_ENTER_GETEVENTS | (ring->option & BY_POLLER ? IORING_ENTER_SQ_WAKEUP : 0);

	int taken = (int)syscall(SYS_io_uring_enter, ring->fd, submitted, wanted, flags, NULL, 8);

	return taken < 0 && errno == EINTR ? 0 : taken;
}

int submit(struct truth *truth, struct ring *ring, int *results)
{
	unsigned int submitted = ring->filled, wanted = submitted, head = *ring->done_head;
	int taken;

	__atomic_store_n(ring->tail, *ring->tail + submitted, __ATOMIC_SEQ_CST);
	ring->filled = 0;
	/* Those behind one that failed as it was taken are not. */
	for (; submitted; submitted -= (unsigned int)taken) {
		taken = enter(ring, submitted, 0);
		if (taken < 0)
			return problem(truth, UNEXPECTED, "io_uring_enter: %s", strerror(errno));
	}
	while (results && wanted) {
		const struct io_uring_cqe *done = &ring->done[head & *ring->done_mask];

		if (__atomic_load_n(ring->done_tail, __ATOMIC_ACQUIRE) == head) {
			if (enter(ring, 0, 1) < 0)
				return problem(truth, UNEXPECTED, "io_uring_enter: %s", strerror(errno));
			continue;
		}
		/* A send without a copy tells twice: what it returned, and that the memory is free again. */
		if (!(done->flags & IORING_CQE_F_NOTIF))
			results[done->user_data] = done->res;
		if (!(done->flags & IORING_CQE_F_MORE))
			wanted--;
		__atomic_store_n(ring->done_head, ++head, __ATOMIC_RELEASE);
	}
	return AS_EXPECTED;
}

struct expected *expect_ring(struct truth *truth, const struct kind *kind, int protocol, const struct address *to)
{
	struct expected *expected = expect(truth, protocol, to, kind->result, kind->error);

	expected->via = "io_uring";
	expected->is_any_thread = kind->option & (BY_WORKER | BY_POLLER);
	return expected;
}
