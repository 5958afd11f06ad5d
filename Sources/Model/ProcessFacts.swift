/// Where what is known of a process came from.
public enum AttributionSource: Sendable, Hashable {
    /// The kernel told it at exec or fork.
    case kernel
    /// It was running before tattle, or its records were lost: read from /proc while it lived.
    case procfs
    /// Neither: only what the attempt itself carried.
    case partial
}

/// What is known of one run of one program.
///
/// Immutable: an exec makes a new value.
///
/// Paths, names and arguments are the bytes that the kernel gave, in no particular encoding.
public final class ProcessFacts: Sendable {
    /// Pid and start time.
    public let identity: ProcessIdentity
    /// Pid and start time of the parent when the program was started; nil: none or not known.
    public let parentIdentity: ProcessIdentity?
    /// The process's name: `comm` of its leader at exec, at most 15 bytes.
    public let name: [UInt8]
    /// The executable's real path, mounts crossed; nil: not known (kernel threads have none).
    public let executable: [UInt8]?
    /// Whether the path is cut at its front.
    public let isExecutableTruncated: Bool
    /// Whether the executable had been deleted when it was started.
    public let isExecutableDeleted: Bool
    /// The arguments, the program's name first; empty: not known or none.
    public let arguments: [[UInt8]]
    /// How many bytes of arguments the program was given; more than `arguments` holds when they were cut.
    public let argumentsTotalBytes: Int
    /// Whether `arguments` is not all of them.
    public let areArgumentsTruncated: Bool
    /// Real user id.
    public let userID: UInt32?
    /// Real group id.
    public let groupID: UInt32?
    /// Audit login uid; nil: none or not known.
    public let loginUserID: UInt32?
    /// cgroup v2 id; nil: not known.
    public let cgroupID: UInt64?
    /// Whether this is a thread of the kernel.
    public let isKernelThread: Bool
    /// Where it came from.
    public let source: AttributionSource

    /// Makes the facts of one process.
    public init(
        identity: ProcessIdentity, parentIdentity: ProcessIdentity? = nil, name: [UInt8],
        executable: [UInt8]? = nil, isExecutableTruncated: Bool = false, isExecutableDeleted: Bool = false,
        arguments: [[UInt8]] = [], argumentsTotalBytes: Int = 0, areArgumentsTruncated: Bool = false,
        userID: UInt32? = nil, groupID: UInt32? = nil, loginUserID: UInt32? = nil, cgroupID: UInt64? = nil,
        isKernelThread: Bool = false, source: AttributionSource
    ) {
        self.identity = identity
        self.parentIdentity = parentIdentity
        self.name = name
        self.executable = executable
        self.isExecutableTruncated = isExecutableTruncated
        self.isExecutableDeleted = isExecutableDeleted
        self.arguments = arguments
        self.argumentsTotalBytes = argumentsTotalBytes
        self.areArgumentsTruncated = areArgumentsTruncated
        self.userID = userID
        self.groupID = groupID
        self.loginUserID = loginUserID
        self.cgroupID = cgroupID
        self.isKernelThread = isKernelThread
        self.source = source
    }
}

/// A process with the parent that started it, as a record needs them.
public struct Attribution: Sendable {
    /// Who.
    public var process: ProcessFacts
    /// Who started it; nil: not known.
    public var parent: ProcessFacts?

    /// Makes an attribution.
    public init(process: ProcessFacts, parent: ProcessFacts?) {
        self.process = process
        self.parent = parent
    }
}
