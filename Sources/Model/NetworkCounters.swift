/// What the kernel counts in one network namespace, as far as it concerns attempts: proc_net(5), `snmp`, `snmp6`
/// and `netstat`.
///
/// nil: this kernel has no such counter.
public struct NetworkCounters: Sendable, Hashable {
    /// `Tcp: ActiveOpens`: SYNs that tcp_connect() sent, not those sent again.
    public var tcpActiveOpens: UInt64?
    /// `Tcp: AttemptFails`: connections that were closed before they were established, of both directions.
    public var tcpAttemptFails: UInt64?
    /// `Ip: OutNoRoutes`, of every protocol.
    public var ipOutNoRoutes: UInt64?
    /// `Ip6OutNoRoutes`.
    public var ip6OutNoRoutes: UInt64?
    /// `Udp: OutDatagrams`, those that an IPv6 socket sent to an IPv4-mapped address included.
    public var udpOutDatagrams: UInt64?
    /// `UdpLite: OutDatagrams`.
    public var udpLiteOutDatagrams: UInt64?
    /// `Udp6OutDatagrams`.
    public var udp6OutDatagrams: UInt64?
    /// `UdpLite6OutDatagrams`.
    public var udpLite6OutDatagrams: UInt64?
    /// `MPTcpExt: MPCapableSYNTX`: connect() of MPTCP sockets.
    public var mptcpCapableSyns: UInt64?
    /// `MPTcpExt: MPJoinSynTx`: SYNs of further subflows, in `tcpActiveOpens` too (since 6.12).
    public var mptcpJoinSyns: UInt64?
    /// `MPTcpExt: MPCapableSYNRX`: MPTCP connections from outside, which may begin subflows as well.
    public var mptcpPassiveSyns: UInt64?

    /// Nothing known.
    public init() {}

    /// Every counter with its name in records, which is the kernel's in lower case.
    public static var all: [(name: StaticString, path: WritableKeyPath<NetworkCounters, UInt64?>)] {
        [
            ("tcp_active_opens", \.tcpActiveOpens), ("tcp_attempt_fails", \.tcpAttemptFails),
            ("ip_out_no_routes", \.ipOutNoRoutes), ("ip6_out_no_routes", \.ip6OutNoRoutes),
            ("udp_out_datagrams", \.udpOutDatagrams), ("udplite_out_datagrams", \.udpLiteOutDatagrams),
            ("udp6_out_datagrams", \.udp6OutDatagrams), ("udplite6_out_datagrams", \.udpLite6OutDatagrams),
            ("mptcp_capable_syn_tx", \.mptcpCapableSyns), ("mptcp_join_syn_tx", \.mptcpJoinSyns),
            ("mptcp_capable_syn_rx", \.mptcpPassiveSyns),
        ]
    }

    /// How much each has grown; nil when one has shrunk: it is another namespace with the same number.
    public func growth(since earlier: NetworkCounters) -> NetworkCounters? {
        var growth = NetworkCounters()
        for (_, path) in Self.all {
            guard let now = self[keyPath: path] else { continue }
            let before = earlier[keyPath: path] ?? 0
            guard now >= before else { return nil }
            growth[keyPath: path] = now - before
        }
        return growth
    }

    /// Datagrams in all: UDP and UDP-Lite, IPv4 and IPv6.
    public var datagrams: UInt64 {
        [udpOutDatagrams, udpLiteOutDatagrams, udp6OutDatagrams, udpLite6OutDatagrams].reduce(0) { $0 &+ ($1 ?? 0) }
    }
}
