/// Where what is known of a process came from.
public enum AttributionSource: Sendable, Hashable {
    /// The kernel told it at exec or fork.
    case kernel
    /// It was running before tattle, or its records were lost: read from /proc while it lived.
    case procfs
    /// Neither: only what the attempt itself carried.
    case partial
}

/// With whose rights a process runs, at exec; nil: not known.
public struct Credentials: Hashable, Sendable {
    /// Real user id.
    public var userID: UInt32?
    /// Effective user id.
    public var effectiveUserID: UInt32?
    /// Real group id.
    public var groupID: UInt32?
    /// Effective group id.
    public var effectiveGroupID: UInt32?
    /// Audit login uid: who logged in, whatever they became since; nil also: nobody did.
    public var loginUserID: UInt32?
    /// Effective capabilities, bit N for capability N.
    public var capabilities: UInt64?

    /// Makes credentials.
    public init(
        userID: UInt32? = nil, effectiveUserID: UInt32? = nil, groupID: UInt32? = nil, effectiveGroupID: UInt32? = nil,
        loginUserID: UInt32? = nil, capabilities: UInt64? = nil
    ) {
        self.userID = userID
        self.effectiveUserID = effectiveUserID
        self.groupID = groupID
        self.effectiveGroupID = effectiveGroupID
        self.loginUserID = loginUserID
        self.capabilities = capabilities
    }
}

/// The namespaces of a process by their inode numbers; 0: not known.
public struct Namespaces: Hashable, Sendable {
    /// Network.
    public var network: UInt32
    /// Process ids.
    public var pid: UInt32
    /// Mounts.
    public var mount: UInt32
    /// Users.
    public var user: UInt32

    /// Makes namespaces.
    public init(network: UInt32 = 0, pid: UInt32 = 0, mount: UInt32 = 0, user: UInt32 = 0) {
        self.network = network
        self.pid = pid
        self.mount = mount
        self.user = user
    }
}

/// The process that leads a session.
public struct SessionLeader: Sendable {
    /// Its pid; its start is 0 where only the pid is known.
    public var identity: ProcessIdentity
    /// What it ran when the session's member executed its program; nil: not known.
    public var program: Program?

    /// Makes a leader.
    public init(identity: ProcessIdentity, program: Program?) {
        self.identity = identity
        self.program = program
    }
}

/// What is known of one run of one program.
///
/// Immutable: an exec makes a new value. Holds its ancestors, so they are known as long as it is.
///
/// Paths, names and arguments are the bytes that the kernel gave, in no particular encoding.
public final class ProcessFacts: Sendable {
    /// Ancestors that are held at most: a relay of processes that each start the next and end must not fill memory.
    public static let ancestryLimit = 32

    /// Pid and start time.
    public let identity: ProcessIdentity
    /// Pid and start time of the parent that it was born to; nil: none or not known.
    public let parentIdentity: ProcessIdentity?
    /// That parent, as it was when it was last seen to fork; nil: not known.
    public let parent: ProcessFacts?
    /// What it runs.
    public let program: Program
    /// How many programs it, and its forkers before it, have executed: `task->self_exec_id`; nil: not known.
    public let execID: UInt32?
    /// With whose rights.
    public let credentials: Credentials
    /// Its namespaces.
    public let namespaces: Namespaces
    /// Its pid in the innermost pid namespace; 0: not known.
    public let namespacePID: UInt32
    /// Who leads its session; nil: not known.
    public let sessionLeader: SessionLeader?
    /// Its controlling terminal, major << 20 | minor; nil: none or not known.
    public let terminal: UInt32?
    /// cgroup v2 id at exec; nil: not known.
    public let cgroupID: UInt64?
    /// Whether it was traced by ptrace(2) at exec.
    public let isTraced: Bool
    /// Whether this is a thread of the kernel.
    public let isKernelThread: Bool
    /// Where it came from.
    public let source: AttributionSource
    /// How many ancestors are held.
    let depth: Int

    /// Makes the facts of one process.
    ///
    /// - Parameter parentIdentity: for where `parent` is not known.
    public init(
        identity: ProcessIdentity, parentIdentity: ProcessIdentity? = nil, parent: ProcessFacts? = nil,
        program: Program, execID: UInt32? = nil, credentials: Credentials = Credentials(),
        namespaces: Namespaces = Namespaces(), namespacePID: UInt32 = 0, sessionLeader: SessionLeader? = nil,
        terminal: UInt32? = nil, cgroupID: UInt64? = nil, isTraced: Bool = false, isKernelThread: Bool = false,
        source: AttributionSource
    ) {
        self.identity = identity
        self.parentIdentity = parent?.identity ?? parentIdentity
        // The oldest are let go, in one step for many, so that it is seldom done.
        let held = parent.map { $0.depth < 2 * Self.ancestryLimit ? $0 : $0.cut(to: Self.ancestryLimit) }
        self.parent = held
        self.depth = held.map { $0.depth + 1 } ?? 0
        self.program = program
        self.execID = execID
        self.credentials = credentials
        self.namespaces = namespaces
        self.namespacePID = namespacePID
        self.sessionLeader = sessionLeader
        self.terminal = terminal
        self.cgroupID = cgroupID
        self.isTraced = isTraced
        self.isKernelThread = isKernelThread
        self.source = source
    }

    /// The parent, its parent and so on, as far as they are known, at most ``ancestryLimit``.
    public var ancestors: some Sequence<ProcessFacts> {
        sequence(state: parent) { next -> ProcessFacts? in
            defer { next = next?.parent }
            return next
        }.prefix(Self.ancestryLimit)
    }

    /// The same with fewer ancestors.
    private func cut(to count: Int) -> ProcessFacts {
        count == 0 ? with(parent: .some(nil)) : with(parent: .some(parent?.cut(to: count - 1)))
    }

    /// The same process, with what is given in place of what was known.
    ///
    /// - Parameters:
    ///   - parent: `.some(nil)`: none, but its identity.
    public func with(
        identity: ProcessIdentity? = nil, parentIdentity: ProcessIdentity? = nil, parent: ProcessFacts?? = nil,
        program: Program? = nil, execID: UInt32? = nil, credentials: Credentials? = nil,
        namespaces: Namespaces? = nil, namespacePID: UInt32? = nil, sessionLeader: SessionLeader? = nil,
        source: AttributionSource? = nil
    ) -> ProcessFacts {
        ProcessFacts(
            identity: identity ?? self.identity, parentIdentity: parentIdentity ?? self.parentIdentity,
            parent: parent ?? self.parent, program: program ?? self.program, execID: execID ?? self.execID,
            credentials: credentials ?? self.credentials, namespaces: namespaces ?? self.namespaces,
            namespacePID: namespacePID ?? self.namespacePID, sessionLeader: sessionLeader ?? self.sessionLeader,
            terminal: terminal, cgroupID: cgroupID, isTraced: isTraced, isKernelThread: isKernelThread,
            source: source ?? self.source)
    }
}

/// Who made an attempt, with everything that is known of them, as a record needs it.
public struct Attribution: Sendable {
    /// Who.
    public var process: ProcessFacts
    /// Where the process is in the hierarchy of control groups; nil: not known.
    public var group: ControlGroup?
    /// What its executable really is; nil: not known, or not yet.
    public var file: FileVerdict?
    /// Whether `file` is to come.
    public var isFilePending: Bool

    /// Makes an attribution.
    public init(
        process: ProcessFacts, group: ControlGroup? = nil, file: FileVerdict? = nil, isFilePending: Bool = false
    ) {
        self.process = process
        self.group = group
        self.file = file
        self.isFilePending = isFilePending
    }
}
