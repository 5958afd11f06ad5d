/* An io_uring for one request at a time, by its system calls: io_uring_setup(2), io_uring_enter(2). */
#define _GNU_SOURCE
#include "kinds.h"
#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct io_uring_params parameters;

bool ring_open(int *ring)
{
	memset(&parameters, 0, sizeof(parameters));
	*ring = (int)syscall(SYS_io_uring_setup, 1, &parameters);
	return *ring >= 0;
}

static void *map(int ring, size_t size, off_t offset)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, offset);
}

int ring_do(int ring, int operation, int fd, const void *argument, uint64_t length)
{
	char *queue = map(ring, parameters.sq_off.array + parameters.sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING);
	char *done = map(ring, parameters.cq_off.cqes + parameters.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	struct io_uring_sqe *request = map(ring, sizeof(*request), IORING_OFF_SQES);
	const struct io_uring_cqe *result;

	if (queue == MAP_FAILED || done == MAP_FAILED || request == MAP_FAILED)
		return -errno;
	memset(request, 0, sizeof(*request));
	request->opcode = (uint8_t)operation;
	request->fd = fd;
	request->addr = (uint64_t)(uintptr_t)argument;
	if (operation == IORING_OP_CONNECT)
		request->off = length;
	else
		request->len = 1;
	*(uint32_t *)(void *)(queue + parameters.sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(void *)(queue + parameters.sq_off.tail), 1, __ATOMIC_RELEASE);
	while (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		if (errno != EINTR)
			return -errno;
	result = (const struct io_uring_cqe *)(const void *)(done + parameters.cq_off.cqes);
	/* No answer yet, though it waited for one. */
	if (!__atomic_load_n((uint32_t *)(void *)(done + parameters.cq_off.tail), __ATOMIC_ACQUIRE))
		return -EAGAIN;
	return result->res;
}
