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
    public init(cpu: UInt32, hook: UInt8, sequence: UInt64) {
        self.cpu = cpu
        self.hook = hook
        self.sequence = sequence
    }
}

/// How much of an attempt one observation tells.
public enum AttemptPhase: Hashable, Sendable {
    /// It is on its way; the outcome follows under the same id.
    case begun
    /// The attempt and its outcome.
    case whole
    /// The outcome of one that was told of before.
    case outcome
}

/// One attempt to reach the network, as the kernel saw it.
public struct Attempt: Sendable {
    /// Unique within a run, never 0.
    public var id: UInt64
    /// The ring record that told it.
    public var reference: RecordReference
    /// How much this tells.
    public var phase: AttemptPhase
    /// When the application called, nanoseconds of CLOCK_BOOTTIME.
    public var startedBootNanoseconds: UInt64
    /// When the record was written, nanoseconds of CLOCK_BOOTTIME.
    public var observedBootNanoseconds: UInt64
    /// The process.
    public var process: ProcessIdentity
    /// The thread's id in the initial pid namespace.
    public var threadID: UInt32
    /// The thread's name, at most 15 bytes of no particular encoding.
    public var threadName: ThreadName
    /// Real user id at the time, in the initial user namespace.
    public var userID: UInt32
    /// Effective user id at the time, in the initial user namespace.
    public var effectiveUserID: UInt32
    /// How many programs the process had executed: `task->self_exec_id`; nil: not known.
    public var execID: UInt32?
    /// Effective group id at the time; nil: not known.
    public var effectiveGroupID: UInt32?
    /// Effective capabilities at the time, bit N for capability N; nil: not known.
    public var capabilities: UInt64?
    /// Whether the thread was traced by ptrace(2) at the time.
    public var isTraced: Bool
    /// Whether the executable had no link left at the time.
    public var isExecutableDeleted: Bool
    /// Inode of the network namespace; 0: not known.
    public var networkNamespace: UInt32
    /// cgroup v2 id; 0: not known.
    public var cgroupID: UInt64
    /// The transport protocol.
    public var transport: Transport
    /// Where to.
    public var destination: Endpoint
    /// Where from; nil: not chosen yet.
    public var source: Endpoint?
    /// How it ended, as far as this observation tells.
    public var outcome: Outcome
    /// How it was made.
    public var via: Via
    /// What stood in the way; nil: nothing, or not known.
    public var blocker: Blocker?
    /// Whether the kernel made it for itself.
    public var isKernelThread: Bool
    /// Whether the destination was read from user memory after the call, which the program could have changed.
    public var isDestinationFromUserMemory: Bool
    /// Payload bytes of the first datagram (UDP).
    public var bytes: UInt32
    /// The socket, unique among those that live.
    public var socketKey: UInt64
    /// Tells UDP sockets at one key apart; 0 for others.
    public var socketGeneration: UInt64

    /// Makes an attempt.
    public init(
        id: UInt64, reference: RecordReference, phase: AttemptPhase, startedBootNanoseconds: UInt64,
        observedBootNanoseconds: UInt64, process: ProcessIdentity, threadID: UInt32, threadName: ThreadName,
        userID: UInt32, effectiveUserID: UInt32? = nil, execID: UInt32? = nil,
        effectiveGroupID: UInt32? = nil, capabilities: UInt64? = nil, isTraced: Bool = false,
        isExecutableDeleted: Bool = false, networkNamespace: UInt32 = 0, cgroupID: UInt64 = 0, transport: Transport, destination: Endpoint, source: Endpoint? = nil, outcome: Outcome, via: Via = .syscall,
        blocker: Blocker? = nil, isKernelThread: Bool = false, isDestinationFromUserMemory: Bool = false,
        bytes: UInt32 = 0, socketKey: UInt64 = 0, socketGeneration: UInt64 = 0
    ) {
        self.id = id
        self.reference = reference
        self.phase = phase
        self.startedBootNanoseconds = startedBootNanoseconds
        self.observedBootNanoseconds = observedBootNanoseconds
        self.process = process
        self.threadID = threadID
        self.threadName = threadName
        self.userID = userID
        self.effectiveUserID = effectiveUserID ?? userID
        self.execID = execID
        self.effectiveGroupID = effectiveGroupID
        self.capabilities = capabilities
        self.isTraced = isTraced
        self.isExecutableDeleted = isExecutableDeleted
        self.networkNamespace = networkNamespace
        self.cgroupID = cgroupID
        self.transport = transport
        self.destination = destination
        self.source = source
        self.outcome = outcome
        self.via = via
        self.blocker = blocker
        self.isKernelThread = isKernelThread
        self.isDestinationFromUserMemory = isDestinationFromUserMemory
        self.bytes = bytes
        self.socketKey = socketKey
        self.socketGeneration = socketGeneration
    }
}

/// A thread's name as the kernel keeps it: sixteen bytes, NUL-terminated.
public struct ThreadName: Hashable, Sendable {
    /// The bytes, the first in the lowest bits of `low`.
    public var low: UInt64
    /// The ninth to the sixteenth byte.
    public var high: UInt64

    /// Makes a name from two little-endian numbers.
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// Makes a name from bytes; those past the fifteenth are dropped, as the kernel does.
    public init(_ bytes: some Sequence<UInt8>) {
        self.init(low: 0, high: 0)
        for (index, byte) in bytes.prefix(15).enumerated() {
            if index < 8 {
                low |= UInt64(byte) << UInt64(index * 8)
            } else {
                high |= UInt64(byte) << UInt64((index - 8) * 8)
            }
        }
    }

    /// The bytes up to the first NUL.
    public var bytes: [UInt8] {
        var result: [UInt8] = []
        for index in 0..<16 {
            let byte = UInt8(truncatingIfNeeded: (index < 8 ? low : high) >> UInt64(index % 8 * 8))
            if byte == 0 { break }
            result.append(byte)
        }
        return result
    }
}

/// The end of an established TCP connection.
public struct ConnectionClose: Sendable {
    /// The attempt that it began with; `observedBootNanoseconds` is the end.
    public var attempt: Attempt
    /// When the handshake was completed, nanoseconds of CLOCK_BOOTTIME.
    public var establishedBootNanoseconds: UInt64
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
        packetsSent: UInt32, packetsReceived: UInt32, retransmits: UInt32, error: Int32 = 0
    ) {
        self.error = error
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
