/* What the program writes a header of: raw, ping and packet sockets. */
#define _GNU_SOURCE
#include "kinds.h"
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

/* RFC 1071; the sum of no more than a few bytes. */
static uint16_t checksum(const void *bytes, size_t length)
{
	const uint8_t *byte = bytes;
	uint32_t sum = 0;

	for (size_t index = 0; index < length; index++)
		sum += index % 2 ? byte[index] : (uint32_t)byte[index] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static struct ip header(const struct address *to, uint8_t protocol, size_t length)
{
	struct ip ip = {
		.ip_v = 4, .ip_hl = 5, .ip_len = htons((uint16_t)(sizeof(ip) + length)), .ip_ttl = 64, .ip_p = protocol,
		.ip_src.s_addr = htonl(INADDR_LOOPBACK), .ip_dst = to->v4.sin_addr,
	};

	ip.ip_sum = checksum(&ip, sizeof(ip));
	return ip;
}

/* An echo request (RFC 792, 4443); the kernel completes that of ICMPv6. */
static void echo(struct tattle_truth *truth, const struct kind *kind)
{
	bool is_v4 = kind->family == AF_INET, is_raw = kind->option == SOCK_RAW;
	struct icmphdr request = { .type = is_v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST };
	int protocol = is_v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, fd;
	struct address to = loopback(kind->family, 0);

	request.checksum = checksum(&request, sizeof(request));
	fd = socket_for(&to, kind->option, protocol);
	if (fd < 0)
		return;
	begin(truth, &to, protocol, is_raw ? TATTLE_TRUTH_RAW : TATTLE_TRUTH_SYSCALL);
	end(truth, error_of(sendto(fd, &request, sizeof(request), 0, &to.any, to.length)), TATTLE_TRUTH_SENT);
}

static void ping(struct tattle_truth *truth, const struct kind *kind)
{
	/* Nobody may at first, in a new network namespace. */
	int range = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY | O_CLOEXEC);

	if (range < 0 || write(range, "0 2147483647", 12) != 12)
		return;
	echo(truth, kind);
}

/* A SYN with its IP header; its checksum is wrong, so that not even loopback answers. */
static void send_syn(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = closed(kind), where = loopback(AF_INET, 0);
	struct {
		struct ip ip;
		struct tcphdr tcp;
	} packet = {
		.ip = header(&to, IPPROTO_TCP, sizeof(struct tcphdr)),
		.tcp = { .th_sport = htons(1), .th_dport = to.v4.sin_port, .th_off = 5, .th_flags = TH_SYN },
	};
	int fd = socket_for(&to, SOCK_RAW, IPPROTO_RAW);

	if (fd < 0)
		return;
	begin(truth, &to, IPPROTO_TCP, TATTLE_TRUTH_RAW);
	end(truth, error_of(sendto(fd, &packet, sizeof(packet), 0, &where.any, where.length)), TATTLE_TRUTH_SENT);
}

static int send_frame(const void *frame, size_t length)
{
	struct sockaddr_ll where = { .sll_family = AF_PACKET, .sll_halen = ETH_ALEN, .sll_ifindex = (int)if_nametoindex("lo") };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	where.sll_protocol = ((const struct ether_header *)frame)->ether_type;
	return error_of(fd < 0 ? -1 : sendto(fd, frame, length, 0, (struct sockaddr *)&where, sizeof(where)));
}

static void send_ip_frame(struct tattle_truth *truth, const struct kind *kind)
{
	struct address to = closed(kind);
	struct {
		struct ether_header ethernet;
		struct ip ip;
		struct udphdr udp;
	} __attribute__((packed)) frame = {
		.ethernet.ether_type = htons(ETHERTYPE_IP),
		.ip = header(&to, IPPROTO_UDP, sizeof(struct udphdr)),
		.udp = { .uh_sport = htons(1), .uh_dport = to.v4.sin_port, .uh_ulen = htons(sizeof(struct udphdr)) },
	};

	begin(truth, &to, IPPROTO_UDP, TATTLE_TRUTH_PACKET);
	end(truth, send_frame(&frame, sizeof(frame)), TATTLE_TRUTH_SENT);
}

/* Its ARP message is all zeros: nobody takes it for one. */
static void send_other_frame(struct tattle_truth *truth, const struct kind *kind)
{
	struct {
		struct ether_header ethernet;
		uint8_t message[28];
	} frame = { .ethernet.ether_type = htons(ETHERTYPE_ARP) };

	(void)kind;
	memset(frame.ethernet.ether_dhost, 0xff, ETH_ALEN);
	truth->is_frame = true;
	truth->via = TATTLE_TRUTH_PACKET;
	truth->high = 0xffffffffffffULL << 16 | ETHERTYPE_ARP;
	end(truth, send_frame(&frame, sizeof(frame)), TATTLE_TRUTH_SENT);
}

const struct kind packet_kinds[] = {
	{ "raw4", echo, AF_INET, TATTLE_NEEDS_RAW4, SOCK_RAW },
	{ "raw6", echo, AF_INET6, TATTLE_NEEDS_RAW6, SOCK_RAW },
	{ "raw-syn", send_syn, AF_INET, TATTLE_NEEDS_RAW4 },
	{ "ping", ping, AF_INET, TATTLE_NEEDS_PING, SOCK_DGRAM },
	{ "packet-ip", send_ip_frame, AF_INET, TATTLE_NEEDS_PACKET, .protocol = "PACKET" },
	{ "packet-arp", send_other_frame, AF_INET, TATTLE_NEEDS_PACKET, .protocol = "PACKET" },
	{},
};
