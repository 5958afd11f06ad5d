/* SPDX-License-Identifier: GPL-2.0-only */
/* What really happened, and its line of JSON. */
#define _GNU_SOURCE
#include "attempts.h"
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <net/ethernet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

uint64_t boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

const char *own_path(void)
{
	static char path[PATH_MAX];

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return "/proc/self/exe";
	return path;
}

struct address address_of(const char *ip, uint16_t port)
{
	struct address address = {};

	if (inet_pton(AF_INET, ip, &address.v4.sin_addr) == 1) {
		address.v4.sin_family = AF_INET;
		address.v4.sin_port = htons(port);
		address.length = sizeof(address.v4);
	} else if (inet_pton(AF_INET6, ip, &address.v6.sin6_addr) == 1) {
		address.v6.sin6_family = AF_INET6;
		address.v6.sin6_port = htons(port);
		address.length = sizeof(address.v6);
	} else {
		fprintf(stderr, "attempts: no address: %s\n", ip);
		exit(USAGE);
	}
	return address;
}

static const char *scope_of(const struct address *to)
{
	const struct in6_addr *v6 = &to->v6.sin6_addr;
	in_addr_t v4 = ntohl(to->any.sa_family == AF_INET ? to->v4.sin_addr.s_addr : v6->s6_addr32[3]);

	if (to->any.sa_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(v6))
		return IN6_IS_ADDR_MULTICAST(v6) ? "multicast" : "";
	if (v4 == INADDR_BROADCAST)
		return "broadcast";
	return IN_MULTICAST(v4) ? "multicast" : "";
}

struct expected *expect(struct truth *truth, int protocol, const struct address *to, const char *result, int error)
{
	struct expected *expected = &truth->attempts[truth->count];
	const struct in6_addr *v6 = &to->v6.sin6_addr;

	if (truth->count == MAX_EXPECTED)
		abort();
	truth->count++;
	expected->protocol = protocol;
	/* An IPv4-mapped address is written as IPv4. */
	if (to->any.sa_family == AF_INET)
		inet_ntop(AF_INET, &to->v4.sin_addr, expected->ip, sizeof(expected->ip));
	else if (IN6_IS_ADDR_V4MAPPED(v6))
		inet_ntop(AF_INET, &v6->s6_addr[12], expected->ip, sizeof(expected->ip));
	else
		inet_ntop(AF_INET6, v6, expected->ip, sizeof(expected->ip));
	/* The port stands at the same place in both. */
	expected->port = ntohs(to->v4.sin_port);
	expected->via = "syscall";
	expected->scope = scope_of(to);
	expected->result = result;
	expected->error = error;
	expected->pid = getpid();
	expected->tid = gettid();
	prctl(PR_GET_NAME, expected->thread_name);
	expected->start_boot_ns = boot_ns();
	return expected;
}

int problem(struct truth *truth, int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(truth->problem, sizeof(truth->problem), format, arguments);
	va_end(arguments);
	return status;
}

static const char *error_name(int error)
{
	const char *name = strerrorname_np(error);

	return name ? name : "?";
}

int check_errno(struct truth *truth, const char *what, int seen, int wanted)
{
	if (seen == wanted)
		return AS_EXPECTED;
	return problem(truth, UNEXPECTED, "%s: %s instead of %s", what, error_name(seen), error_name(wanted));
}

static void print_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\')
			fprintf(out, "\\u%04x", byte);
		else
			fputc(byte, out);
	}
	fputc('"', out);
}

/* The name of the IP protocol as IANA has it, in lower case; "": it has none. */
static const char *transport_of(int protocol)
{
	switch (protocol) {
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_DCCP:
		return "dccp";
	case IPPROTO_GRE:
		return "gre";
	case IPPROTO_ICMPV6:
		return "ipv6-icmp";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_UDPLITE:
		return "udplite";
	case PROTOCOL_VSOCK:
		return "vsock";
	default:
		return "";
	}
}

static void print_network(FILE *out, const struct expected *expected)
{
	fprintf(out, "{\"transport\":\"%s\"", transport_of(expected->protocol));
	if (expected->protocol < PROTOCOL_VSOCK)
		fprintf(out, ",\"iana_number\":%d", expected->protocol);
	fputs(",\"network_type\":\"", out);
	if (expected->ether_type == ETHERTYPE_ARP)
		fputs("arp", out);
	else if (expected->ether_type)
		fprintf(out, "0x%04x", expected->ether_type);
	else if (expected->ip[0])
		fputs(strchr(expected->ip, ':') ? "ipv6" : "ipv4", out);
	fprintf(out, "\",\"ip\":\"%s\",\"port\":%u,\"scope\":\"%s\"", expected->ip, expected->port, expected->scope);
	if (expected->address[0])
		fprintf(out, ",\"address\":\"%s\"", expected->address);
	if (expected->mac[0])
		fprintf(out, ",\"mac\":\"%s\"", expected->mac);
	if (expected->interface_index)
		fprintf(out, ",\"interface_index\":%u", expected->interface_index);
	if (expected->source_ip[0])
		fprintf(out, ",\"source_ip\":\"%s\"", expected->source_ip);
	if (expected->source_port)
		fprintf(out, ",\"source_port\":%u", expected->source_port);
}

static void print_flag(FILE *out, const char *name, bool is_set)
{
	fprintf(out, ",\"%s\":%s", name, is_set ? "true" : "false");
}

static void print_number(FILE *out, const char *name, uint64_t number)
{
	fprintf(out, ",\"%s\":%llu", name, (unsigned long long)number);
}

static void print_expected(FILE *out, const struct expected *expected)
{
	print_network(out, expected);
	fprintf(out, ",\"via\":\"%s\",\"result\":\"%s\"", expected->via, expected->result);
	if (expected->error)
		fprintf(out, ",\"error\":\"%s\"", error_name(expected->error));
	if (expected->later_error)
		fprintf(out, ",\"later_error\":\"%s\"", error_name(expected->later_error));
	if (expected->blocked_by)
		fprintf(out, ",\"blocked_by\":\"%s\"", expected->blocked_by);
	print_flag(out, "is_blocker_hidden", expected->is_blocker_hidden);
	print_flag(out, "is_kernels", expected->is_kernels);
	if (expected->is_kernels)
		print_number(out, "netns", expected->netns);
	print_flag(out, "is_any_thread", expected->is_any_thread);
	print_flag(out, "is_late", expected->is_late);
	print_flag(out, "is_any_time", expected->is_any_time);
	print_flag(out, "has_disconnect", expected->has_disconnect);
	fprintf(out, ",\"pid\":%d,\"tid\":%d,\"thread_name\":", expected->pid, expected->tid);
	print_string(out, expected->thread_name);
	print_number(out, "start_boot_ns", expected->start_boot_ns);
	print_number(out, "bytes_sent", expected->bytes_sent);
	print_number(out, "bytes_received", expected->bytes_received);
	print_number(out, "datagrams", expected->datagrams);
	print_number(out, "sends", expected->sends);
	print_number(out, "failures", expected->failures);
	fputc('}', out);
}

/* One write, so that lines of several processes do not mix. */
void print_truth(const struct truth *truth, int status)
{
	static const char *const words[] = { "as_expected", "unexpected", "usage", "missing" };
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		abort();
	fprintf(out, "{\"kind\":\"%s\",\"status\":\"%s\",\"pid\":%d,\"problem\":", truth->kind, words[status], getpid());
	print_string(out, truth->problem);
	fputs(",\"attempts\":[", out);
	for (int index = 0; index < truth->count; index++) {
		if (index)
			fputc(',', out);
		print_expected(out, &truth->attempts[index]);
	}
	fputs("]}\n", out);
	fclose(out);
	if (write(STDOUT_FILENO, text, length) != (ssize_t)length)
		perror("attempts: standard output");
	free(text);
}
