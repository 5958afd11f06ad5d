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
        case enumeration(String)
    }
}

extension HookSet {
    /// Programs that a kernel may lack the function or the type for, with what is then not seen.
    var optionalPrograms: [OptionalProgram] {
        switch self {
        case .trampoline: functionPrograms { [$0] }
        case .kprobe:
            functionPrograms { [$0 + "_entry", $0] } + [
                OptionalProgram(name: "on_connect_exit6", needs: .function("tcp_v6_connect"), blindSpot: BlindSpot.ipv6)
            ]
        case .tracepoint:
            [
                OptionalProgram(
                    name: "on_send_length", needs: .tracepoint("sock_send_length"), blindSpot: BlindSpot.sendLength),
                OptionalProgram(name: "on_drop", needs: .enumeration("skb_drop_reason"), blindSpot: BlindSpot.drops),
            ]
        }
    }

    /// What ``trampoline`` and ``kprobe`` share; `names` are the programs at a function's return, and its entry.
    private func functionPrograms(_ names: (String) -> [String]) -> [OptionalProgram] {
        let returns: [(program: String, function: String, blindSpot: String?)] = [
            ("on_security_connect", "security_socket_connect", BlindSpot.securityModule),
            ("on_security_send", "security_socket_sendmsg", BlindSpot.securityModule),
            ("on_address_filter", "__cgroup_bpf_run_filter_sock_addr", BlindSpot.cgroup),
            ("on_packet_filter", "__cgroup_bpf_run_filter_skb", nil),
            ("on_send6", "udpv6_sendmsg", BlindSpot.ipv6),
            ("on_raw_send4", "raw_sendmsg", BlindSpot.raw),
            ("on_raw_send6", "rawv6_sendmsg", BlindSpot.ipv6),
            ("on_ping_send4", "ping_v4_sendmsg", BlindSpot.ping),
            ("on_ping_send6", "ping_v6_sendmsg", BlindSpot.ipv6),
            ("on_packet_send", "packet_sendmsg", BlindSpot.packet),
            ("on_any_connect", "__sys_connect_file", BlindSpot.otherConnections),
            ("on_associate", "security_sctp_bind_connect", BlindSpot.associations),
            // Gone in 6.5: splice() goes through udp_sendmsg() since.
            ("on_page_send", "udp_sendpage", nil),
        ]
        let entries: [(program: String, function: String, blindSpot: String?)] = [
            ("on_socket_end6", "udpv6_destroy_sock", BlindSpot.ipv6),
            ("on_inet_end", "inet_sock_destruct", nil),
            ("on_packet_end", "packet_sock_destruct", nil),
        ]
        var programs = returns.flatMap { hook in
            names(hook.program).map {
                OptionalProgram(name: $0, needs: .function(hook.function), blindSpot: hook.blindSpot)
            }
        }
        // A trampoline hooks the entry as well where the arguments do not survive the function.
        if self == .trampoline {
            programs += returns.filter { Self.craftedSends.contains($0.program) }.map {
                OptionalProgram(name: $0.program + "_entry", needs: .function($0.function), blindSpot: $0.blindSpot)
            }
        }
        programs += entries.map {
            OptionalProgram(name: $0.program, needs: .function($0.function), blindSpot: $0.blindSpot)
        }
        programs.append(
            OptionalProgram(name: "on_drop", needs: .enumeration("skb_drop_reason"), blindSpot: BlindSpot.drops))
        return programs
    }

    private static let craftedSends = [
        "on_raw_send4", "on_raw_send6", "on_ping_send4", "on_ping_send6", "on_packet_send",
    ]
}

/// What stays unseen without a program, a sentence each.
private enum BlindSpot {
    static let securityModule = "attempts refused by a security module: no security_socket_connect or _sendmsg"
    static let cgroup = "attempts denied by a cgroup program: no __cgroup_bpf_run_filter_sock_addr"
    static let ipv6 = "IPv6: the kernel was built without it"
    static let raw = "raw sockets: no raw_sendmsg"
    static let ping = "ping sockets: no ping_v4_sendmsg"
    static let packet = "packet sockets: no packet_sendmsg"
    static let otherConnections = "how SCTP and vsock connections end: no __sys_connect_file"
    static let associations = "SCTP associations made without connect(): no security_sctp_bind_connect"
    static let drops = "that a packet filter dropped a SYN: no drop reasons (Linux 5.17)"
    static let sendLength =
        "datagrams sent by io_uring or splice on connected sockets, and the ninth and later of one sendmmsg(): no sock_send_length (Linux 6.4)"
}
