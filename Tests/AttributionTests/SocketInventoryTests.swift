internal import Foundation
internal import Model
internal import Testing

@testable internal import Attribution

/// A made-up /proc.
private final class Proc {
    let root = FileManager.default.temporaryDirectory.path + "/tattle-proc-\(UUID().uuidString)"

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ path: String, _ text: String) throws {
        let url = URL(fileURLWithPath: "\(root)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: url, atomically: false, encoding: .utf8)
    }

    func link(_ path: String, to target: String) throws {
        let url = URL(fileURLWithPath: "\(root)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: url.path, withDestinationPath: target)
    }

    /// A process in a namespace, with what its descriptors lead to.
    func add(_ pid: Int, namespace: Int, descriptors: [String] = []) throws {
        try link("\(pid)/ns/net", to: "net:[\(namespace)]")
        try FileManager.default.createDirectory(atPath: "\(root)/\(pid)/fd", withIntermediateDirectories: true)
        for (number, target) in descriptors.enumerated() { try link("\(pid)/fd/\(number)", to: target) }
    }
}

@Suite struct SocketInventoryTests {
    private static let heading = "  sl  local_address rem_address   st tx_queue rx_queue\n"

    private func line(_ port: Int, _ inode: Int) -> String {
        "   0: 0100007F:\(String(0x10000 + port, radix: 16).dropFirst()) 0100007F:0050 01 0:0 00:0 0 0 0 \(inode) 1\n"
    }

    private func read(_ proc: Proc, limit: Int = SocketInventory.limit) -> SocketInventory.Result {
        SocketInventory(files: ProcessFileSystem(root: proc.root), limit: limit).read()
    }

    @Test func theLowestPidIsTheOwnerAndTheOthersAreCounted() throws {
        let proc = Proc()
        try proc.add(900, namespace: 5, descriptors: ["/dev/null", "socket:[71]"])
        // Twice the same one by dup(2): one owner.
        try proc.add(70, namespace: 5, descriptors: ["socket:[71]", "socket:[71]", "socket:[72]"])
        try proc.add(8, namespace: 5, descriptors: ["pipe:[71]", "anon_inode:[eventpoll]"])
        try proc.write("8/net/tcp", Self.heading + line(1000, 71) + line(1001, 72) + line(1002, 73))
        let sockets = read(proc).sockets
        #expect(sockets.map(\.entry.inode) == [71, 72, 73])
        #expect(sockets.map(\.owners) == [[70, 900], [70], []])
        #expect(sockets.map(\.ownerCount) == [2, 1, 0])
        #expect(sockets.allSatisfy { $0.namespace == 5 && $0.direction == .egress })
    }

    @Test func eachNamespaceIsReadOnceThroughAProcessThatLetsItself() throws {
        let proc = Proc()
        // The first has no listings, as one that has just ended.
        try proc.add(10, namespace: 1)
        for pid in [11, 12] {
            try proc.add(pid, namespace: 1, descriptors: ["socket:[1]"])
            try proc.write("\(pid)/net/tcp", Self.heading + line(1000, 1))
            try proc.write("\(pid)/net/udp", Self.heading + line(1001, 2))
        }
        try proc.add(13, namespace: 2, descriptors: ["socket:[3]"])
        try proc.write("13/net/tcp6", Self.heading)
        try proc.write("13/net/tcp", Self.heading + line(1002, 3))
        let sockets = read(proc).sockets
        #expect(sockets.map(\.entry.inode) == [1, 2, 3])
        #expect(sockets.map(\.namespace) == [1, 1, 2])
        #expect(sockets.map(\.transport) == [.tcp, .udp, .tcp])
    }

    @Test func alistingLongerThanOneReadIsWhole() throws {
        let proc = Proc()
        try proc.add(1, namespace: 1)
        // Lines of a length that does not divide what is read at once.
        let count = 3000
        try proc.write("1/net/tcp", Self.heading + (1...count).map { line($0, $0) }.joined())
        let result = read(proc)
        #expect(result.sockets.map { Int($0.entry.inode) } == Array(1...count))
        #expect(!result.isCutShort)
        let some = read(proc, limit: 100)
        #expect(some.sockets.count == 100)
        #expect(some.omittedCount == UInt64(count - 100))
    }

    @Test func withoutAnybodyThereIsNothing() throws {
        let result = read(Proc())
        #expect(result.sockets.isEmpty && result.omittedCount == 0)
    }
}

@Suite struct NetworkCounterTests {
    private let snmp = """
        Ip: Forwarding DefaultTTL OutNoRoutes
        Ip: 2 64 7
        Tcp: RtoAlgorithm MaxConn ActiveOpens PassiveOpens AttemptFails
        Tcp: 1 -1 45 6 4
        Udp: InDatagrams OutDatagrams
        Udp: 4306 4311
        UdpLite: InDatagrams OutDatagrams
        UdpLite: 0 2

        """

    @Test func theNamesLineSaysWhatTheNumbersAre() {
        let counters = NetworkCounters(
            snmp: Array(snmp.utf8),
            snmp6: Array(
                "Ip6OutNoRoutes                  \t3\nUdp6OutDatagrams\t9\nUdp6OutDatagramsX\t1\nnonsense\n".utf8),
            netstat: Array(
                "TcpExt: MPCapableSYNTX\nTcpExt: 99\nMPTcpExt: MPCapableSYNRX MPCapableSYNTX\nMPTcpExt: 1 5\n".utf8))
        #expect(counters.tcpActiveOpens == 45)
        #expect(counters.tcpAttemptFails == 4)
        #expect(counters.ipOutNoRoutes == 7)
        #expect(counters.ip6OutNoRoutes == 3)
        #expect(counters.udpOutDatagrams == 4311)
        #expect(counters.udpLiteOutDatagrams == 2)
        #expect(counters.udp6OutDatagrams == 9)
        #expect(counters.udpLite6OutDatagrams == nil)
        #expect(counters.mptcpCapableSyns == 5)
        #expect(counters.mptcpJoinSyns == nil)
        #expect(counters.mptcpPassiveSyns == 1)
        #expect(counters.datagrams == 4311 + 2 + 9)
    }

    @Test(arguments: [
        "", "Tcp:\n", "Tcp: ActiveOpens\nTcp: ", "Tcp: A ActiveOpens\nTcp: 1\n", "Tcp: ActiveOpens\nTcp: x\n",
        "Tcp: ActiveOpens A\nTcp: 1\n", "Tcp: ActiveOpens\nTcp: 1 2\n", "Tcp: ActiveOpens\n",
        "Tcp: ActiveOpens\nTcp: 18446744073709551616\n", "Udp: ActiveOpens\nUdp: 1\n", "Tcp ActiveOpens\nTcp 1\n",
    ])
    func whatIsMalformedIsNotKnown(text: String) {
        #expect(NetworkCounters(snmp: Array(text.utf8), snmp6: [], netstat: []).tcpActiveOpens == nil)
    }

    @Test func theMachinesOwnAreRead() throws {
        let files = ProcessFileSystem()
        let own = UInt32(getpid())
        let namespace = files.networkNamespace(of: own)
        // The second is in it; the first was never there.
        let counters = try #require(files.networkCounters(of: namespace, through: [.max, own]))
        #expect(counters.tcpActiveOpens != nil && counters.udpOutDatagrams != nil)
        #expect(files.networkCounters(of: namespace &+ 1, through: [own]) == nil)
    }
}
