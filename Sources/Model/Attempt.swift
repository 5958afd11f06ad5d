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
    /// Whether the SYN left, as far as this observation tells: tcp_connect() was reached or is about to be.
    public var isSynSent: Bool
    /// Whether the kernel made it for itself.
    public var isKernelThread: Bool
    /// Whether the destination was read from user memory after the call, which the program could have changed.
    public var isDestinationFromUserMemory: Bool
    /// Whether the destination is a network's own broadcast address, which only the routes say (RFC 919).
    public var isNetworkBroadcast: Bool
    /// Payload bytes of the first datagram.
    public var bytes: UInt32
    /// The interface that the socket is bound to (SO_BINDTODEVICE), by index; 0: none.
    public var boundInterface: UInt32
    /// The socket, unique among those that live.
    public var socketKey: UInt64
    /// Tells UDP sockets at one key apart; 0 for others.
    public var socketGeneration: UInt64

    /// Makes an attempt.
    @inlinable
    public init(
        id: UInt64, reference: RecordReference, phase: AttemptPhase, startedBootNanoseconds: UInt64,
        observedBootNanoseconds: UInt64, process: ProcessIdentity, threadID: UInt32, threadName: ThreadName,
        userID: UInt32, effectiveUserID: UInt32? = nil, execID: UInt32? = nil,
        effectiveGroupID: UInt32? = nil, capabilities: UInt64? = nil, isTraced: Bool = false,
        isExecutableDeleted: Bool = false, networkNamespace: UInt32 = 0, cgroupID: UInt64 = 0, transport: Transport,
        destination: Endpoint, source: Endpoint? = nil, outcome: Outcome, via: Via = .syscall,
        blocker: Blocker? = nil, isSynSent: Bool = false,
        isKernelThread: Bool = false, isDestinationFromUserMemory: Bool = false, isNetworkBroadcast: Bool = false,
        bytes: UInt32 = 0, boundInterface: UInt32 = 0, socketKey: UInt64 = 0, socketGeneration: UInt64 = 0
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
        self.isSynSent = isSynSent
        self.isKernelThread = isKernelThread
        self.isDestinationFromUserMemory = isDestinationFromUserMemory
        self.isNetworkBroadcast = isNetworkBroadcast
        self.bytes = bytes
        self.boundInterface = boundInterface
        self.socketKey = socketKey
        self.socketGeneration = socketGeneration
    }
}
