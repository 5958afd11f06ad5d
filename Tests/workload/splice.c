/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes that reach a connected UDP socket without a send: splice(), tee(), vmsplice(), sendfile(). */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

/* Options of kinds: how the bytes came into the pipe. */
enum {
	BY_WRITE,
	BY_TEE,
	BY_VMSPLICE,
	BY_SENDFILE, /* there is none */
};

static bool fill_pipe(int pipe_end, int option)
{
	/* Given away with its page. */
	static char page[4096] __attribute__((aligned(4096)));
	struct iovec payload = { .iov_base = page, .iov_len = 10 };
	int other[2];

	memcpy(page, "0123456789", 10);
	switch (option) {
	case BY_VMSPLICE:
		return vmsplice(pipe_end, &payload, 1, 0) == 10;
	case BY_TEE:
		return !pipe2(other, O_CLOEXEC) && write(other[1], page, 10) == 10 && tee(other[0], pipe_end, 10, 0) == 10;
	default:
		return write(pipe_end, page, 10) == 10;
	}
}

static ssize_t send_file(int fd)
{
	int file = memfd_create("letter", MFD_CLOEXEC);
	off_t start = 0;

	if (file < 0 || write(file, "0123456789", 10) != 10)
		return -1;
	return sendfile(fd, file, &start, 10);
}

static int send_spliced(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 0);
	int receiver = bind_at(&to), fd = new_socket(&to, SOCK_DGRAM), ends[2];
	struct expected *expected;
	ssize_t result;

	if (connect(fd, &to.any, to.length) || pipe2(ends, O_CLOEXEC))
		return problem(truth, UNEXPECTED, "connect: %s", strerror(errno));
	if (kind->option != BY_SENDFILE && !fill_pipe(ends[1], kind->option))
		return problem(truth, UNEXPECTED, "the pipe: %s", strerror(errno));
	expected = expect(truth, IPPROTO_UDP, &to, kind->result, 0);
	expected->via = "splice";
	sent(expected, 1);
	result = kind->option == BY_SENDFILE ? send_file(fd) : splice(ends[0], NULL, fd, NULL, 10, 0);
	if (result != 10)
		return problem(truth, UNEXPECTED, "%zd bytes: %s", result, strerror(errno));
	close(fd);
	return check_received(truth, receiver, 1, 10);
}

const struct kind splice_kinds[] = {
	{ "udp4-splice", SETUP_LOOPBACK, send_spliced, "127.0.0.1", 0, "sent", "splice() from a pipe", BY_WRITE },
	{ "udp6-splice", SETUP_LOOPBACK, send_spliced, "::1", 0, "sent", "splice() from a pipe", BY_WRITE },
	{ "udp4-tee", SETUP_LOOPBACK, send_spliced, "127.0.0.1", 0, "sent", "tee(), then splice()", BY_TEE },
	{ "udp4-vmsplice", SETUP_LOOPBACK, send_spliced, "127.0.0.1", 0, "sent", "vmsplice(), then splice()", BY_VMSPLICE },
	{ "udp4-sendfile", SETUP_LOOPBACK, send_spliced, "127.0.0.1", 0, "sent", "sendfile()", BY_SENDFILE },
	{ "udp6-sendfile", SETUP_LOOPBACK, send_spliced, "::1", 0, "sent", "sendfile()", BY_SENDFILE },
	{},
};
