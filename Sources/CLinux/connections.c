/* What the kernel counts of TCP connections: sock_diag(7). */
#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As the kernel's enum has them, which no header for programs does: net/tcp_states.h. */
enum { STATE_ESTABLISHED = 1, STATE_CLOSE_WAIT = 8 };

struct opening {
	int namespace;
	int descriptor;
	int error;
};

static void *open_there(void *argument)
{
	struct opening *opening = argument;

	opening->descriptor = -1;
	if (setns(opening->namespace, CLONE_NEWNET) == 0)
		opening->descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	opening->error = errno;
	return NULL;
}

int tattle_connections_open(int namespace)
{
	/* A socket stays in the namespace that it was made in; this thread does not go there, another one does. */
	struct opening opening = { .namespace = namespace };
	pthread_t thread;
	int error = pthread_create(&thread, NULL, open_there, &opening);

	if (error == 0)
		error = pthread_join(thread, NULL);
	if (error != 0) {
		errno = error;
		return -1;
	}
	errno = opening.error;
	return opening.descriptor;
}

int tattle_connections_ask(int descriptor, bool is_ipv6)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 request;
	} message = {
		.header = { .nlmsg_len = sizeof(message), .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.request = { .sdiag_family = is_ipv6 ? AF_INET6 : AF_INET, .sdiag_protocol = IPPROTO_TCP,
			     .idiag_ext = 1 << (INET_DIAG_INFO - 1),
			     .idiag_states = 1 << STATE_ESTABLISHED | 1 << STATE_CLOSE_WAIT },
	};

	return send(descriptor, &message, sizeof(message), 0) == sizeof(message) ? 0 : -1;
}

static bool take(const struct nlmsghdr *header, struct tattle_connection *connection)
{
	const struct inet_diag_msg *socket = NLMSG_DATA(header);
	size_t left = header->nlmsg_len - NLMSG_LENGTH(sizeof(*socket));
	const struct nlattr *attribute = (const void *)(socket + 1);

	if (header->nlmsg_len < NLMSG_LENGTH(sizeof(*socket)))
		return false;
	memcpy(connection->source, socket->id.idiag_src, sizeof(connection->source));
	memcpy(connection->destination, socket->id.idiag_dst, sizeof(connection->destination));
	connection->source_port = __builtin_bswap16(socket->id.idiag_sport);
	connection->destination_port = __builtin_bswap16(socket->id.idiag_dport);
	connection->is_ipv6 = socket->idiag_family == AF_INET6;
	while (left >= sizeof(*attribute) && attribute->nla_len >= sizeof(*attribute) && attribute->nla_len <= left) {
		size_t length = NLMSG_ALIGN(attribute->nla_len);

		if ((attribute->nla_type & NLA_TYPE_MASK) == INET_DIAG_INFO) {
			/* Older kernels tell less, newer ones more. */
			struct tcp_info info = { 0 };
			size_t told = attribute->nla_len - sizeof(*attribute);

			memcpy(&info, attribute + 1, told < sizeof(info) ? told : sizeof(info));
			connection->last_sent_ms = info.tcpi_last_data_sent;
			connection->data_segments_out = info.tcpi_data_segs_out;
			connection->bytes_sent = info.tcpi_bytes_sent - info.tcpi_bytes_retrans;
			connection->bytes_received = info.tcpi_bytes_received;
			return true;
		}
		if (length >= left)
			break;
		left -= length;
		attribute = (const void *)((const char *)attribute + length);
	}
	return false;
}

ssize_t tattle_connections_read(int descriptor, struct tattle_connection connections[TATTLE_CONNECTIONS_MOST])
{
	/* As much as the kernel puts into one answer at the most; a message is longer than 88 bytes. */
	_Alignas(struct nlmsghdr) char buffer[32768];

	for (;;) {
		ssize_t count = 0;
		ssize_t got = recv(descriptor, buffer, sizeof(buffer), 0);
		struct nlmsghdr *header = (void *)buffer;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got;
		for (size_t left = (size_t)got; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
			if (header->nlmsg_type == NLMSG_DONE)
				/* What came before it is in other answers. */
				return count;
			if (header->nlmsg_type == NLMSG_ERROR) {
				const struct nlmsgerr *error = NLMSG_DATA(header);

				errno = -error->error;
				return -1;
			}
			if (count < TATTLE_CONNECTIONS_MOST && take(header, &connections[count]))
				count++;
		}
		if (count > 0)
			return count;
	}
}
