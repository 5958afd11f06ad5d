internal import CLinux
internal import Glibc
public import Model

/// The TCP connections that are established, and what is sent on them after a silence.
public struct HeldConnections: ~Copyable {
    /// More are not followed.
    public static let limit = 16_384
    /// Nor those of more network namespaces.
    static let mostNamespaces = 64

    private struct Key: Hashable {
        var namespace: UInt32
        var source: Endpoint
        var destination: Endpoint
    }

    private struct Connection {
        var event: AttemptEvent
        var edges: SendEdges?
        /// The poll that it was last seen in.
        var seen: UInt64
    }

    private var connections: [Key: Connection] = [:]
    private var members: [UInt32: Int] = [:]
    private var polls: UInt64 = 0
    private var sources = Sources()
    /// Connections that were too many, so far.
    public private(set) var omittedCount: UInt64 = 0

    /// Follows none.
    public init() {}

    /// How many are followed.
    public var count: Int { connections.count }
    /// Whether none is followed.
    public var isEmpty: Bool { connections.isEmpty }
    /// Why the kernel could not be asked; nil: it could.
    public var trouble: String? { sources.trouble }

    /// Follows the connection that an attempt became.
    public mutating func follow(_ event: AttemptEvent) {
        guard let key = Self.key(event.attempt), connections[key] == nil else { return }
        guard connections.count < Self.limit,
            members[key.namespace] != nil || members.count < Self.mostNamespaces
        else {
            omittedCount += 1
            return
        }
        connections[key] = Connection(event: event, edges: nil, seen: polls)
        members[key.namespace, default: 0] += 1
    }

    /// Follows it no more.
    public mutating func forget(_ attempt: Attempt) {
        if let key = Self.key(attempt) { remove(key) }
    }

    private mutating func remove(_ key: Key) {
        guard connections.removeValue(forKey: key) != nil, let left = members[key.namespace] else { return }
        members[key.namespace] = left > 1 ? left - 1 : nil
        // An open socket keeps a namespace alive that nobody is in any more.
        if left == 1 { sources.close(key.namespace) }
    }

    private static func key(_ attempt: Attempt) -> Key? {
        guard attempt.transport == .tcp, attempt.destination.kind == .ip, let source = attempt.source,
            source.port != 0
        else { return nil }
        return Key(
            namespace: attempt.networkNamespace,
            source: Endpoint(address: source.address, port: source.port),
            destination: Endpoint(address: attempt.destination.address, port: attempt.destination.port))
    }

    /// Asks for all of them, and calls `send` with what was sent since.
    ///
    /// - Parameters:
    ///   - clock: CLOCK_BOOTTIME, nanoseconds.
    ///   - send: the attempt that the connection began with, and the send.
    public mutating func poll(now clock: () -> UInt64, send: (AttemptEvent, HeldSend) -> Void) {
        polls += 1
        for namespace in Array(members.keys) {
            let now = clock()
            let isAnswered = sources.read(
                namespace,
                through: { connections.first { $0.key.namespace == namespace }?.value.event.attempt.process.pid }
            ) { sample in
                let key = Key(namespace: namespace, source: sample.source, destination: sample.destination)
                guard let place = connections.index(forKey: key) else { return }
                connections.values[place].seen = polls
                guard connections.values[place].edges != nil else {
                    connections.values[place].edges = SendEdges(sample, now: now)
                    return
                }
                if let edge = connections.values[place].edges?.take(sample, now: now) {
                    send(connections.values[place].event, HeldSend(edge))
                }
            }
            if isAnswered { removeUnseen(in: namespace) }
        }
    }

    /// What was not among the answers has ended, and its end was lost.
    private mutating func removeUnseen(in namespace: UInt32) {
        // Those that came since have their turn.
        for key in connections.filter({ $0.key.namespace == namespace && $0.value.seen + 1 < polls }).map(\.key) {
            remove(key)
        }
    }
}

/// What was sent on a held connection after a silence.
public struct HeldSend: Sendable, Hashable {
    /// When, nanoseconds of CLOCK_BOOTTIME.
    public var bootNanoseconds: UInt64
    /// Payload bytes.
    public var bytes: UInt64
    /// Payload bytes that came since the send before.
    public var bytesReceived: UInt64

    init(_ send: SendEdges.Send) {
        (bootNanoseconds, bytes, bytesReceived) = (send.bootNanoseconds, send.bytes, send.bytesReceived)
    }
}

extension HeldConnections {
    /// A way into each namespace.
    struct Sources: ~Copyable {
        private final class Box {
            let source: ConnectionSource

            init(_ source: consuming ConnectionSource) { self.source = source }
        }

        private var boxes: [UInt32: Box] = [:]
        private(set) var trouble: String?

        /// Lets a namespace go.
        mutating func close(_ namespace: UInt32) { boxes[namespace] = nil }

        /// Calls `body` with each connection of a namespace.
        ///
        /// - Parameter pid: of a process in it; asked when it is not open yet.
        /// - Returns: whether there was an answer.
        mutating func read(
            _ namespace: UInt32, through pid: () -> UInt32?, _ body: (ConnectionSample) -> Void
        ) -> Bool {
            do throws(ConnectionSource.Problem) {
                let box: Box
                if let known = boxes[namespace] {
                    box = known
                } else {
                    guard let pid = pid() else { return false }
                    box = Box(try ConnectionSource(process: pid))
                    boxes[namespace] = box
                }
                try box.source.read(body)
                return true
            } catch {
                boxes[namespace] = nil
                // A process that ended meanwhile is no trouble.
                if ![ENOENT, ESRCH].contains(error.errno) {
                    // The text is valid until the next call on this thread.
                    trouble = "sock_diag does not answer: \(unsafe String(cString: strerror(error.errno)))"
                }
                return false
            }
        }
    }
}
