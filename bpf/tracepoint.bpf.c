// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Hook set `tracepoint`: for kernels without kprobes that refuse trampolines. The cgroup hooks
 * see each destination before anything can fail, inet_sock_set_state sees the answers, and the
 * system call's return value (or sock_send_length) the errno. A socket is known by its cookie,
 * which the cgroup hooks make: they are given no kernel pointer.
 */
#include "tattle.h"

static __always_inline __u64 key_of_socket(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);
}

#include "blocked.h"

/* The call under way says why: closed without a reason within a connect() that will fail. */
static __always_inline bool is_left_to_exit(const struct tattle_attempt *attempt)
{
	__u64 key = call_key(CALL_CONNECT);
	struct call *call;

	if (attempt->tid != (__u32)bpf_get_current_pid_tgid())
		return false;
	call = find_call(key);
	if (!call || call->socket_key != attempt->socket_key)
		return false;
	call->left_to_exit = 1;
	return true;
}

/* Whether a send's result is known from its system call only. No kernel that the second build is for is so old. */
static __always_inline bool is_told_by_return(void)
{
#ifdef TATTLE_UNINTERRUPTED
	return false;
#else
	return !has_send_length;
#endif
}

/*
 * Before 6.4 nothing tells of a datagram when it was sent, only the return of the system call, and
 * sendmmsg() sends several: each keeps a place of its own until then. Returns the next free one.
 */
static __always_inline enum call_kind next_message(void)
{
	for (int i = 0; i < MAX_MESSAGES; i++) {
		__u64 key = call_key(CALL_MESSAGE + i);

		if (!find_call(key))
			return CALL_MESSAGE + i;
	}
	return CALL_MESSAGE + MAX_MESSAGES - 1;
}

static __always_inline void forget_messages(void)
{
	for (int i = 0; i < MAX_MESSAGES; i++) {
		__u64 key = call_key(CALL_MESSAGE + i);

		drop_call(key);
	}
}

/* Remembers what the thread is about to try. Says yes to it always: tattle only looks. */
static __always_inline int enter_call(struct bpf_sock_addr *ctx, bool is_connect, bool is_v6)
{
	struct call call = {};
	__u32 protocol = ctx->protocol;
	enum call_kind kind = is_connect ? CALL_CONNECT : CALL_SEND;
	__u64 key;

	if (protocol != IPPROTO_TCP && protocol != IPPROTO_MPTCP && !is_datagram_protocol(protocol))
		return 1;
	call.socket_key = bpf_get_socket_cookie(ctx);
	call.entry_boot_ns = bpf_ktime_get_boot_ns();
	call.protocol = protocol;
	call.destination_port_be = ctx->user_port;
	if (is_v6) {
		__u32 *words = (__u32 *)call.destination;

		words[0] = ctx->user_ip6[0];
		words[1] = ctx->user_ip6[1];
		words[2] = ctx->user_ip6[2];
		words[3] = ctx->user_ip6[3];
		call.family = AF_INET6;
		if (is_mapped(call.destination)) {
			call.family = AF_INET;
			call.flags = TATTLE_FLAG_MAPPED;
		}
	} else {
		set_mapped(call.destination, ctx->user_ip4);
		call.family = AF_INET;
	}
	if (is_connect && is_datagram_protocol(protocol))
		kind = CALL_DATAGRAM_CONNECT;
	if (!is_connect && is_told_by_return())
		kind = next_message();
	key = call_key(kind);
	put_call(key, &call);
	return 1;
}

/* match-proto: include/linux/bpf-cgroup.h: BPF_CGROUP_RUN_PROG_INET4_CONNECT, before tcp_v4_connect() looks for a route */
SEC("cgroup/connect4")
int on_connect4(struct bpf_sock_addr *ctx)
{
	return enter_call(ctx, true, false);
}

SEC("cgroup/connect6")
int on_connect6(struct bpf_sock_addr *ctx)
{
	return enter_call(ctx, true, true);
}

/* match-proto: include/linux/bpf-cgroup.h: BPF_CGROUP_RUN_PROG_UDP4_SENDMSG_LOCK, unconnected sends only */
SEC("cgroup/sendmsg4")
int on_sendmsg4(struct bpf_sock_addr *ctx)
{
	return enter_call(ctx, false, false);
}

SEC("cgroup/sendmsg6")
int on_sendmsg6(struct bpf_sock_addr *ctx)
{
	return enter_call(ctx, false, true);
}

/* The `struct sock *` that this kind of program has for its context; for a number the verifier takes it from a map only. */
static __always_inline __u64 address_of(struct bpf_sock *ctx)
{
	struct call none = {}, *call;
	__u64 key = call_key(CALL_SOCKET_END), address = 0;

	put_call(key, &none);
	call = find_call(key);
	if (call) {
		*(struct bpf_sock *volatile *)&call->socket = ctx;
		address = *(volatile __u64 *)&call->socket;
	}
	drop_call(key);
	return address;
}

/* match-proto: include/linux/bpf-cgroup.h: BPF_CGROUP_RUN_PROG_INET_SOCK_RELEASE */
SEC("cgroup/sock_release")
int on_socket_end(struct bpf_sock *ctx)
{
	/* No cgroup hook is asked about UDP-Lite, so that it has no cookie as a rule. */
	if (ctx->protocol == IPPROTO_UDPLITE)
		end_socket(address_of(ctx), TATTLE_HOOK_SOCKET_END);
	if (is_datagram_protocol(ctx->protocol))
		end_socket(bpf_get_socket_cookie(ctx), TATTLE_HOOK_SOCKET_END);
	else if (ctx->protocol == IPPROTO_TCP && ctx->state == TCP_CLOSE)
		note_unseen_end(bpf_get_socket_cookie(ctx));
	return 1;
}

/* The route was found and the SYN is next: in the caller's own context, so it can be told of. */
static __always_inline void enter_syn_sent(struct sock *sk, __u64 cookie, __u8 hook)
{
	__u64 key = call_key(CALL_CONNECT);
	struct call *call = find_call(key);
	struct tattle_attempt *attempt;
	struct destination to;

	if (!call || call->socket_key != cookie || call->flags & TATTLE_FLAG_REPORTED)
		return;
	destination_of(call, &to);
	if (is_join(sk))
		return;
	/* From here on the socket's states tell, not the return value; wanted or not. */
	call->flags |= TATTLE_FLAG_REPORTED;
	begin_connect(sk, cookie, call->protocol, &to, call->entry_boot_ns, TATTLE_VIA_SYSCALL, hook);
	attempt = find_attempt(cookie);
	if (attempt)
		report_begun(attempt, hook);
}

/* Of all the states of all sockets: whether a change to this one is looked at. */
static __always_inline bool is_state_told_of(int state)
{
	return state == TCP_SYN_SENT || state == TCP_ESTABLISHED || state == TCP_CLOSE;
}

static __always_inline void change_state_by_cookie(struct sock *sk, int old_state, int new_state, __u8 hook)
{
	struct tattle_attempt *attempt;
	__u64 cookie;

	if (!is_state_told_of(new_state))
		return;
	cookie = key_of_socket(sk);
	/* No cgroup hook ever saw it. */
	if (!cookie)
		return;
	if (new_state == TCP_SYN_SENT) {
		enter_syn_sent(sk, cookie, hook);
		return;
	}
	attempt = find_attempt(cookie);
	if (attempt)
		change_state(attempt, sk, cookie, old_state, new_state, hook);
}

/* match-proto: include/trace/events/sock.h: inet_sock_set_state(const struct sock *sk, const int oldstate, const int newstate) */
SEC("tp_btf/inet_sock_set_state")
int on_state(struct bpf_raw_tracepoint_args *ctx)
{
	if (is_state_told_of((int)ctx->args[2]))
		RUN_STATE(change_state_by_cookie((struct sock *)ctx->args[0], (int)ctx->args[1], (int)ctx->args[2], TATTLE_HOOK_STATE));
	return 0;
}

STATE_STAND_INS(on_state, change_state_by_cookie((struct sock *)ctx->args[0], (int)ctx->args[1], (int)ctx->args[2],
						 TATTLE_HOOK_STATE_AGAIN))
STEADY_STATE_STAND_IN(on_state, change_state_by_cookie((struct sock *)BPF_CORE_READ(ctx, skaddr),
						       BPF_CORE_READ(ctx, oldstate), BPF_CORE_READ(ctx, newstate), TATTLE_HOOK_STATE_AGAIN))

/* More of a datagram that is being put together goes where its first part went, and nobody is asked again. */
static __always_inline bool read_corked(struct destination *to, __u64 cookie)
{
	struct tattle_udp_socket *socket = find_socket(cookie);

	if (!socket || !socket->flow.is_corked)
		return false;
	__builtin_memcpy(to->address, socket->destination, 16);
	to->port_be = socket->destination_port_be;
	to->family = is_mapped(to->address) ? AF_INET : AF_INET6;
	to->flags = 0;
	return true;
}

/* A datagram's result, whichever hook brought it. */
static __always_inline void leave_send(struct sock *sk, enum call_kind kind, long result, __u8 hook)
{
	__u64 key = call_key(kind);
	__u64 cookie = key_of_socket(sk);
	struct call *call = find_call(key);
	struct destination to;
	__u16 protocol = BPF_CORE_READ(sk, sk_protocol);

	if (call && call->socket_key == cookie) {
		destination_of(call, &to);
		drop_call(key);
	} else {
		/* Connected: the cgroup hook is not asked again. */
		read_peer(&to, sk, BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET);
		if (!to.port_be && !read_corked(&to, cookie))
			return;
	}
	finish_send(sk, cookie ? cookie : (__u64)sk, protocol, &to, result,
		    take_refusal(cookie, result, is_drop_explained() ? TATTLE_BLOCKED_BY_CGROUP : TATTLE_BLOCKED_BY_NONE),
		    hook);
}

static __always_inline void leave_send_length(struct sock *sk, int result)
{
	if (is_datagram_protocol(BPF_CORE_READ(sk, sk_protocol)))
		leave_send(sk, CALL_SEND, result, TATTLE_HOOK_SEND_LENGTH);
}

/* match-proto: include/trace/events/sock.h: sock_send_length(struct sock *sk, int ret, int flags); since 6.4 */
SEC("raw_tp/sock_send_length")
int on_send_length(struct bpf_raw_tracepoint_args *ctx)
{
	RUN(TATTLE_HOOK_SEND_LENGTH, leave_send_length((struct sock *)ctx->args[0], (int)ctx->args[1]));
	return 0;
}

#include "system_calls.h"

static __always_inline long number_of_call(struct bpf_raw_tracepoint_args *ctx)
{
	return ((struct pt_regs *)ctx->args[0])->orig_ax;
}

/* As a number: a global function takes nothing else. */
static __always_inline struct pt_regs *registers_of(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *registers = NULL;

	bpf_probe_read_kernel(&registers, sizeof(registers), &ctx->args[0]);
	return registers;
}

/* match-proto: include/trace/events/syscalls.h: sys_exit(struct pt_regs *regs, long ret) */
SEC("tp_btf/sys_exit")
int on_syscall_exit(struct bpf_raw_tracepoint_args *ctx)
{
	long number = number_of_call(ctx);

	/* Only connect() has stand-ins. */
	if (is_connect(number))
		RUN(TATTLE_HOOK_SYSCALL_EXIT, leave_system_call(registers_of(ctx), number, (long)ctx->args[1]));
	else if (is_sending_call(number))
		UNINTERRUPTED(leave_system_call(registers_of(ctx), number, (long)ctx->args[1]));
	return 0;
}

/*
 * match-proto: include/trace/events/io_uring.h: io_uring_complete(struct io_ring_ctx *ctx, void *req, struct io_uring_cqe *cqe); since 6.16
 * match-proto: include/trace/events/io_uring.h: io_uring_complete(void *ctx, void *req, u64 user_data, int res, unsigned int cflags, u64 extra1, u64 extra2); since 5.19; before 6.16
 * match-proto: include/trace/events/io_uring.h: io_uring_complete(void *ctx, u64 user_data, int res, unsigned int cflags); before 5.19
 */
SEC("raw_tp/io_uring_complete")
int on_ring_completion(struct bpf_raw_tracepoint_args *ctx)
{
	struct io_kiocb *request = NULL;
	long result;

	if (LINUX_KERNEL_VERSION >= KERNEL_VERSION_5_19)
		request = (struct io_kiocb *)load_argument(ctx, 1);
	if (has_completion_entry)
		result = BPF_CORE_READ((struct io_uring_cqe *)load_argument(ctx, 2), res);
	else if (request)
		result = (int)load_argument(ctx, 3);
	else
		result = (int)load_argument(ctx, 2);
	UNINTERRUPTED(leave_ring_connect(request, result));
	return 0;
}

RAW_STAND_INS("raw_tp/sock_send_length", on_send_length, TATTLE_HOOK_SEND_LENGTH, true,
	      leave_send_length((struct sock *)ctx->args[0], (int)ctx->args[1]))
RAW_STAND_INS("tp_btf/sys_exit", on_syscall_exit, TATTLE_HOOK_SYSCALL_EXIT,
	      is_connect(number_of_call(ctx)), leave_system_call(registers_of(ctx), number_of_call(ctx), (long)ctx->args[1]))
STEADY_STAND_IN("tp/syscalls/sys_exit_connect", on_syscall_exit, TATTLE_HOOK_SYSCALL_EXIT,
		struct trace_event_raw_sys_exit,
		leave_system_call((struct pt_regs *)bpf_task_pt_regs((void *)bpf_get_current_task_btf()), NR_connect,
				  BPF_CORE_READ(ctx, ret)))
