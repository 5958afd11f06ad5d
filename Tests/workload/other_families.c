/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets that are no network: none of this is an attempt. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <linux/if_alg.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/* A name in the abstract space, which is the network namespace's. */
static socklen_t name_unix(struct sockaddr_un *name)
{
	*name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			   (size_t)snprintf(name->sun_path + 1, sizeof(name->sun_path) - 1, "attempts-%d", getpid()));
}

static int connect_unix(struct truth *truth, const struct kind *kind)
{
	int listener = socket(AF_UNIX, kind->option | SOCK_CLOEXEC, 0), fd = socket(AF_UNIX, kind->option | SOCK_CLOEXEC, 0);
	struct sockaddr_un name;
	socklen_t length = name_unix(&name);

	if (!kind->error && (bind(listener, (struct sockaddr *)&name, length) ||
			     (kind->option != SOCK_DGRAM && listen(listener, 1))))
		return problem(truth, UNEXPECTED, "bind: %s", strerror(errno));
	return check_errno(truth, "connect", error_of(connect(fd, (struct sockaddr *)&name, length)), kind->error);
}

static int send_unix(struct truth *truth, const struct kind *kind)
{
	int receiver = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), seen;
	struct sockaddr_un name;
	socklen_t length = name_unix(&name);

	if (bind(receiver, (struct sockaddr *)&name, length))
		return problem(truth, UNEXPECTED, "bind: %s", strerror(errno));
	seen = error_of(sendto(fd, "0123456789", 10, 0, (struct sockaddr *)&name, length));
	return check_errno(truth, "sendto", seen, kind->error);
}

/* Connected to the kernel, and asking it. */
static int ask_netlink(struct truth *truth, const struct kind *kind)
{
	struct {
		struct nlmsghdr header;
		struct rtgenmsg body;
	} request = {
		.header = { .nlmsg_len = sizeof(request), .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
	};
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), seen;

	seen = error_of(connect(fd, (struct sockaddr *)&to, sizeof(to)));
	seen = seen ? seen : error_of(send(fd, &request, sizeof(request), 0));
	return check_errno(truth, "connect or send", seen, kind->error);
}

/* The kernel's ciphers: what is sent is hashed. */
static int hash(struct truth *truth, const struct kind *kind)
{
	struct sockaddr_alg name = { .salg_family = AF_ALG, .salg_type = "hash", .salg_name = "sha256" };
	int fd = open_with_module(AF_ALG, SOCK_SEQPACKET, 0, "af_alg"), operation;

	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)))
		return problem(truth, MISSING, "no AF_ALG: %s", strerror(errno));
	operation = accept(fd, NULL, NULL);
	return check_errno(truth, "send", error_of(send(operation, "0123456789", 10, 0)), kind->error);
}

/* A sniffer sends nothing. */
static int sniff(struct truth *truth, const struct kind *kind)
{
	struct sockaddr_ll any = { .sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE_IP), .sll_ifindex = 1 };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETHERTYPE_IP)), seen;
	char byte;

	if (fd < 0)
		return problem(truth, MISSING, "no AF_PACKET: %s", strerror(errno));
	seen = error_of(bind(fd, (struct sockaddr *)&any, sizeof(any)));
	seen = seen ? seen : error_of(recv(fd, &byte, 1, MSG_DONTWAIT));
	return check_errno(truth, "recv", seen, kind->error);
}

/* Both ends are ours, and bytes pass. */
static int pass_bytes(struct truth *truth, const struct kind *kind)
{
	int ends[2];
	int seen = error_of(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));

	seen = seen ? seen : error_of(send(ends[0], "0123456789", 10, 0));
	return check_errno(truth, "send", seen, kind->error);
}

const struct kind other_family_kinds[] = {
	{ "unix-connect", SETUP_DARK, connect_unix, "-", 0, "", "connect() to a Unix socket", SOCK_STREAM },
	{ "unix-connect-datagram", SETUP_DARK, connect_unix, "-", 0, "", "the same, of datagrams", SOCK_DGRAM },
	{ "unix-refused", SETUP_DARK, connect_unix, "-", ECONNREFUSED, "", "connect() to a Unix socket that is none", SOCK_STREAM },
	{ "unix-sendto", SETUP_DARK, send_unix, "-", 0, "", "sendto() to a Unix socket" },
	{ "unix-pair", SETUP_DARK, pass_bytes, "-", 0, "", "socketpair()" },
	{ "netlink", SETUP_DARK, ask_netlink, "-", 0, "", "connect() and send() to the kernel" },
	{ "alg", SETUP_DARK, hash, "-", 0, "", "send() to a cipher of the kernel" },
	{ "packet-receive", SETUP_LOOPBACK, sniff, "-", EAGAIN, "", "a sniffer sends nothing" },
	{},
};
