/// Which record of the ring an observation or an event rests on.
///
/// Unique within a run.
public struct RecordReference: Hashable, Sendable {
    /// The CPU it was written on.
    public var cpu: UInt32
    /// The hook that wrote it, `enum tattle_hook`; 0: made in user space.
    public var hook: UInt8
    /// Its number among those of this hook on this CPU, from 1.
    public var sequence: UInt64

    /// Makes a reference.
    @inlinable
    public init(cpu: UInt32, hook: UInt8, sequence: UInt64) {
        self.cpu = cpu
        self.hook = hook
        self.sequence = sequence
    }
}

/// The end of an established TCP connection.
public struct ConnectionClose: Sendable {
    /// The attempt that it began with; `observedBootNanoseconds` is the end.
    public var attempt: Attempt
    /// When the handshake was completed, nanoseconds of CLOCK_BOOTTIME.
    public var establishedBootNanoseconds: UInt64
    /// Whether bytes, packets and retransmits are known: of plain TCP sockets they are.
    public var hasCounters: Bool
    /// Payload that the peer acknowledged.
    public var bytesSent: UInt64
    /// Payload that came.
    public var bytesReceived: UInt64
    /// Segments sent.
    public var packetsSent: UInt32
    /// Segments that came.
    public var packetsReceived: UInt32
    /// Segments sent again.
    public var retransmits: UInt32
    /// What ended it, `sk_err` as a positive errno: ECONNRESET, ETIMEDOUT; 0: it was closed.
    public var error: Int32

    /// Makes the end of a connection.
    public init(
        attempt: Attempt, establishedBootNanoseconds: UInt64, bytesSent: UInt64, bytesReceived: UInt64,
        packetsSent: UInt32, packetsReceived: UInt32, retransmits: UInt32, error: Int32 = 0, hasCounters: Bool = true
    ) {
        self.error = error
        self.hasCounters = hasCounters
        self.attempt = attempt
        self.establishedBootNanoseconds = establishedBootNanoseconds
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
        self.packetsSent = packetsSent
        self.packetsReceived = packetsReceived
        self.retransmits = retransmits
    }
}

/// What the kernel counted for one UDP flow.
public struct FlowCounters: Hashable, Sendable {
    /// The attempt that it began with.
    public var attemptID: UInt64
    /// First send, nanoseconds of CLOCK_BOOTTIME.
    public var firstBootNanoseconds: UInt64
    /// Newest send, nanoseconds of CLOCK_BOOTTIME.
    public var lastBootNanoseconds: UInt64
    /// Datagrams that the kernel took, the first included.
    public var datagrams: UInt64
    /// Their payload.
    public var bytes: UInt64
    /// Sends that returned an error.
    public var failures: UInt64
    /// Shortest time between two sends; 0 with fewer than two.
    public var gapMinimumNanoseconds: UInt64
    /// Longest time between two sends.
    public var gapMaximumNanoseconds: UInt64
    /// Sum of the squared gaps, in square microseconds.
    public var gapSquareSum: UInt64

    /// Makes counters.
    public init(
        attemptID: UInt64, firstBootNanoseconds: UInt64, lastBootNanoseconds: UInt64, datagrams: UInt64,
        bytes: UInt64, failures: UInt64, gapMinimumNanoseconds: UInt64, gapMaximumNanoseconds: UInt64,
        gapSquareSum: UInt64
    ) {
        self.attemptID = attemptID
        self.firstBootNanoseconds = firstBootNanoseconds
        self.lastBootNanoseconds = lastBootNanoseconds
        self.datagrams = datagrams
        self.bytes = bytes
        self.failures = failures
        self.gapMinimumNanoseconds = gapMinimumNanoseconds
        self.gapMaximumNanoseconds = gapMaximumNanoseconds
        self.gapSquareSum = gapSquareSum
    }

    /// Number of sends, taken or not.
    public var sends: UInt64 { datagrams &+ failures }
}

/// A UDP flow whose end the kernel saw.
public struct FlowEnd: Sendable {
    /// The ring record that told it.
    public var reference: RecordReference
    /// When, nanoseconds of CLOCK_BOOTTIME.
    public var observedBootNanoseconds: UInt64
    /// The socket.
    public var socketKey: UInt64
    /// Which socket at that key.
    public var socketGeneration: UInt64
    /// The counters of the socket's most recent flow.
    public var counters: FlowCounters
    /// Whether the socket is gone, and so every other flow of it.
    public var hasSocketDied: Bool

    /// Makes the end of a flow.
    public init(
        reference: RecordReference, observedBootNanoseconds: UInt64, socketKey: UInt64, socketGeneration: UInt64,
        counters: FlowCounters, hasSocketDied: Bool
    ) {
        self.reference = reference
        self.observedBootNanoseconds = observedBootNanoseconds
        self.socketKey = socketKey
        self.socketGeneration = socketGeneration
        self.counters = counters
        self.hasSocketDied = hasSocketDied
    }
}

/// A process began to exist by fork, vfork or clone.
public struct ProcessFork: Sendable {
    /// The new process.
    public var child: ProcessIdentity
    /// Its parent.
    public var parent: ProcessIdentity
    /// The process whose program it runs; differs from the parent with CLONE_PARENT.
    public var forker: ProcessIdentity
    /// The child's pid in its innermost pid namespace; 0: not known.
    public var namespacePID: UInt32
    /// The child's namespaces.
    public var namespaces: Namespaces
    /// How many programs the forker has executed; nil: not known.
    public var execID: UInt32?

    /// Makes a fork.
    public init(
        child: ProcessIdentity, parent: ProcessIdentity, forker: ProcessIdentity, namespacePID: UInt32 = 0,
        namespaces: Namespaces = Namespaces(), execID: UInt32? = nil
    ) {
        self.child = child
        self.parent = parent
        self.forker = forker
        self.namespacePID = namespacePID
        self.namespaces = namespaces
        self.execID = execID
    }
}

/// A control group was made or removed.
public struct ControlGroupChange: Sendable {
    /// cgroup v2 id.
    public var id: UInt64
    /// Its path from the hierarchy's root.
    public var path: [UInt8]
    /// Whether it is gone.
    public var isRemoved: Bool

    /// Makes a change.
    public init(id: UInt64, path: [UInt8], isRemoved: Bool) {
        self.id = id
        self.path = path
        self.isRemoved = isRemoved
    }
}

/// One thing that the kernel told.
public enum Observation: Sendable {
    /// An attempt, its outcome, or both.
    case attempt(Attempt)
    /// The end of an established TCP connection.
    case close(ConnectionClose)
    /// The end of a UDP flow.
    case flowEnd(FlowEnd)
    /// A program was started.
    case exec(ProcessFacts)
    /// A process was started.
    case fork(ProcessFork)
    /// A process ended.
    case exit(ProcessIdentity)
    /// A control group was made or removed.
    case controlGroup(ControlGroupChange)
}
