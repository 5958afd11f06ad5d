/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames by AF_PACKET: where they go is in them. */
#define _GNU_SOURCE
#include "craft.h"
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ETHERTYPE_LLDP 0x88cc

/* Options of kinds: what is in the frame, and how it is sent. */
enum {
	PROTOCOL_MASK = 0xff, /* in IPv4 or IPv6; 0: the frame is not IP */
	DGRAM = 0x100,        /* the kernel writes the Ethernet header */
	BOUND = 0x200,        /* bind() and send() */
	MANY = 0x400,
	BYPASS = 0x800,       /* PACKET_QDISC_BYPASS */
	RING = 0x1000,        /* PACKET_TX_RING */
	SEGMENTS = 0x2000,    /* one for each header, behind one without a byte, at a decoy */
	OLD = 0x4000,         /* SOCK_PACKET */
};

struct frame {
	struct sockaddr_ll where;
	uint8_t bytes[CRAFT_CAPACITY + ETHER_HDR_LEN];
	size_t length; /* with the Ethernet header, wherever that is written */
};

static const uint8_t neighbour[] = { 2, 0, 0, 0, 0, 0x99 }, broadcast[] = { 255, 255, 255, 255, 255, 255 },
		     bridges[] = { 1, 0x80, 0xc2, 0, 0, 0xe };

static size_t craft_arp(uint8_t *out)
{
	struct ether_arp request = {
		.ea_hdr = { .ar_hrd = htons(ARPHRD_ETHER), .ar_pro = htons(ETHERTYPE_IP), .ar_hln = 6, .ar_pln = 4, .ar_op = htons(ARPOP_REQUEST) },
		.arp_spa = { 192, 0, 2, 1 },
		.arp_tpa = { 192, 0, 2, 7 },
	};

	memcpy(out, &request, sizeof(request));
	return sizeof(request);
}

/* The end of an LLDP data unit, and nothing before it. */
static size_t craft_lldp(uint8_t *out)
{
	memset(out, 0, 46);
	return 46;
}

/* What goes to `to`, or a frame of that type when it is NULL. */
static struct frame make_frame(const char *device, const struct address *to, int option, uint16_t type)
{
	const uint8_t *mac = type == ETHERTYPE_ARP ? broadcast : type == ETHERTYPE_LLDP ? bridges : neighbour;
	struct address from = address_of(to && to->any.sa_family == AF_INET6 ? "2001:db8:ffff::1" : "192.0.2.1", 0);
	struct ether_header header = { .ether_shost = { 2, 0, 0, 0, 0, 1 }, .ether_type = htons(type) };
	struct frame frame = {
		.where = {
			.sll_family = AF_PACKET, .sll_protocol = htons(type), .sll_halen = 6,
			.sll_ifindex = (int)if_nametoindex(device),
		},
	};
	uint8_t *body = frame.bytes + sizeof(header);

	memcpy(header.ether_dhost, mac, 6);
	memcpy(frame.where.sll_addr, mac, 6);
	memcpy(frame.bytes, &header, sizeof(header));
	if (to)
		frame.length = sizeof(header) + craft_packet(body, &from, to, option & PROTOCOL_MASK);
	else
		frame.length = sizeof(header) + (type == ETHERTYPE_ARP ? craft_arp(body) : craft_lldp(body));
	return frame;
}

static struct expected *expect_frame(struct truth *truth, const struct kind *kind, const struct frame *frame, const struct address *to)
{
	static const struct address nowhere = { .v4 = { .sin_family = AF_INET } };
	struct expected *expected = expect(truth, to ? kind->option & PROTOCOL_MASK : PROTOCOL_NONE, to ? to : &nowhere, kind->result, kind->error);
	const uint8_t *mac = frame->where.sll_addr;

	expected->via = "packet";
	if (to)
		return expected;
	expected->ip[0] = 0;
	expected->ether_type = ntohs(frame->where.sll_protocol);
	expected->scope = mac[0] == 255 ? "broadcast" : mac[0] & 1 ? "multicast" : "";
	snprintf(expected->mac, sizeof(expected->mac), "%02X-%02X-%02X-%02X-%02X-%02X", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return expected;
}

/* Hears what comes out of the veth's other end. */
static int listen_far(void)
{
	struct sockaddr_ll far = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex("far") };
	int fd = far.sll_ifindex ? socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)) : -1;

	if (fd >= 0 && bind(fd, (struct sockaddr *)&far, sizeof(far)))
		return -1;
	return fd;
}

static int check_heard(struct truth *truth, int listener, const struct frame *frame, int count)
{
	uint8_t heard[2048];

	while (count) {
		ssize_t length;

		if (poll(&(struct pollfd){ .fd = listener, .events = POLLIN }, 1, 60000) != 1)
			return problem(truth, UNEXPECTED, "the frame did not arrive");
		length = recv(listener, heard, sizeof(heard), 0);
		/* The kernel chose the source of a SOCK_DGRAM's. */
		count -= length == (ssize_t)frame->length && !memcmp(heard, frame->bytes, 6) &&
			 !memcmp(heard + 12, frame->bytes + 12, frame->length - 12);
	}
	return AS_EXPECTED;
}

static int send_segments(int fd, const struct frame *frame)
{
	static const uint8_t decoy[ETHER_HDR_LEN] = { 2, 0, 0, 0, 0, 0x11, 2, 0, 0, 0, 0, 1, 8, 0 };
	struct frame copy = *frame;
	struct iovec segments[] = {
		{ .iov_base = (void *)(uintptr_t)decoy, .iov_len = 0 },
		{ .iov_base = copy.bytes, .iov_len = ETHER_HDR_LEN },
		{ .iov_base = copy.bytes + ETHER_HDR_LEN, .iov_len = 20 },
		{ .iov_base = copy.bytes + ETHER_HDR_LEN + 20, .iov_len = copy.length - ETHER_HDR_LEN - 20 },
	};
	struct msghdr message = {
		.msg_name = &copy.where, .msg_namelen = sizeof(copy.where), .msg_iov = segments, .msg_iovlen = 4,
	};

	return error_of(sendmsg(fd, &message, 0));
}

/* What Linux had before 2.2: the interface by its name. */
static int send_by_name(int fd, const struct frame *frame)
{
	struct sockaddr_pkt where = { .spkt_family = AF_PACKET, .spkt_protocol = frame->where.sll_protocol };

	if_indextoname((unsigned int)frame->where.sll_ifindex, (char *)where.spkt_device);
	return error_of(sendto(fd, frame->bytes, frame->length, 0, (struct sockaddr *)&where, sizeof(where)));
}

static int send_frame(int fd, const struct frame *frame, int option)
{
	size_t skipped = option & DGRAM ? ETHER_HDR_LEN : 0;
	const uint8_t *bytes = frame->bytes + skipped;
	const struct sockaddr *where = (const struct sockaddr *)&frame->where;

	if (option & OLD)
		return send_by_name(fd, frame);
	if (option & SEGMENTS)
		return send_segments(fd, frame);
	if (option & BOUND)
		return error_of(send(fd, bytes, frame->length - skipped, 0));
	return error_of(sendto(fd, bytes, frame->length - skipped, 0, where, sizeof(frame->where)));
}

static int send_frames(struct truth *truth, const struct kind *kind, const struct address *to, uint16_t type)
{
	struct frame frame = make_frame(kind->setup == SETUP_DARK ? "lo" : "near", to, kind->option, type);
	int socket_type = kind->option & DGRAM ? SOCK_DGRAM : kind->option & OLD ? SOCK_PACKET : SOCK_RAW;
	int fd = socket(AF_PACKET, socket_type | SOCK_CLOEXEC, 0), far = listen_far();
	int rounds = kind->option & MANY ? 5 : 1, seen = 0, on = 1;
	struct expected *expected;

	if (fd < 0)
		return problem(truth, MISSING, "no AF_PACKET: %s", strerror(errno));
	if (kind->option & BYPASS && setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)))
		return problem(truth, UNEXPECTED, "PACKET_QDISC_BYPASS: %s", strerror(errno));
	if (kind->option & BOUND && bind(fd, (struct sockaddr *)&frame.where, sizeof(frame.where)))
		return problem(truth, UNEXPECTED, "bind: %s", strerror(errno));
	expected = expect_frame(truth, kind, &frame, to);
	if (!kind->error) {
		sent(expected, (unsigned int)rounds);
		expected->bytes_sent = (unsigned int)rounds * (frame.length - (kind->option & DGRAM ? ETHER_HDR_LEN : 0));
	}
	for (int round = 0; round < rounds && !seen; round++)
		seen = send_frame(fd, &frame, kind->option);
	close(fd);
	if (seen || kind->error)
		return check_errno(truth, "sendto", seen, kind->error);
	return check_heard(truth, far, &frame, rounds);
}

static int send_ip(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, has_ports(kind->option & PROTOCOL_MASK) ? CLOSED_PORT : 0);

	return send_frames(truth, kind, &to, to.any.sa_family == AF_INET ? ETHERTYPE_IP : ETHERTYPE_IPV6);
}

static int send_arp(struct truth *truth, const struct kind *kind)
{
	return send_frames(truth, kind, NULL, ETHERTYPE_ARP);
}

static int send_lldp(struct truth *truth, const struct kind *kind)
{
	return send_frames(truth, kind, NULL, ETHERTYPE_LLDP);
}

/* A file's page that the program has not touched: the kernel reads it, a program of the kernel's hooks cannot. */
static int send_untouched(struct truth *truth, const struct kind *kind)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);
	struct frame frame = make_frame("near", &to, kind->option, ETHERTYPE_IP);
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), far = listen_far(), file = memfd_create("frame", MFD_CLOEXEC), seen;
	struct expected *expected = expect_frame(truth, kind, &frame, NULL);
	void *page;

	if (fd < 0)
		return problem(truth, MISSING, "no AF_PACKET: %s", strerror(errno));
	if (write(file, frame.bytes, frame.length) != (ssize_t)frame.length)
		return problem(truth, UNEXPECTED, "write: %s", strerror(errno));
	page = mmap(NULL, frame.length, PROT_READ, MAP_PRIVATE, file, 0);
	if (page == MAP_FAILED)
		return problem(truth, UNEXPECTED, "mmap: %s", strerror(errno));
	sent(expected, 1);
	expected->bytes_sent = frame.length;
	seen = error_of(sendto(fd, page, frame.length, 0, (struct sockaddr *)&frame.where, sizeof(frame.where)));
	close(fd);
	return seen ? check_errno(truth, "sendto", seen, 0) : check_heard(truth, far, &frame, 1);
}

/* Two frames for two places, in memory that the kernel sees; one send() without bytes moves them. */
static int send_ring(struct truth *truth, const struct kind *kind)
{
	struct tpacket_req request = { .tp_block_size = 4096, .tp_block_nr = 1, .tp_frame_size = 2048, .tp_frame_nr = 2 };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), far = listen_far(), version = TPACKET_V2;
	static const char *const places[] = { SILENT4, NO_NEIGHBOUR4 };
	struct frame frames[2];
	ssize_t total = 0, result;
	char *ring;

	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_TX_RING, &request, sizeof(request)))
		return problem(truth, MISSING, "no PACKET_TX_RING: %s", strerror(errno));
	ring = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring == MAP_FAILED)
		return problem(truth, UNEXPECTED, "mmap: %s", strerror(errno));
	for (int index = 0; index < 2; index++) {
		struct address to = address_of(places[index], CLOSED_PORT);
		struct tpacket2_hdr *header = (struct tpacket2_hdr *)(void *)(ring + index * 2048);
		struct expected *expected;

		frames[index] = make_frame("near", &to, kind->option, ETHERTYPE_IP);
		expected = expect_frame(truth, kind, &frames[index], &to);
		sent(expected, 1);
		expected->bytes_sent = frames[index].length;
		total += (ssize_t)frames[index].length;
		memcpy((char *)header + TPACKET2_HDRLEN - sizeof(struct sockaddr_ll), frames[index].bytes, frames[index].length);
		header->tp_len = (uint32_t)frames[index].length;
		__atomic_store_n(&header->tp_status, TP_STATUS_SEND_REQUEST, __ATOMIC_SEQ_CST);
	}
	if (bind(fd, (struct sockaddr *)&frames[0].where, sizeof(frames[0].where)))
		return problem(truth, UNEXPECTED, "bind: %s", strerror(errno));
	result = send(fd, NULL, 0, 0);
	if (result != total)
		return problem(truth, UNEXPECTED, "send: %zd, %s", result, strerror(errno));
	close(fd);
	return check_heard(truth, far, &frames[1], 1);
}

const struct kind packet_kinds[] = {
	{ "packet4-udp", SETUP_ROUTED, send_ip, SILENT4, 0, "sent", "a frame with a datagram", IPPROTO_UDP },
	{ "packet4-udp-many", SETUP_ROUTED, send_ip, SILENT4, 0, "sent", "five frames with datagrams: one attempt", IPPROTO_UDP | MANY },
	{ "packet4-syn", SETUP_ROUTED, send_ip, SILENT4, 0, "sent", "a frame with a SYN", IPPROTO_TCP },
	{ "packet4-icmp", SETUP_ROUTED, send_ip, SILENT4, 0, "sent", "a frame with an echo request", IPPROTO_ICMP },
	{ "packet4-dgram-udp", SETUP_ROUTED, send_ip, SILENT4, 0, "sent", "SOCK_DGRAM: an IPv4 packet", IPPROTO_UDP | DGRAM },
	{ "packet4-bound", SETUP_ROUTED, send_ip, SILENT4, 0, "sent", "bind(), then send()", IPPROTO_UDP | BOUND },
	{ "packet4-bypass", SETUP_ROUTED, send_ip, SILENT4, 0, "sent", "PACKET_QDISC_BYPASS", IPPROTO_UDP | BYPASS },
	{ "packet4-ring", SETUP_ROUTED, send_ring, SILENT4, 0, "sent", "PACKET_TX_RING, two frames by one send()", IPPROTO_UDP | RING },
	{ "packet4-segments", SETUP_ROUTED, send_ip, SILENT4, 0, "sent", "its headers in segments, behind an empty one", IPPROTO_UDP | SEGMENTS },
	{ "packet4-untouched", SETUP_ROUTED, send_untouched, SILENT4, 0, "sent", "a page that was never touched: the address of the send", IPPROTO_UDP },
	{ "packet4-old", SETUP_ROUTED, send_ip, SILENT4, 0, "sent", "SOCK_PACKET", IPPROTO_UDP | OLD },
	{ "packet4-dark", SETUP_DARK, send_ip, SILENT4, ENETDOWN, "unreachable", "the interface is down", IPPROTO_UDP },
	{ "packet6-udp", SETUP_ROUTED, send_ip, SILENT6, 0, "sent", "a frame with a datagram", IPPROTO_UDP },
	{ "packet6-syn", SETUP_ROUTED, send_ip, SILENT6, 0, "sent", "a frame with a SYN", IPPROTO_TCP },
	{ "packet6-dgram-udp", SETUP_ROUTED, send_ip, SILENT6, 0, "sent", "SOCK_DGRAM: an IPv6 packet", IPPROTO_UDP | DGRAM },
	{ "packet-arp", SETUP_ROUTED, send_arp, "-", 0, "sent", "a frame with an ARP request" },
	{ "packet-dgram-arp", SETUP_ROUTED, send_arp, "-", 0, "sent", "SOCK_DGRAM: an ARP request", DGRAM },
	{ "packet-lldp", SETUP_ROUTED, send_lldp, "-", 0, "sent", "a frame with LLDP" },
	{ "packet-dgram-lldp", SETUP_ROUTED, send_lldp, "-", 0, "sent", "SOCK_DGRAM: an LLDP data unit", DGRAM },
	{},
};
