/* SPDX-License-Identifier: GPL-2.0-only */
/* vsock, to this machine itself: a network namespace does not keep it in, so nothing else is tried where there is a way out. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <linux/vm_sockets.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOOPBACK "/sys/module/vsock_loopback"
/* More than 16 bits hold. */
#define CLOSED_VSOCK_PORT 123456789
/* A guest of a host that is none. */
#define NO_GUEST 77

static const char *const ways_out[] = {
	"/sys/module/vmw_vsock_virtio_transport",
	"/sys/module/vmw_vsock_vmci_transport",
	"/sys/module/vhost_vsock",
	"/sys/module/hv_sock",
};

static int open_vsock(struct truth *truth, int type)
{
	int fd = open_with_module(AF_VSOCK, type, 0, "vsock_loopback");

	if (fd < 0)
		problem(truth, MISSING, "no vsock of this type: %s", strerror(errno));
	return fd;
}

static struct expected *expect_vsock(struct truth *truth, const struct kind *kind, const struct sockaddr_vm *to)
{
	static const struct address nowhere = { .v4 = { .sin_family = AF_INET } };
	struct expected *expected = expect(truth, PROTOCOL_VSOCK, &nowhere, kind->result, kind->error);

	expected->ip[0] = 0;
	expected->port = to->svm_port;
	snprintf(expected->address, sizeof(expected->address), "%u", to->svm_cid);
	return expected;
}

static int connect_to(int fd, const struct sockaddr_vm *to)
{
	return error_of(connect(fd, (const struct sockaddr *)to, sizeof(*to)));
}

/* Without it, the kernel would send what goes to ourselves to the host. */
static int need_loopback(struct truth *truth)
{
	load_module("vsock_loopback");
	return access(LOOPBACK, F_OK) ? problem(truth, MISSING, "no vsock_loopback") : AS_EXPECTED;
}

static int establish(struct truth *truth, const struct kind *kind)
{
	struct sockaddr_vm to = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL, .svm_port = VMADDR_PORT_ANY };
	int listener = open_vsock(truth, kind->option), fd = open_vsock(truth, kind->option), seen;
	struct expected *expected;
	socklen_t length = sizeof(to);

	if (fd < 0)
		return MISSING;
	if (need_loopback(truth))
		return MISSING;
	if (bind(listener, (struct sockaddr *)&to, sizeof(to)) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&to, &length))
		return problem(truth, UNEXPECTED, "no listener: %s", strerror(errno));
	expected = expect_vsock(truth, kind, &to);
	talks(expected);
	seen = connect_to(fd, &to);
	if (seen == EOPNOTSUPP || seen == ESOCKTNOSUPPORT || seen == ENODEV) {
		truth->count = 0;
		return problem(truth, MISSING, "the loopback does not do this: %s", strerror(seen));
	}
	if (seen)
		return check_errno(truth, "connect", seen, 0);
	return talk_alone(truth, fd, listener);
}

static int fail(struct truth *truth, const struct kind *kind)
{
	struct sockaddr_vm to = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL, .svm_port = CLOSED_VSOCK_PORT };
	int fd = open_vsock(truth, SOCK_STREAM | kind->option), seen;
	struct expected *expected;

	if (fd < 0 || need_loopback(truth))
		return MISSING;
	expected = expect_vsock(truth, kind, &to);
	seen = connect_to(fd, &to);
	if (seen == EINPROGRESS)
		seen = wait_for_end(fd);
	/* The answer is a kernel thread's. */
	expected->is_any_time = true;
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

static int find_no_transport(struct truth *truth, const struct kind *kind)
{
	struct sockaddr_vm to = { .svm_family = AF_VSOCK, .svm_cid = NO_GUEST, .svm_port = CLOSED_VSOCK_PORT };
	int fd = open_vsock(truth, SOCK_STREAM), seen;

	if (fd < 0)
		return MISSING;
	for (size_t index = 0; index < sizeof(ways_out) / sizeof(*ways_out); index++) {
		if (!access(ways_out[index], F_OK))
			return problem(truth, MISSING, "not tried, there is a way out: %s", ways_out[index]);
	}
	expect_vsock(truth, kind, &to);
	seen = connect_to(fd, &to);
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

const struct kind vsock_kinds[] = {
	{ "vsock-established", SETUP_DARK, establish, "-", 0, "established", "connect() to a listener", SOCK_STREAM },
	{ "vsock-seqpacket-established", SETUP_DARK, establish, "-", 0, "established", "the same with SOCK_SEQPACKET", SOCK_SEQPACKET },
	{ "vsock-reset", SETUP_DARK, fail, "-", ECONNRESET, "reset", "a closed port" },
	{ "vsock-reset-nonblocking", SETUP_DARK, fail, "-", ECONNRESET, "reset", "a closed port, not waiting", SOCK_NONBLOCK },
	{ "vsock-no-transport", SETUP_DARK, find_no_transport, "-", ENODEV, "failed", "no transport to that CID" },
	{},
};
