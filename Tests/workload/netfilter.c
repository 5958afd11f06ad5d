/* SPDX-License-Identifier: GPL-2.0-only */
/* What nftables drops or rejects on its way out, in OUTPUT or in POSTROUTING. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

bool has_drop_reasons(void)
{
	struct utsname system;
	int major = 0, minor = 0;

	uname(&system);
	sscanf(system.release, "%d.%d", &major, &minor);
	return major > 5 || (major == 5 && minor >= 17);
}

void blocked_by_netfilter(struct expected *expected)
{
	expected->blocked_by = "netfilter";
	/* What the program sees does not tell a lost SYN, a refusal by the host and one by the filter apart. */
	if (expected->protocol == IPPROTO_TCP)
		expected->is_blocker_hidden = expected->error != ETIMEDOUT;
}

static int connect_filtered(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, FILTERED_PORT);
	int fd = new_socket(&to, SOCK_STREAM), retries = 1, seen;
	struct expected *expected;

	if (kind->error == ETIMEDOUT)
		setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &retries, sizeof(retries));
	expected = expect(truth, IPPROTO_TCP, &to, kind->result, kind->error);
	blocked_by_netfilter(expected);
	expected->is_late = kind->error == ETIMEDOUT;
	/* An ICMP error may be set aside until the next SYN brings it again; a RST may come to nothing until then. */
	expected->is_any_time = kind->setup == SETUP_REJECT || kind->setup == SETUP_RESET;
	seen = error_of(connect(fd, &to.any, to.length));
	close(fd);
	return check_errno(truth, "connect", seen, kind->error);
}

static int send_filtered(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, FILTERED_PORT);
	int fd = new_socket(&to, SOCK_DGRAM), seen;

	blocked_by_netfilter(expect(truth, IPPROTO_UDP, &to, kind->result, kind->error));
	seen = error_of(sendto(fd, "0123456789", 10, 0, &to.any, to.length));
	close(fd);
	return check_errno(truth, "sendto", seen, kind->error);
}

static int write_filtered(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, FILTERED_PORT);
	int fd = new_socket(&to, SOCK_DGRAM), seen;

	if (connect(fd, &to.any, to.length))
		return problem(truth, UNEXPECTED, "connect: %s", strerror(errno));
	blocked_by_netfilter(expect(truth, IPPROTO_UDP, &to, kind->result, kind->error));
	seen = error_of(write(fd, "0123456789", 10));
	close(fd);
	return check_errno(truth, "write", seen, kind->error);
}

static int ping_filtered(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, 0);
	bool is_v4 = to.any.sa_family == AF_INET;
	int protocol = is_v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, fd, seen;
	struct expected *expected;
	struct icmphdr request = { .type = is_v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST };

	write_file("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
	fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return problem(truth, MISSING, "no ping sockets: %s", strerror(errno));
	expected = expect(truth, protocol, &to, kind->result, kind->error);
	blocked_by_netfilter(expected);
	if (!kind->error) {
		/* icmpv6_push_pending_frames() keeps the error to itself. */
		expected->is_blocker_hidden = true;
		sent(expected, 1);
		expected->bytes_sent = sizeof(request);
	}
	seen = error_of(sendto(fd, &request, sizeof(request), 0, &to.any, to.length));
	close(fd);
	return check_errno(truth, "sendto", seen, kind->error);
}

const struct kind netfilter_kinds[] = {
	{ "tcp6-nft-drop", SETUP_DROP, connect_filtered, SILENT6, ETIMEDOUT, "timed_out", "dropped in OUTPUT" },
	{ "tcp6-nft-reject", SETUP_REJECT, connect_filtered, SILENT6, ECONNREFUSED, "refused", "rejected by an ICMPv6 error in OUTPUT" },
	{ "tcp6-nft-reset", SETUP_RESET, connect_filtered, SILENT6, ECONNREFUSED, "refused", "rejected by a RST in OUTPUT" },
	{ "tcp4-nft-postrouting", SETUP_POSTROUTING, connect_filtered, SILENT4, ETIMEDOUT, "timed_out", "dropped in POSTROUTING" },
	{ "tcp6-nft-postrouting", SETUP_POSTROUTING, connect_filtered, SILENT6, ETIMEDOUT, "timed_out", "dropped in POSTROUTING" },
	{ "udp4-nft-drop-connected", SETUP_DROP, write_filtered, SILENT4, EPERM, "denied", "connected, dropped in OUTPUT" },
	{ "udp4-nft-reject", SETUP_REJECT, send_filtered, SILENT4, EPERM, "denied", "rejected in OUTPUT" },
	{ "udp4-nft-postrouting", SETUP_POSTROUTING, send_filtered, SILENT4, EPERM, "denied", "dropped in POSTROUTING" },
	{ "udp6-nft-drop", SETUP_DROP, send_filtered, SILENT6, EPERM, "denied", "dropped in OUTPUT" },
	{ "udp6-nft-drop-connected", SETUP_DROP, write_filtered, SILENT6, EPERM, "denied", "connected, dropped in OUTPUT" },
	{ "udp6-nft-reject", SETUP_REJECT, send_filtered, SILENT6, EPERM, "denied", "rejected in OUTPUT" },
	{ "udp6-nft-postrouting", SETUP_POSTROUTING, send_filtered, SILENT6, EPERM, "denied", "dropped in POSTROUTING" },
	{ "ping4-nft-drop", SETUP_DROP, ping_filtered, SILENT4, EPERM, "denied", "dropped in OUTPUT" },
	{ "ping6-nft-drop", SETUP_DROP, ping_filtered, SILENT6, 0, "sent", "dropped in OUTPUT, and nobody is told" },
	{},
};
