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

/// One program of a hook set.
struct OptionalProgram {
    /// Its name in the object.
    var name: String
    /// The kernel function or tracepoint it needs; nil: nothing that could be missing.
    var needs: Needs?
    /// What stays unseen without it; nil: the set does not work without it.
    var blindSpot: String?

    /// What must be in the kernel for a program to load.
    enum Needs {
        case function(String)
        case tracepoint(String)
    }
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

    /// The programs that attach to the root cgroup.
    static let cgroupPrograms: Set<String> = [
        "on_connect4", "on_connect6", "on_sendmsg4", "on_sendmsg6", "on_socket_end",
    ]

    /// Programs that a kernel may lack the function for, with what is then not seen.
    var optionalPrograms: [OptionalProgram] {
        let security = "attempts refused by a security module: no security_socket_connect"
        let ipv6 = "IPv6: the kernel was built without it"
        switch self {
        case .trampoline:
            return [
                OptionalProgram(
                    name: "on_security_connect", needs: .function("security_socket_connect"), blindSpot: security),
                OptionalProgram(name: "on_send6", needs: .function("udpv6_sendmsg"), blindSpot: ipv6),
                OptionalProgram(name: "on_socket_end6", needs: .function("udpv6_destroy_sock"), blindSpot: ipv6),
            ]
        case .kprobe:
            let cgroup = "attempts denied by a cgroup program: no __cgroup_bpf_run_filter_sock_addr"
            return [
                OptionalProgram(
                    name: "on_security_connect_entry", needs: .function("security_socket_connect"), blindSpot: security),
                OptionalProgram(
                    name: "on_security_connect", needs: .function("security_socket_connect"), blindSpot: security),
                OptionalProgram(name: "on_connect_exit6", needs: .function("tcp_v6_connect"), blindSpot: ipv6),
                OptionalProgram(name: "on_send6_entry", needs: .function("udpv6_sendmsg"), blindSpot: ipv6),
                OptionalProgram(name: "on_send6", needs: .function("udpv6_sendmsg"), blindSpot: ipv6),
                OptionalProgram(name: "on_socket_end6", needs: .function("udpv6_destroy_sock"), blindSpot: ipv6),
                OptionalProgram(
                    name: "on_cgroup", needs: .function("__cgroup_bpf_run_filter_sock_addr"), blindSpot: cgroup),
            ]
        case .tracepoint:
            return [
                OptionalProgram(
                    name: "on_send_length", needs: .tracepoint("sock_send_length"),
                    blindSpot:
                        "datagrams sent by io_uring or splice on connected sockets, and the ninth and later of one sendmmsg(): no sock_send_length (Linux 6.4)"
                )
            ]
        }
    }

    /// What this set cannot see on any kernel.
    var inherentBlindSpots: [String] {
        switch self {
        case .trampoline: []
        case .kprobe:
            [
                "sends that wait for buffer space, beyond the few at once that the kernel has kretprobe instances for",
                "where the kernel preempts BPF programs (7.x): calls on a CPU while a kprobe program is preempted there",
            ]
        case .tracepoint:
            [
                "the errno of a connect() made through io_uring that fails before a SYN is sent",
                "the source port of a TCP attempt that nobody has answered yet",
                "connect() of 32-bit programs that fails before a SYN is sent",
                "the scope of link-local IPv6 destinations",
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
