/* SPDX-License-Identifier: GPL-2.0-only */
/* Network namespaces in which an attempt finds what it is meant to find. They go when we do. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* iproute2's; in the test VMs `ip` alone is busybox's. */
#define IP "/bin/ip"
#define NFT "/usr/sbin/nft"

/* Both ends of the veth are here; what goes to a foreign hardware address is thrown away at the other end. */
static const char routed[] =
	"link set lo up\n"
	"link add near type veth peer name far\n"
	"addr add 192.0.2.1/24 dev near\n"
	"addr add 2001:db8:ffff::1/64 dev near nodad\n"
	"link set far up\n"
	"link set near up\n"
	"route add 203.0.113.0/24 dev near src 192.0.2.1\n"
	"route add 2001:db8::/64 dev near\n"
	"neigh add " SILENT4 " lladdr 02:00:00:00:00:99 nud permanent dev near\n"
	"neigh add " SILENT6 " lladdr 02:00:00:00:00:99 nud permanent dev near\n";

static const char routes[] =
	"link set lo up\n"
	"route add unreachable 203.0.113.0/27\n"
	"route add prohibit 203.0.113.32/27\n"
	"route add blackhole 203.0.113.64/27\n"
	"route add unreachable 2001:db8:1::/48\n"
	"route add prohibit 2001:db8:2::/48\n"
	"route add blackhole 2001:db8:3::/48\n";

#define FILTER(hook, tcp, udp)                                                 \
	"table inet attempts {\n"                                              \
	"  chain filter {\n"                                                   \
	"    type filter hook " hook " priority 0; policy accept;\n"           \
	"    tcp dport 4242 " tcp "\n"                                         \
	"    udp dport 4242 " udp "\n"                                         \
	"    meta l4proto 253 drop\n"                                          \
	"    icmp type echo-request drop\n"                                    \
	"    icmpv6 type echo-request drop\n"                                  \
	"  }\n"                                                                \
	"}\n"

int write_file(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written;

	if (file < 0)
		return -1;
	written = write(file, text, strlen(text));
	close(file);
	return written == (ssize_t)strlen(text) ? 0 : -1;
}

int run_tool(struct truth *truth, const char *path, char *const arguments[], const char *input)
{
	int status, ends[2];
	pid_t child;

	if (access(path, X_OK))
		return problem(truth, MISSING, "there is no %s", path);
	if (pipe2(ends, O_CLOEXEC))
		return problem(truth, UNEXPECTED, "pipe: %s", strerror(errno));
	child = fork();
	if (child < 0)
		return problem(truth, UNEXPECTED, "fork: %s", strerror(errno));
	if (!child) {
		dup2(ends[0], STDIN_FILENO);
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execv(path, arguments);
		_exit(127);
	}
	close(ends[0]);
	/* Less than a pipe holds, so this cannot wait. */
	if (write(ends[1], input, strlen(input)) != (ssize_t)strlen(input))
		problem(truth, UNEXPECTED, "%s does not read", path);
	close(ends[1]);
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return problem(truth, UNEXPECTED, "waitpid: %s", strerror(errno));
	}
	if (status)
		return problem(truth, MISSING, "%s failed with wait status %#x", path, status);
	return AS_EXPECTED;
}

int run_ip(struct truth *truth, const char *batch)
{
	return run_tool(truth, IP, (char *[]){ "ip", "-batch", "-", NULL }, batch);
}

bool raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is_up;

	request.ifr_flags = IFF_UP | IFF_RUNNING;
	is_up = fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &request);
	if (fd >= 0)
		close(fd);
	return is_up;
}

static const char *rules_of(enum setup setup)
{
	switch (setup) {
	case SETUP_DROP:
		return FILTER("output", "drop", "drop");
	case SETUP_POSTROUTING:
		return FILTER("postrouting", "drop", "drop");
	case SETUP_RESET:
		return FILTER("output", "reject with tcp reset", "reject");
	default:
		return FILTER("output", "reject", "reject");
	}
}

static int run_nft(struct truth *truth, const char *rules)
{
	return run_tool(truth, NFT, (char *[]){ "nft", "-f", "-", NULL }, rules);
}

int clear_filter(struct truth *truth)
{
	return run_nft(truth, "flush ruleset\n");
}

int set_up(struct truth *truth, enum setup setup)
{
	int status;

	if (setup == SETUP_NONE)
		return AS_EXPECTED;
	if (unshare(CLONE_NEWNET))
		return problem(truth, MISSING, "no network namespace: %s", strerror(errno));
	/* From 6.5 on the first retransmissions of a SYN do not back off: five seconds more. */
	write_file("/proc/sys/net/ipv4/tcp_syn_linear_timeouts", "0");
	switch (setup) {
	case SETUP_OFFLINE:
	case SETUP_LOOPBACK:
		/* Of most kinds: in an emulated machine a start of `ip` takes longer than the attempt. */
		return raise_loopback() ? AS_EXPECTED : problem(truth, UNEXPECTED, "lo does not come up: %s", strerror(errno));
	case SETUP_ROUTED:
		return run_ip(truth, routed);
	case SETUP_ROUTES:
		return run_ip(truth, routes);
	case SETUP_DROP:
	case SETUP_REJECT:
	case SETUP_RESET:
	case SETUP_POSTROUTING:
		status = run_ip(truth, routed);
		if (status)
			return status;
		return run_nft(truth, rules_of(setup));
	default:
		return AS_EXPECTED;
	}
}
