/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls of i386, which a 64-bit program may make as well: int $0x80, pointers below 4 GiB. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Options of kinds: the call. */
enum {
	CONNECT,
	SOCKETCALL_CONNECT,
	SENDTO,
	SOCKETCALL_SENDTO,
	SENDMSG,
	SENDMMSG,
	FAST_OPEN,
	FAST_OPEN_MESSAGE,
};

#ifdef __x86_64__

/* arch/x86/entry/syscalls/syscall_32.tbl and linux/net.h. */
enum { CALL_GETPID = 20, CALL_SOCKETCALL = 102, CALL_SENDMMSG = 345, CALL_CONNECT = 362, CALL_SENDTO = 369, CALL_SENDMSG = 370 };
enum { SOCKETCALL_NUMBER_CONNECT = 3, SOCKETCALL_NUMBER_SENDTO = 11 };

/* Everything a call points to. */
struct low {
	struct address to;
	char bytes[10];
	struct {
		uint32_t base, length;
	} payload;
	struct {
		uint32_t name;
		int32_t name_length;
		uint32_t payload, payload_count, control, control_length, flags, sent;
	} message; /* a struct mmsghdr too */
	uint32_t arguments[6];
};

/* The sixth argument is in the frame pointer's register. */
int call32(int number, const uint32_t *arguments);
asm(".text\n.global call32\n.type call32, @function\ncall32:\n"
    "	push %rbx\n	push %rbp\n	mov %edi, %eax\n	mov %rsi, %r8\n"
    "	mov 0(%r8), %ebx\n	mov 4(%r8), %ecx\n	mov 8(%r8), %edx\n"
    "	mov 12(%r8), %esi\n	mov 16(%r8), %edi\n	mov 20(%r8), %ebp\n"
    "	int $0x80\n	pop %rbp\n	pop %rbx\n	ret\n.size call32, . - call32\n");

/* Where the kernel has no such calls, the instruction is a fault. */
static bool has_calls(void)
{
	uint32_t none[6] = {};
	pid_t child = fork();
	int status;

	if (!child)
		_exit(call32(CALL_GETPID, none) == getpid() ? 0 : 1);
	return waitpid(child, &status, 0) == child && !status;
}

static uint32_t low32(const void *place)
{
	return (uint32_t)(uintptr_t)place;
}

static int call(int option, struct low *low, int fd)
{
	uint32_t connect_with[6] = { (uint32_t)fd, low32(&low->to), low->to.length };
	uint32_t send_with[6] = { (uint32_t)fd, low32(low->bytes), 10, 0, low32(&low->to), low->to.length };
	uint32_t message_with[6] = { (uint32_t)fd, low32(&low->message) };
	uint32_t messages_with[6] = { (uint32_t)fd, low32(&low->message), 1 };
	uint32_t multiplexed[6] = { SOCKETCALL_NUMBER_CONNECT, low32(low->arguments) };

	low->payload.base = low32(low->bytes);
	low->payload.length = 10;
	low->message.name = low32(&low->to);
	low->message.name_length = (int32_t)low->to.length;
	low->message.payload = low32(&low->payload);
	low->message.payload_count = 1;
	switch (option) {
	case CONNECT:
		return call32(CALL_CONNECT, connect_with);
	case SOCKETCALL_CONNECT:
		memcpy(low->arguments, connect_with, sizeof(connect_with));
		return call32(CALL_SOCKETCALL, multiplexed);
	case SENDTO:
		return call32(CALL_SENDTO, send_with);
	case SOCKETCALL_SENDTO:
		multiplexed[0] = SOCKETCALL_NUMBER_SENDTO;
		memcpy(low->arguments, send_with, sizeof(send_with));
		return call32(CALL_SOCKETCALL, multiplexed);
	case FAST_OPEN:
		send_with[3] = MSG_FASTOPEN | MSG_NOSIGNAL;
		return call32(CALL_SENDTO, send_with);
	case FAST_OPEN_MESSAGE:
		message_with[2] = MSG_FASTOPEN | MSG_NOSIGNAL;
		return call32(CALL_SENDMSG, message_with);
	case SENDMSG:
		return call32(CALL_SENDMSG, message_with);
	default:
		return call32(CALL_SENDMMSG, messages_with);
	}
}

static struct low *allocate(struct truth *truth)
{
	struct low *low = mmap(NULL, sizeof(*low), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (low == MAP_FAILED || !has_calls()) {
		problem(truth, MISSING, "this kernel has no 32-bit system calls");
		return NULL;
	}
	memcpy(low->bytes, "0123456789", 10);
	return low;
}

static int connect_by_call(struct truth *truth, const struct kind *kind)
{
	struct low *low = allocate(truth);
	struct server server = { .connections = 1 };
	int fd, seen, status = AS_EXPECTED;
	struct expected *expected;

	if (!low)
		return MISSING;
	low->to = kind->error ? failing_address(kind) : address_of(kind->ip, 0);
	if (!kind->error)
		status = start_server(truth, &server, &low->to, SOCK_STREAM, 0);
	if (status)
		return status;
	fd = new_socket(&low->to, SOCK_STREAM);
	expected = expect(truth, IPPROTO_TCP, &low->to, kind->result, kind->error);
	if (kind->error == ENETUNREACH)
		expected->blocked_by = "route";
	if (kind->option == FAST_OPEN || kind->option == FAST_OPEN_MESSAGE)
		expected->via = "fast_open";
	seen = -call(kind->option, low, fd);
	if (seen || kind->error) {
		close(fd);
		return check_errno(truth, "connect", seen, kind->error);
	}
	talks(expected);
	if (write(fd, "0123456789", 10) != 10)
		return problem(truth, UNEXPECTED, "write: %s", strerror(errno));
	close(fd);
	return finish_server(truth, &server, 10);
}

static int send_by_call(struct truth *truth, const struct kind *kind)
{
	struct low *low = allocate(truth);
	int fd, result, receiver = -1;
	struct expected *expected;

	if (!low)
		return MISSING;
	low->to = kind->error ? failing_address(kind) : address_of(kind->ip, 0);
	if (!kind->error)
		receiver = bind_at(&low->to);
	fd = new_socket(&low->to, SOCK_DGRAM);
	expected = expect(truth, IPPROTO_UDP, &low->to, kind->result, kind->error);
	if (kind->option == SENDMMSG)
		expected->via = "sendmmsg";
	if (kind->error)
		expected->blocked_by = "route";
	else
		sent(expected, 1);
	result = call(kind->option, low, fd);
	close(fd);
	if (result < 0 || kind->error)
		return check_errno(truth, "the send", result < 0 ? -result : 0, kind->error);
	return check_received(truth, receiver, 1, 10);
}

#else

static int connect_by_call(struct truth *truth, const struct kind *kind)
{
	(void)kind;
	return problem(truth, MISSING, "there is no other kind of system call on this processor");
}

static int send_by_call(struct truth *truth, const struct kind *kind)
{
	return connect_by_call(truth, kind);
}

#endif

const struct kind compat_kinds[] = {
	{ "compat-tcp4-established", SETUP_LOOPBACK, connect_by_call, "127.0.0.1", 0, "established", "connect() of i386", CONNECT },
	{ "compat-tcp4-refused", SETUP_LOOPBACK, connect_by_call, "127.0.0.1", ECONNREFUSED, "refused", "connect() of i386", CONNECT },
	{ "compat-tcp6-refused", SETUP_LOOPBACK, connect_by_call, "::1", ECONNREFUSED, "refused", "connect() of i386", CONNECT },
	{ "compat-tcp4-offline", SETUP_OFFLINE, connect_by_call, SILENT4, ENETUNREACH, "unreachable", "connect() of i386", CONNECT },
	{ "compat-tcp4-socketcall", SETUP_LOOPBACK, connect_by_call, "127.0.0.1", ECONNREFUSED, "refused", "connect() by socketcall()", SOCKETCALL_CONNECT },
	{ "compat-tcp4-fastopen-refused", SETUP_LOOPBACK, connect_by_call, "127.0.0.1", ECONNREFUSED, "refused", "sendto(MSG_FASTOPEN) of i386", FAST_OPEN },
	{ "compat-tcp4-fastopen-offline", SETUP_OFFLINE, connect_by_call, SILENT4, ENETUNREACH, "unreachable", "sendto(MSG_FASTOPEN) of i386", FAST_OPEN },
	{ "compat-tcp4-fastopen-sendmsg-offline", SETUP_OFFLINE, connect_by_call, SILENT4, ENETUNREACH, "unreachable", "sendmsg(MSG_FASTOPEN) of i386", FAST_OPEN_MESSAGE },
	{ "compat-udp4-sendto", SETUP_LOOPBACK, send_by_call, "127.0.0.1", 0, "sent", "sendto() of i386", SENDTO },
	{ "compat-udp4-socketcall", SETUP_LOOPBACK, send_by_call, "127.0.0.1", 0, "sent", "sendto() by socketcall()", SOCKETCALL_SENDTO },
	{ "compat-udp4-sendmsg", SETUP_LOOPBACK, send_by_call, "127.0.0.1", 0, "sent", "sendmsg() of i386", SENDMSG },
	{ "compat-udp6-sendmsg", SETUP_LOOPBACK, send_by_call, "::1", 0, "sent", "sendmsg() of i386", SENDMSG },
	{ "compat-udp4-sendmmsg", SETUP_LOOPBACK, send_by_call, "127.0.0.1", 0, "sent", "sendmmsg() of i386", SENDMMSG },
	{ "compat-udp4-offline", SETUP_OFFLINE, send_by_call, SILENT4, ENETUNREACH, "unreachable", "sendto() of i386", SENDTO },
	{},
};
