internal import CLinux
internal import Glibc
public import Model

/// What the kernel counts of a connection at one moment.
public struct ConnectionSample: Sendable, Hashable {
    /// This end.
    public var source: Endpoint
    /// The other end.
    public var destination: Endpoint
    /// Milliseconds since something was last sent, or since it was established: `tcpi_last_data_sent`.
    ///
    /// As exact as the kernel's clock ticks: 1 to 10 ms.
    public var lastSentMilliseconds: UInt32
    /// Segments with data, those that were sent again included.
    public var dataSegments: UInt32
    /// Payload that was sent, once.
    public var bytesSent: UInt64
    /// Payload that came.
    public var bytesReceived: UInt64

    /// Makes a sample.
    public init(
        source: Endpoint, destination: Endpoint, lastSentMilliseconds: UInt32, dataSegments: UInt32,
        bytesSent: UInt64, bytesReceived: UInt64
    ) {
        self.source = source
        self.destination = destination
        self.lastSentMilliseconds = lastSentMilliseconds
        self.dataSegments = dataSegments
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
    }

    init(_ connection: tattle_connection) {
        var connection = connection
        // Sixteen bytes each, which are read only.
        let (source, destination) = unsafe (
            withUnsafeBytes(of: &connection.source) { unsafe Array($0) },
            withUnsafeBytes(of: &connection.destination) { unsafe Array($0) }
        )
        self.init(
            source: Endpoint(
                address: IPAddress(source, isVersion6: connection.is_ipv6), port: connection.source_port),
            destination: Endpoint(
                address: IPAddress(destination, isVersion6: connection.is_ipv6), port: connection.destination_port),
            lastSentMilliseconds: connection.last_sent_ms, dataSegments: connection.data_segments_out,
            bytesSent: connection.bytes_sent, bytesReceived: connection.bytes_received)
    }
}

extension IPAddress {
    /// Of bytes in network order; an IPv4 address that IPv6 holds is one of IPv4.
    fileprivate init(_ bytes: [UInt8], isVersion6: Bool) {
        func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
        if !isVersion6 {
            self = .v4(UInt32(number(0..<4)))
        } else if number(0..<8) == 0, number(8..<12) == 0xffff {
            self = .v4(UInt32(number(12..<16)))
        } else {
            self = .v6(high: number(0..<8), low: number(8..<16))
        }
    }
}

/// Asks the kernel about the TCP connections of one network namespace: sock_diag(7).
///
/// Nothing is added to the way of a send; an answer costs the kernel a look at each connection that is established.
struct ConnectionSource: ~Copyable {
    private let descriptor: Int32

    /// Opens a namespace by a process that is in it.
    ///
    /// - Parameters:
    ///   - pid: the process, which may be in another one by now.
    ///   - namespace: the inode.
    /// - Throws: `Problem` with the errno: EPERM without CAP_SYS_ADMIN, ENOENT when the process is gone or elsewhere.
    init(process pid: UInt32, namespace: UInt32) throws(Problem) {
        // A string ends in NUL, for the call.
        let thread = unsafe tattle_living_thread("/proc", pid)
        // The path is valid for the call.
        let way = unsafe open("/proc/\(pid)/task/\(thread)/ns/net", O_RDONLY | O_CLOEXEC)
        guard way >= 0 else { throw Problem(errno: errno) }
        defer { close(way) }
        var status = stat()
        // Fills `status`.
        guard unsafe fstat(way, &status) == 0 else { throw Problem(errno: errno) }
        guard UInt32(truncatingIfNeeded: status.st_ino) == namespace else { throw Problem(errno: ENOENT) }
        let opened = tattle_connections_open(way)
        guard opened >= 0 else { throw Problem(errno: errno) }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Why there is no answer.
    struct Problem: Error {
        var errno: Int32
    }

    /// Calls `body` with each connection that is established.
    func read(_ body: (ConnectionSample) -> Void) throws(Problem) {
        var connections = [tattle_connection](
            repeating: tattle_connection(), count: Int(TATTLE_CONNECTIONS_MOST))
        for isVersion6 in [false, true] {
            guard tattle_connections_ask(descriptor, isVersion6) == 0 else { throw Problem(errno: errno) }
            while true {
                // Writes as many as there is room for.
                let count = unsafe tattle_connections_read(descriptor, &connections)
                guard count >= 0 else { throw Problem(errno: errno) }
                if count == 0 { break }
                for connection in connections.prefix(count) { body(ConnectionSample(connection)) }
            }
        }
    }
}
