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
    /// Namespaces into which nobody led, and when they are tried again.
    private var closed: [UInt32: Retry] = [:]
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
    public var trouble: String? {
        sources.trouble
            ?? (closed.values.contains(where: \.isLasting)
                ? "no process leads to the network namespace of some connections" : nil)
    }

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
        if left == 1 {
            sources.close(key.namespace)
            closed[key.namespace] = nil
        }
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
    ///   - members: processes that may be in a network namespace; asked when it is not open yet.
    ///   - send: the attempt that the connection began with, and the send.
    public mutating func poll(
        now clock: () -> UInt64, members processes: (UInt32) -> [UInt32], send: (AttemptEvent, HeldSend) -> Void
    ) {
        polls += 1
        for namespace in Array(members.keys) where closed[namespace].map({ $0.next <= polls }) ?? true {
            let now = clock()
            let isAnswered = sources.read(
                namespace, through: { Self.ways(into: namespace, connections) + processes(namespace) }
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
            if isAnswered {
                closed[namespace] = nil
                removeUnseen(in: namespace)
            } else {
                closed[namespace, default: Retry()].put(off: polls)
            }
        }
    }

    /// Processes that may lead into a namespace: this one, and some that made connections there.
    ///
    /// Whoever made one may have ended, and left it to its child, or have gone to another namespace.
    private static func ways(into namespace: UInt32, _ connections: [Key: Connection]) -> [UInt32] {
        let there = connections.lazy.filter { $0.key.namespace == namespace }
        return [UInt32(getpid())] + there.map { $0.value.event.attempt.process.pid }.prefix(8)
    }

    /// When it is tried again, by polls: after one, two, four … 64 of them.
    private struct Retry {
        private var pause: UInt64 = 1
        private(set) var next: UInt64 = 0

        /// Whether it was in vain several times: a namespace may be about to go.
        var isLasting: Bool { pause > 8 }

        mutating func put(off now: UInt64) {
            next = now + pause
            pause = min(pause * 2, 64)
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
        /// - Parameter pids: of processes that may be in it; asked when it is not open yet.
        /// - Returns: whether there was an answer.
        mutating func read(
            _ namespace: UInt32, through pids: () -> [UInt32], _ body: (ConnectionSample) -> Void
        ) -> Bool {
            if let known = boxes[namespace] { return read(known, of: namespace, body) }
            for pid in pids() {
                do throws(ConnectionSource.Problem) {
                    let box = Box(try ConnectionSource(process: pid, namespace: namespace))
                    boxes[namespace] = box
                    return read(box, of: namespace, body)
                } catch {
                    // A process that has ended, or is elsewhere, is no trouble: another one may lead there.
                    if ![ENOENT, ESRCH].contains(error.errno) { note(error) }
                }
            }
            return false
        }

        private mutating func read(_ box: Box, of namespace: UInt32, _ body: (ConnectionSample) -> Void) -> Bool {
            do throws(ConnectionSource.Problem) {
                try box.source.read(body)
                return true
            } catch {
                boxes[namespace] = nil
                note(error)
                return false
            }
        }

        private mutating func note(_ problem: ConnectionSource.Problem) {
            // The text is valid until the next call on this thread.
            trouble = "sock_diag does not answer: \(unsafe String(cString: strerror(problem.errno)))"
        }
    }
}
