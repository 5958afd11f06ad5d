/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets made by hand. */
#ifndef CRAFT_H
#define CRAFT_H

#include "attempts.h"

#define CRAFT_CAPACITY 128

/* Writes what follows an IP header: an echo request, a SYN, a UDP datagram, or ten bytes. Gives the length. */
size_t craft_body(uint8_t *out, const struct address *from, const struct address *to, int protocol);
/* The same with the IP header before it. */
size_t craft_packet(uint8_t *out, const struct address *from, const struct address *to, int protocol);
/* Whether the protocol has ports, which a record must show. */
bool has_ports(int protocol);

#endif
