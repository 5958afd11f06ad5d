/// One program of a hook set.
struct OptionalProgram {
    /// Its name in the object.
    var name: String
    /// The kernel function, tracepoint or type it needs.
    var needs: Needs
    /// What stays unseen without it; nil: the set does not work without it.
    var blindSpot: String?

    /// What must be in the kernel for a program to load.
    enum Needs {
        case function(String)
        case tracepoint(String)
        /// That the kernel says why it drops a packet, or where: ``KernelText/netfilter``.
        case dropReasons
    }
}

extension HookSet {
    /// Programs that a kernel may lack the function or the type for, with what is then not seen.
    var optionalPrograms: [OptionalProgram] {
        switch self {
        case .trampoline: functionPrograms
        case .kprobe:
            functionPrograms + [
                OptionalProgram(name: "on_connect_exit6", needs: .function("tcp_v6_connect"), blindSpot: BlindSpot.ipv6)
            ]
        case .tracepoint:
            [
                OptionalProgram(
                    name: "on_send_length", needs: .tracepoint("sock_send_length"), blindSpot: BlindSpot.sendLength),
                OptionalProgram(name: "on_drop", needs: .dropReasons, blindSpot: BlindSpot.drops),
                OptionalProgram(
                    name: "on_ring_completion", needs: .tracepoint("io_uring_complete"), blindSpot: BlindSpot.rings),
            ]
        }
    }

    /// Where a function is hooked.
    private enum Place {
        case entry
        /// A kretprobe does not see the arguments: that set has a program at the entry as well.
        case exit
        /// The arguments do not survive the function: a trampoline has a program at the entry as well.
        case entryAndExit
    }

    /// What ``trampoline`` and ``kprobe`` share.
    private var functionPrograms: [OptionalProgram] {
        let hooks: [(program: String, place: Place, function: String, blindSpot: String?)] = [
            ("on_security_connect", .exit, "security_socket_connect", BlindSpot.securityModule),
            ("on_security_send", .exit, "security_socket_sendmsg", BlindSpot.securityModule),
            ("on_address_filter", .exit, "__cgroup_bpf_run_filter_sock_addr", BlindSpot.cgroup),
            ("on_packet_filter", .exit, "__cgroup_bpf_run_filter_skb", nil),
            ("on_send6", .exit, "udpv6_sendmsg", BlindSpot.ipv6),
            ("on_raw_send4", .entryAndExit, "raw_sendmsg", BlindSpot.raw),
            ("on_raw_send6", .entryAndExit, "rawv6_sendmsg", BlindSpot.ipv6),
            ("on_ping_send4", .entryAndExit, "ping_v4_sendmsg", BlindSpot.ping),
            ("on_ping_send6", .entryAndExit, "ping_v6_sendmsg", BlindSpot.ipv6),
            ("on_packet_send", .entryAndExit, "packet_sendmsg", BlindSpot.packet),
            ("on_old_packet_send", .entryAndExit, "packet_sendmsg_spkt", BlindSpot.oldPackets),
            ("on_packet_ring", .entry, "packet_sendmsg", BlindSpot.packet),
            ("on_any_connect", .exit, "__sys_connect_file", BlindSpot.otherConnections),
            ("on_associate", .exit, "security_sctp_bind_connect", BlindSpot.associations),
            // Gone in 6.5: splice() goes through udp_sendmsg() since.
            ("on_page_send", .entryAndExit, "udp_sendpage", nil),
            ("on_socket_end6", .entry, "udpv6_destroy_sock", BlindSpot.ipv6),
            ("on_socket_free", .entry, "security_sk_free", BlindSpot.socketEnds),
            ("on_wake_up", .entry, "sock_def_wakeup", BlindSpot.otherConnections),
            ("on_error_report", .entry, "sock_def_error_report", BlindSpot.otherConnections),
        ]
        return hooks.flatMap { hook in
            names(of: hook.program, at: hook.place).map {
                OptionalProgram(name: $0, needs: .function(hook.function), blindSpot: hook.blindSpot)
            }
        } + [
            OptionalProgram(name: "on_drop", needs: .dropReasons, blindSpot: BlindSpot.drops),
            // A kernel without modules has none that come late.
            OptionalProgram(name: "on_module_load", needs: .tracepoint("module_load"), blindSpot: nil),
        ]
    }

    /// A hook's programs in this set.
    private func names(of program: String, at place: Place) -> [String] {
        switch place {
        case .entry: [program]
        case .exit: self == .kprobe ? [program + "_entry", program] : [program]
        case .entryAndExit: [program + "_entry", program]
        }
    }
}

/// What stays unseen without a program, a sentence each.
enum BlindSpot {
    static let securityModule = "attempts refused by a security module: no security_socket_connect or _sendmsg"
    static let cgroup = "attempts denied by a cgroup program: no __cgroup_bpf_run_filter_sock_addr"
    static let ipv6 = "IPv6: the kernel was built without it"
    static let raw = "raw sockets: no raw_sendmsg"
    static let ping = "ping sockets: no ping_v4_sendmsg"
    static let packet = "packet sockets: no packet_sendmsg"
    static let oldPackets = "packet sockets of type SOCK_PACKET: no packet_sendmsg_spkt"
    static let otherConnections =
        "how SCTP and vsock connections end: no __sys_connect_file, sock_def_wakeup or sock_def_error_report"
    static let socketEnds = "when raw, ping, packet, SCTP and vsock sockets end: no security_sk_free"
    static let associations = "SCTP associations made without connect(): no security_sctp_bind_connect"
    static let drops =
        "that a packet filter dropped a SYN: no drop reasons (Linux 5.17), and /proc/kallsyms is hidden (kptr_restrict)"
    static let rings = "connect() made through io_uring that fails at once: no io_uring_complete"
    static let crowds =
        "sends and SCTP, DCCP and vsock connects that wait, beyond the few at once that kretprobes have room for: no tracefs to make them"
    static let sendLength =
        "datagrams sent by io_uring or splice on connected sockets, and the ninth and later of one sendmmsg(): no sock_send_length (Linux 6.4)"
}
