/// Who began a connection.
public enum ConnectionDirection: String, Sendable, Hashable {
    /// This machine.
    case egress
    /// The other end: something listens here on the local port.
    case ingress
}

/// The state of a socket that has another end, as /proc/net/tcp numbers it: include/net/tcp_states.h.
///
/// A connected UDP socket is `established`.
public enum SocketState: UInt8, Sendable, Hashable {
    /// Both may send.
    case established = 1
    /// A SYN is out and not answered.
    case synSent = 2
    /// This side has closed, and its FIN is not acknowledged.
    case finWait1 = 4
    /// This side has closed, the other one has not.
    case finWait2 = 5
    /// The other side has closed, this one has not.
    case closeWait = 8
    /// Both have closed, the last FIN is not acknowledged.
    case lastAck = 9
    /// Both closed at once.
    case closing = 11
}

/// A socket that was open before tattle, in the words of an attempt.
public struct ExistingEvent: Sendable {
    /// What is known: `destination` is the other end and `source` this one, whoever began it; `id` is 0.
    public var attempt: Attempt
    /// Who holds it; nil: no process does, as with the kernel's own, or it was gone before it could be asked.
    public var attribution: Attribution?
    /// How many more processes hold it.
    public var otherOwners: Int
    /// Who began it.
    public var direction: ConnectionDirection
    /// Its state when it was looked at.
    public var state: SocketState
    /// The inode of the socket, as in `socket:[N]` of proc_pid_fd(5).
    public var inode: UInt64

    /// Makes an event.
    public init(
        attempt: Attempt, attribution: Attribution?, otherOwners: Int, direction: ConnectionDirection,
        state: SocketState, inode: UInt64
    ) {
        self.attempt = attempt
        self.attribution = attribution
        self.otherOwners = otherOwners
        self.direction = direction
        self.state = state
        self.inode = inode
    }
}
