/// Why a hook matters, in a few words.
enum HookPurpose {
    /// What a function, tracepoint or cgroup hook tells; nil: not said here.
    static func text(of target: String) -> String? { table[target] }

    private static let table: [String: String] = [
        // TCP
        "__inet_stream_connect": "TCP: who connects where; the errno of what fails at once",
        "tcp_v4_connect": "TCP over IPv4: the errno of what fails at once",
        "tcp_v6_connect": "TCP over IPv6: the errno of what fails at once",
        "tcp_connect": "TCP: the SYN is out, from which address",
        "inet_sock_set_state": "TCP: how it ended, and when a connection did",
        "__sys_connect_file": "SCTP and vsock: who connects where, and how it ended",
        // UDP and datagrams
        "inet_dgram_connect": "UDP: a connect() that fails",
        "udp_sendmsg": "UDP over IPv4: each send and its errno",
        "udpv6_sendmsg": "UDP over IPv6: each send and its errno",
        "udp_destroy_sock": "UDP over IPv4: the end of a socket and its flows",
        "udpv6_destroy_sock": "UDP over IPv6: the end of a socket and its flows",
        "sock_send_length": "UDP: how each send ended, however it was made",
        // Other protocols
        "raw_sendmsg": "raw IPv4 sockets: each send and its errno",
        "rawv6_sendmsg": "raw IPv6 sockets: each send and its errno",
        "ping_v4_sendmsg": "ping sockets over IPv4: each send and its errno",
        "ping_v6_sendmsg": "ping sockets over IPv6: each send and its errno",
        "packet_sendmsg": "packet sockets: each frame and its errno",
        "packet_sendmsg_spkt": "packet sockets of type SOCK_PACKET: each frame and its errno",
        "security_sk_free": "raw, ping, packet, SCTP and vsock sockets: their end",
        "sock_def_wakeup": "SCTP and vsock: how a connect() that did not wait ended",
        "sock_def_error_report": "vsock: how a connect() that did not wait failed",
        "inet_sendmsg": "SCTP: messages to many, and their errno",
        "module_load": "SCTP and vsock: that they come",
        "io_uring_complete": "connect() made through io_uring: the errno of what fails at once",
        "security_sctp_bind_connect": "SCTP: associations made without connect()",
        "udp_sendpage": "UDP over IPv4: what splice() and sendfile() send (until 6.4)",
        // Who forbids
        "security_socket_connect": "what a security module denies to connect",
        "security_socket_sendmsg": "what a security module denies to send",
        "__cgroup_bpf_run_filter_sock_addr": "what a cgroup program denies",
        "__cgroup_bpf_run_filter_skb": "what a cgroup program drops",
        "kfree_skb": "what netfilter drops",
        // cgroup
        "cgroup/connect4": "TCP and UDP over IPv4: who connects where",
        "cgroup/connect6": "TCP and UDP over IPv6: who connects where",
        "cgroup/sendmsg4": "UDP over IPv4: who sends where",
        "cgroup/sendmsg6": "UDP over IPv6: who sends where",
        "cgroup/sock_release": "UDP: the end of a socket and its flows",
        "sys_exit": "the errno that the program got",
        "sys_exit_connect": "the errno of connect(), where sys_exit's program was skipped",
        // Processes
        "sched_process_exec": "processes: what they execute",
        "sched_process_fork": "processes: who started whom",
        "sched_process_exit": "processes: their end",
        "cgroup_mkdir": "names of cgroups: units and containers",
        "cgroup_rmdir": "names of cgroups that go",
    ]
}
