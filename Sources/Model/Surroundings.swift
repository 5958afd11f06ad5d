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

    /// The user namespace that the machine began with: `PROC_USER_INIT_INO` of the kernel's include/linux/proc_ns.h.
    public static let initialUser: UInt32 = 0xefff_fffd

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

/// What a process has in common with most of those around it, as of its exec: held once for all of them.
public final class Surroundings: Sendable {
    /// With whose rights.
    public let credentials: Credentials
    /// The namespaces.
    public let namespaces: Namespaces
    /// Who leads the session; nil: not known.
    public let sessionLeader: SessionLeader?
    /// The controlling terminal, major << 20 | minor; nil: none or not known.
    public let terminal: UInt32?
    /// cgroup v2 id; nil: not known.
    public let cgroupID: UInt64?

    /// Makes surroundings.
    public init(
        credentials: Credentials = Credentials(), namespaces: Namespaces = Namespaces(),
        sessionLeader: SessionLeader? = nil, terminal: UInt32? = nil, cgroupID: UInt64? = nil
    ) {
        self.credentials = credentials
        self.namespaces = namespaces
        self.sessionLeader = sessionLeader
        self.terminal = terminal
        self.cgroupID = cgroupID
    }
}

extension Surroundings: Hashable {
    /// Whether both are the same in everything.
    public static func == (one: Surroundings, other: Surroundings) -> Bool {
        one === other
            || one.credentials == other.credentials && one.namespaces == other.namespaces
                && one.sessionLeader?.identity == other.sessionLeader?.identity
                && one.sessionLeader?.program?.objectIdentifier == other.sessionLeader?.program?.objectIdentifier
                && one.terminal == other.terminal
                && one.cgroupID == other.cgroupID
    }

    /// Hashes what tells most of them apart.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(credentials)
        hasher.combine(namespaces)
        hasher.combine(sessionLeader?.identity)
        hasher.combine(cgroupID)
    }
}

extension Surroundings {
    /// The same, with what is given in place of what was known.
    public func with(namespaces: Namespaces? = nil, sessionLeader: SessionLeader? = nil) -> Surroundings {
        Surroundings(
            credentials: credentials, namespaces: namespaces ?? self.namespaces,
            sessionLeader: sessionLeader ?? self.sessionLeader, terminal: terminal, cgroupID: cgroupID)
    }
}
