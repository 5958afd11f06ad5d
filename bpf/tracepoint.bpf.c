// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Hook set `tracepoint`: for kernels without kprobes that refuse trampolines. The cgroup hooks
 * see each destination before anything can fail, inet_sock_set_state sees the answers, and the
 * system call's return value (or sock_send_length) the errno. A socket is known by its cookie,
 * which the cgroup hooks make: they are given no kernel pointer.
 */
#include "tattle.h"

/* x86-64 system call numbers: arch/x86/entry/syscalls/syscall_64.tbl */
#define NR_write 1
#define NR_writev 20
#define NR_connect 42

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
	call = bpf_map_lookup_elem(&calls, &key);
	if (!call || call->socket_key != attempt->socket_key)
		return false;
	call->left_to_exit = 1;
	return true;
}

/*
 * Before 6.4 nothing tells of a datagram when it was sent, only the return of the system call, and
 * sendmmsg() sends several: each keeps a place of its own until then. Returns the next free one.
 */
static __always_inline enum call_kind next_message(void)
{
	for (int i = 0; i < MAX_MESSAGES; i++) {
		__u64 key = call_key(CALL_MESSAGE + i);

		if (!bpf_map_lookup_elem(&calls, &key))
			return CALL_MESSAGE + i;
	}
	return CALL_MESSAGE + MAX_MESSAGES - 1;
}

static __always_inline void forget_messages(void)
{
	for (int i = 0; i < MAX_MESSAGES; i++) {
		__u64 key = call_key(CALL_MESSAGE + i);

		bpf_map_delete_elem(&calls, &key);
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
	if (!is_connect && !has_send_length)
		kind = next_message();
	key = call_key(kind);
	bpf_map_update_elem(&calls, &key, &call, BPF_ANY);
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

/* match-proto: include/linux/bpf-cgroup.h: BPF_CGROUP_RUN_PROG_INET_SOCK_RELEASE */
SEC("cgroup/sock_release")
int on_socket_end(struct bpf_sock *ctx)
{
	if (is_datagram_protocol(ctx->protocol))
		end_socket(bpf_get_socket_cookie(ctx), TATTLE_HOOK_SOCKET_END);
	return 1;
}

/* The route was found and the SYN is next: in the caller's own context, so it can be told of. */
static __always_inline void enter_syn_sent(struct sock *sk, __u64 cookie, __u8 hook)
{
	__u64 key = call_key(CALL_CONNECT);
	struct call *call = bpf_map_lookup_elem(&calls, &key);
	struct tattle_attempt *attempt;
	struct destination to;

	if (!call || call->socket_key != cookie || call->flags & TATTLE_FLAG_REPORTED)
		return;
	destination_of(call, &to);
	/* From here on the socket's states tell, not the return value; wanted or not. */
	call->flags |= TATTLE_FLAG_REPORTED;
	begin_connect(sk, cookie, call->protocol, &to, call->entry_boot_ns, TATTLE_VIA_SYSCALL, hook);
	attempt = bpf_map_lookup_elem(&tcp_attempts, &cookie);
	if (attempt)
		report_begun(attempt, hook);
}

static __always_inline void change_state_by_cookie(struct sock *sk, int old_state, int new_state, __u8 hook)
{
	__u64 cookie;

	if (new_state != TCP_SYN_SENT && new_state != TCP_ESTABLISHED && new_state != TCP_CLOSE)
		return;
	cookie = key_of_socket(sk);
	/* No cgroup hook ever saw it. */
	if (!cookie)
		return;
	if (new_state == TCP_SYN_SENT)
		enter_syn_sent(sk, cookie, hook);
	else
		change_state(sk, cookie, old_state, new_state, hook);
}

/* match-proto: include/trace/events/sock.h: inet_sock_set_state(const struct sock *sk, const int oldstate, const int newstate) */
SEC("raw_tp/inet_sock_set_state")
int on_state(struct bpf_raw_tracepoint_args *ctx)
{
	RUN_STATE(change_state_by_cookie((struct sock *)ctx->args[0], (int)ctx->args[1], (int)ctx->args[2], TATTLE_HOOK_STATE));
	return 0;
}

STATE_STAND_INS(on_state, change_state_by_cookie((struct sock *)ctx->args[0], (int)ctx->args[1], (int)ctx->args[2],
						 TATTLE_HOOK_STATE_AGAIN))
STEADY_STATE_STAND_IN(on_state, change_state_by_cookie((struct sock *)BPF_CORE_READ(ctx, skaddr),
						       BPF_CORE_READ(ctx, oldstate), BPF_CORE_READ(ctx, newstate), TATTLE_HOOK_STATE_AGAIN))

/* A datagram's result, whichever hook brought it. */
static __noinline int leave_send(struct sock *sk, __u32 kind, long result, __u8 hook)
{
	__u64 key = call_key(kind);
	__u64 cookie = key_of_socket(sk);
	struct call *call = bpf_map_lookup_elem(&calls, &key);
	struct destination to;
	__u16 protocol = BPF_CORE_READ(sk, sk_protocol);

	if (call && call->socket_key == cookie) {
		destination_of(call, &to);
		bpf_map_delete_elem(&calls, &key);
	} else {
		/* Connected: the cgroup hook is not asked again. */
		read_peer(&to, sk, BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET);
		if (!to.port_be)
			return 0;
	}
	finish_send(sk, cookie ? cookie : (__u64)sk, protocol, &to, result,
		    take_refusal(cookie, result, has_drop_reasons() ? TATTLE_BLOCKED_BY_CGROUP : TATTLE_BLOCKED_BY_NONE),
		    hook);
	return 0;
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

/* The socket behind a descriptor of the current process; NULL: not a socket. */
static __always_inline struct sock *socket_of(__u64 descriptor)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd);
	struct file *file = NULL;
	struct socket *socket;

	if (descriptor >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), files + descriptor);
	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/*
 * connect() failed and the cgroup hook was never asked: a security module was there first. The
 * address is read again from the program's memory, which it may have changed meanwhile: marked.
 */
static __noinline int leave_denied_connect(struct pt_regs *registers, long result)
{
	struct sock *sk = socket_of(BPF_CORE_READ(registers, di));
	void *address = (void *)BPF_CORE_READ(registers, si);
	struct destination to;
	__u16 protocol;

	if (!sk)
		return 0;
	protocol = BPF_CORE_READ(sk, sk_protocol);
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_MPTCP && !is_datagram_protocol(protocol))
		return 0;
	if (!read_destination(&to, address, (int)BPF_CORE_READ(registers, dx), ADDRESS_IN_USER_MEMORY))
		return 0;
	to.flags |= TATTLE_FLAG_USER_ADDRESS;
	report_failed_connect(sk, key_of_socket(sk), protocol, &to, result, TATTLE_BLOCKED_BY_LSM, TATTLE_HOOK_SYSCALL_EXIT);
	return 0;
}

static __noinline int leave_connect(struct call *call, __u64 descriptor, long result)
{
	struct sock *sk;
	struct tattle_attempt *attempt;
	struct destination to;

	if (!call)
		return 0;
	attempt = bpf_map_lookup_elem(&tcp_attempts, &call->socket_key);
	if (attempt) {
		/* On its way, unless it was closed with the reason left to us. */
		if (call->left_to_exit && result < 0) {
			report_outcome(attempt, TATTLE_OUTCOME_FAILED, -result, TATTLE_HOOK_SYSCALL_EXIT);
			bpf_map_delete_elem(&tcp_attempts, &call->socket_key);
		}
		return 0;
	}
	/* Answered before the return, or never begun: no route, denied by a cgroup program. */
	if (call->flags & TATTLE_FLAG_REPORTED || result >= 0)
		return 0;
	destination_of(call, &to);
	sk = socket_of(descriptor);
	if (sk && key_of_socket(sk) != call->socket_key)
		sk = NULL;
	report_failed_connect(sk, call->socket_key, call->protocol, &to, result,
			      take_refusal(call->socket_key, result, TATTLE_BLOCKED_BY_CGROUP), TATTLE_HOOK_SYSCALL_EXIT);
	return 0;
}

/* Before 6.4: the return value tells how a send ended; sendmmsg's, how many did not fail. */
static __always_inline void leave_plain_send(struct pt_regs *registers, long number, long result)
{
	struct sock *sk;

	if (number != NR_sendto && number != NR_sendmsg && number != NR_write && number != NR_writev)
		return;
	sk = socket_of(BPF_CORE_READ(registers, di));
	if (sk && is_datagram_protocol(BPF_CORE_READ(sk, sk_protocol)))
		leave_send(sk, CALL_MESSAGE, result, TATTLE_HOOK_SYSCALL_EXIT);
}

/*
 * Each message of a sendmmsg() asked the cgroup hook, in order, unless the socket is connected; the
 * kernel wrote each one's length behind its header, struct mmsghdr { struct msghdr; unsigned int; }.
 */
static __always_inline void leave_many_sends(struct pt_regs *registers, long result)
{
	struct sock *sk = socket_of(BPF_CORE_READ(registers, di));
	void *messages = (void *)BPF_CORE_READ(registers, si);

	if (!sk || !is_datagram_protocol(BPF_CORE_READ(sk, sk_protocol)))
		return;
	if (result < 0)
		leave_send(sk, CALL_MESSAGE, result, TATTLE_HOOK_SYSCALL_EXIT);
	for (int i = 0; i < MAX_MESSAGES; i++) {
		__u32 length = 0;

		if (i >= result)
			break;
		bpf_probe_read_user(&length, sizeof(length), messages + i * 64 + 56);
		leave_send(sk, CALL_MESSAGE + i, length, TATTLE_HOOK_SYSCALL_EXIT);
	}
	forget_messages();
}

/* Every system call of the machine comes by: this is what those cost that are none of ours. */
static __always_inline bool is_connect(struct pt_regs *registers)
{
	return BPF_CORE_READ(registers, orig_ax) == NR_connect;
}

static __always_inline bool is_sending_call(struct pt_regs *registers)
{
	long number = BPF_CORE_READ(registers, orig_ax);

	/* sendto() and sendmsg() connect with fast open. */
	if (number == NR_sendto || number == NR_sendmsg)
		return true;
	return !has_send_length && (number == NR_sendmmsg || number == NR_io_uring_enter || number == NR_write ||
				    number == NR_writev);
}

static __always_inline void leave_system_call(struct pt_regs *registers, long result)
{
	long number = BPF_CORE_READ(registers, orig_ax);
	struct call *call;
	__u64 key;

	if (!has_send_length) {
		if (number == NR_sendmmsg)
			leave_many_sends(registers, result);
		else if (number == NR_io_uring_enter)
			forget_messages();
		else
			leave_plain_send(registers, number, result);
	}
	if (number != NR_connect && number != NR_sendto && number != NR_sendmsg)
		return;
	key = call_key(CALL_CONNECT);
	call = bpf_map_lookup_elem(&calls, &key);
	if (!call && number == NR_connect) {
		key = call_key(CALL_DATAGRAM_CONNECT);
		call = bpf_map_lookup_elem(&calls, &key);
	}
	if (call) {
		leave_connect(call, BPF_CORE_READ(registers, di), result);
		bpf_map_delete_elem(&calls, &key);
	} else if (number == NR_connect && (result == -EACCES || result == -EPERM)) {
		leave_denied_connect(registers, result);
	}
}

/* match-proto: include/trace/events/syscalls.h: sys_exit(struct pt_regs *regs, long ret) */
SEC("raw_tp/sys_exit")
int on_syscall_exit(struct bpf_raw_tracepoint_args *ctx)
{
	/* Only connect() has stand-ins. */
	if (is_connect((struct pt_regs *)ctx->args[0]))
		RUN(TATTLE_HOOK_SYSCALL_EXIT,
		    leave_system_call((struct pt_regs *)ctx->args[0], (long)ctx->args[1]));
	else if (is_sending_call((struct pt_regs *)ctx->args[0]))
		UNINTERRUPTED(leave_system_call((struct pt_regs *)ctx->args[0], (long)ctx->args[1]));
	return 0;
}

RAW_STAND_INS("raw_tp/sock_send_length", on_send_length, TATTLE_HOOK_SEND_LENGTH, true,
	      leave_send_length((struct sock *)ctx->args[0], (int)ctx->args[1]))
RAW_STAND_INS("raw_tp/sys_exit", on_syscall_exit, TATTLE_HOOK_SYSCALL_EXIT,
	      is_connect((struct pt_regs *)ctx->args[0]),
	      leave_system_call((struct pt_regs *)ctx->args[0], (long)ctx->args[1]))
STEADY_STAND_IN("tp/syscalls/sys_exit_connect", on_syscall_exit, TATTLE_HOOK_SYSCALL_EXIT,
		struct trace_event_raw_sys_exit,
		leave_system_call((struct pt_regs *)bpf_task_pt_regs((void *)bpf_get_current_task_btf()), BPF_CORE_READ(ctx, ret)))
