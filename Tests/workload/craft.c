/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets made by hand: RFC 791, 8200, 792, 4443, 768, 9293. */
#define _GNU_SOURCE
#include "craft.h"
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#define SOURCE_PORT 40404

static uint32_t sum(const void *bytes, size_t length, uint32_t start)
{
	const uint8_t *byte = bytes;

	for (size_t index = 0; index < length; index++)
		start += index % 2 ? byte[index] : (uint32_t)byte[index] << 8;
	return start;
}

static uint16_t fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return htons((uint16_t)~total);
}

static uint32_t pseudo_header(const struct address *from, const struct address *to, int protocol, size_t length)
{
	uint32_t total = (uint32_t)protocol + (uint32_t)length;

	if (to->any.sa_family == AF_INET) {
		total = sum(&from->v4.sin_addr, 4, total);
		return sum(&to->v4.sin_addr, 4, total);
	}
	total = sum(&from->v6.sin6_addr, 16, total);
	return sum(&to->v6.sin6_addr, 16, total);
}

bool has_ports(int protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

size_t craft_body(uint8_t *out, const struct address *from, const struct address *to, int protocol)
{
	struct tcphdr syn = { .th_sport = htons(SOURCE_PORT), .th_dport = to->v4.sin_port, .th_off = 5, .th_flags = TH_SYN, .th_win = htons(1024) };
	struct udphdr udp = { .uh_sport = htons(SOURCE_PORT), .uh_dport = to->v4.sin_port, .uh_ulen = htons(18) };
	struct icmphdr echo = { .type = ICMP_ECHO };
	struct icmp6_hdr echo6 = { .icmp6_type = ICMP6_ECHO_REQUEST };

	switch (protocol) {
	case IPPROTO_TCP:
		syn.th_sum = fold(sum(&syn, sizeof(syn), pseudo_header(from, to, protocol, sizeof(syn))));
		memcpy(out, &syn, sizeof(syn));
		return sizeof(syn);
	case IPPROTO_UDP:
		memcpy(out + sizeof(udp), "0123456789", 10);
		udp.uh_sum = fold(sum(out + sizeof(udp), 10, sum(&udp, sizeof(udp), pseudo_header(from, to, protocol, 18))));
		memcpy(out, &udp, sizeof(udp));
		return sizeof(udp) + 10;
	case IPPROTO_ICMP:
		echo.checksum = fold(sum(&echo, sizeof(echo), 0));
		memcpy(out, &echo, sizeof(echo));
		return sizeof(echo);
	case IPPROTO_ICMPV6:
		echo6.icmp6_cksum = fold(sum(&echo6, sizeof(echo6), pseudo_header(from, to, protocol, sizeof(echo6))));
		memcpy(out, &echo6, sizeof(echo6));
		return sizeof(echo6);
	default:
		memcpy(out, "0123456789", 10);
		return 10;
	}
}

size_t craft_packet(uint8_t *out, const struct address *from, const struct address *to, int protocol)
{
	bool is_v4 = to->any.sa_family == AF_INET;
	size_t header = is_v4 ? sizeof(struct ip) : sizeof(struct ip6_hdr);
	size_t length = craft_body(out + header, from, to, protocol);

	if (is_v4) {
		struct ip ip = {
			.ip_v = 4, .ip_hl = 5, .ip_len = htons((uint16_t)(header + length)), .ip_ttl = 64,
			.ip_p = (uint8_t)protocol, .ip_src = from->v4.sin_addr, .ip_dst = to->v4.sin_addr,
		};

		ip.ip_sum = fold(sum(&ip, sizeof(ip), 0));
		memcpy(out, &ip, sizeof(ip));
	} else {
		struct ip6_hdr ip = { .ip6_src = from->v6.sin6_addr, .ip6_dst = to->v6.sin6_addr };

		ip.ip6_vfc = 6 << 4;
		ip.ip6_plen = htons((uint16_t)length);
		ip.ip6_nxt = (uint8_t)protocol;
		ip.ip6_hlim = 64;
		memcpy(out, &ip, sizeof(ip));
	}
	return header + length;
}
