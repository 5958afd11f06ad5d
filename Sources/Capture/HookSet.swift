package import BPF
internal import CProbes

/// A way of hooking the kernel.
///
/// All three send the same records.
public enum HookSet: String, CaseIterable, Sendable {
    /// fentry and fexit: the cheapest and the most exact.
    case trampoline
    /// kprobes and kretprobes on the same functions.
    case kprobe
    /// cgroup hooks and tracepoints, for kernels that allow neither.
    case tracepoint
}

extension HookSet {
    /// The compiled programs.
    ///
    /// - Parameter isUninterrupted: the build for kernels that have ``uninterruptedFunction``.
    func object(isUninterrupted: Bool) -> tattle_object {
        switch self {
        case .trampoline: unsafe tattle_trampoline_object(isUninterrupted)
        case .kprobe: unsafe tattle_kprobe_object(isUninterrupted)
        case .tracepoint: unsafe tattle_tracepoint_object(isUninterrupted)
        }
    }

    /// The kfunc (6.13) with which a program keeps its CPU to itself, so that it is never skipped.
    package static let uninterruptedFunction = "bpf_local_irq_save"

    /// The helper (5.17) with which the verifier looks at a loop's step once: `on_exec` has it, `on_exec_unrolled` not.
    static let loopFunction = "bpf_loop"

    /// The kfunc (6.2) that makes of a number a pointer whose fields a program loads without a helper's call.
    static let castFunction = "bpf_rdonly_cast"

    /// The programs that attach to the root cgroup.
    static let cgroupPrograms: Set<String> = [
        "on_connect4", "on_connect6", "on_sendmsg4", "on_sendmsg6", "on_socket_end",
    ]

    /// `kprobe`: the programs at the return of functions that wait, for an answer or for room.
    static let waitingPrograms: Set<String> = [
        "on_any_connect", "on_send4", "on_send6", "on_page_send", "on_raw_send4", "on_raw_send6", "on_ping_send4",
        "on_ping_send6", "on_packet_send", "on_old_packet_send", "on_packet_ring",
    ]

    /// What this set cannot see on any kernel.
    var inherentBlindSpots: [String] {
        switch self {
        case .trampoline: []
        case .kprobe:
            [
                "where the kernel preempts BPF programs (7.x): calls on a CPU while a kprobe program is preempted there"
            ]
        case .tracepoint:
            [
                "connect() that fails before a SYN is sent, made by a worker of io_uring or with others in one batch",
                "the source port of a TCP attempt that nobody has answered yet",
                "the scope of link-local IPv6 destinations",
                "raw, ping and packet sockets, SCTP and vsock",
            ]
        }
    }
}

extension HookSet {
    /// A structure of this set's programs as the BPF compiler laid it out; nil when they do not use it.
    package func layout(ofStruct name: String) throws(BPFError) -> (size: Int, members: [MemberLayout])? {
        let embedded = unsafe object(isUninterrupted: false)
        // Static data of this binary.
        let bytes = unsafe UnsafeRawBufferPointer(start: embedded.bytes, count: embedded.length)
        return unsafe try Object(bytes: bytes, name: "tattle").layout(ofStruct: name)
    }
}
