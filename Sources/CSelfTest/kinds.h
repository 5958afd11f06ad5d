/* How the kinds are made; each in a process of its own, in the namespace. */
#ifndef TATTLE_KINDS_H
#define TATTLE_KINDS_H

#include "CSelfTest.h"
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#define PAYLOAD "0123456789"
#define PAYLOAD_LENGTH 10

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

struct kind {
	const char *name;
	/* Makes the attempt and tells of it; what returns without telling is not available. */
	void (*make)(struct tattle_truth *truth, const struct kind *kind);
	sa_family_t family;
	uint8_t needs;
	int option;           /* what `make` takes it for */
	const char *protocol; /* as in /proc/net/protocols; NULL: a kernel with the family has it */
};

/* Each ended by an entry without a name. */
extern const struct kind stream_kinds[], datagram_kinds[], packet_kinds[];

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t length;
};

/* This machine's loopback, and addresses for documentation (RFC 5737, 3849), which have no route here. */
struct address loopback(sa_family_t family, uint16_t port);
struct address elsewhere(sa_family_t family);
/* Where nobody listens: a port that no other kind uses. */
struct address closed(const struct kind *kind);

/* Tells where it goes, before it does. */
void begin(struct tattle_truth *truth, const struct address *to, int protocol, uint8_t via);
/* Tells how it ended: with an errno, or with `outcome` when that is 0. */
void end(struct tattle_truth *truth, int error, uint8_t outcome);

/* A socket that has an address of its own: `at` gets the port that was chosen. -1 when that cannot be. */
int bound(struct address *at, int type, int protocol);
int socket_for(const struct address *to, int type, int protocol);
/* errno of a call that gave this; 0: it succeeded. */
int error_of(ssize_t result);

/* rings.c: one request of an io_uring on a socket: IORING_OP_CONNECT or _SENDMSG. False: there is none. */
struct msghdr;
bool ring_open(int *ring);
/* The request's result, a negative errno when it failed. */
int ring_do(int ring, int operation, int fd, const void *argument, uint64_t length);

#endif
