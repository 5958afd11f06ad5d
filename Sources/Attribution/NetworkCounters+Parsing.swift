public import Model

extension NetworkCounters {
    /// Reads the text of `snmp`, `snmp6` and `netstat`: net/ipv4/proc.c, net/ipv6/proc.c.
    ///
    /// What a text does not have, or has as no number, is nil.
    public init(snmp: [UInt8], snmp6: [UInt8], netstat: [UInt8]) {
        self.init()
        let four = Self.pairs(snmp, wanted: ["Ip", "Tcp", "Udp", "UdpLite"])
        tcpActiveOpens = four["Tcp.ActiveOpens"]
        tcpAttemptFails = four["Tcp.AttemptFails"]
        ipOutNoRoutes = four["Ip.OutNoRoutes"]
        udpOutDatagrams = four["Udp.OutDatagrams"]
        udpLiteOutDatagrams = four["UdpLite.OutDatagrams"]
        let extended = Self.pairs(netstat, wanted: ["MPTcpExt"])
        mptcpCapableSyns = extended["MPTcpExt.MPCapableSYNTX"]
        mptcpJoinSyns = extended["MPTcpExt.MPJoinSynTx"]
        mptcpPassiveSyns = extended["MPTcpExt.MPCapableSYNRX"]
        for line in snmp6.split(separator: UInt8(ascii: "\n")) {
            let words = Self.words(line)
            guard words.count == 2, let value = UInt64(words[1]) else { continue }
            switch words[0] {
            case "Ip6OutNoRoutes": ip6OutNoRoutes = value
            case "Udp6OutDatagrams": udp6OutDatagrams = value
            case "UdpLite6OutDatagrams": udpLite6OutDatagrams = value
            default: break
            }
        }
    }

    /// `Group: Name Name …` and, in the next line, `Group: 1 2 …`: as `Group.Name`.
    private static func pairs(_ text: [UInt8], wanted: Set<String>) -> [String: UInt64] {
        var values: [String: UInt64] = [:]
        var heading: [String] = []
        for line in text.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let group = String(decoding: line[..<colon], as: UTF8.self)
            guard wanted.contains(group) else { continue }
            let words = words(line)
            // The same group again: these are the numbers of the names before.
            if heading.first == words.first, heading.count == words.count, UInt64(words.last ?? "") != nil {
                for (name, word) in zip(heading, words).dropFirst() {
                    // Tcp's MaxConn is −1.
                    if let value = UInt64(word) { values["\(group).\(name)"] = value }
                }
                heading = []
            } else {
                heading = words
            }
        }
        return values
    }

    private static func words(_ line: ArraySlice<UInt8>) -> [String] {
        line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map { String(decoding: $0, as: UTF8.self) }
    }
}
