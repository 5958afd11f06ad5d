internal import Model

/// Sockets of which an attempt tells already: the inventory, which is made while the hooks are live, finds them too.
struct NewSockets {
    private struct Key: Hashable {
        var namespace: UInt32
        var transport: Transport
        var remote: IPAddress
        var remotePort: UInt16
        /// The local port, or, where that is not known yet, the process.
        var localPort: UInt16
        var pid: UInt32
    }

    /// More are not remembered: the inventory may then tell of a few once more.
    static let limit = 65_536
    private var keys: Set<Key> = []

    /// Takes an attempt or its outcome.
    mutating func note(_ attempt: Attempt) {
        guard keys.count < Self.limit else { return }
        let port = attempt.source?.port ?? 0
        keys.insert(Self.key(attempt, localPort: port, pid: port == 0 ? attempt.process.pid : 0))
    }

    /// Whether a socket, in the words of an attempt, is one of them.
    ///
    /// - Parameter owners: all that hold it.
    func contains(_ socket: Attempt, owners: [UInt32]) -> Bool {
        keys.contains(Self.key(socket, localPort: socket.source?.port ?? 0, pid: 0))
            || owners.contains { keys.contains(Self.key(socket, localPort: 0, pid: $0)) }
    }

    private static func key(_ attempt: Attempt, localPort: UInt16, pid: UInt32) -> Key {
        Key(
            namespace: attempt.networkNamespace, transport: attempt.transport, remote: attempt.destination.address,
            remotePort: attempt.destination.port, localPort: localPort, pid: pid)
    }
}
