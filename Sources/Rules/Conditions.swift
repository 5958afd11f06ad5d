public import Model

/// What a rule asks of a record: each that is not empty has to hold, by one of its values.
public struct Conditions: Sendable, Hashable {
    /// The executable's path.
    public var executables: [Pattern] = []
    /// SHA-256 of the executable, 32 bytes.
    public var hashes: [[UInt8]] = []
    /// The real user id at the attempt.
    public var userIDs: [UInt32] = []
    /// The systemd unit.
    public var units: [Pattern] = []
    /// The container's id, or its first twelve digits or more.
    public var containers: [Pattern] = []
    /// Where to; of what came from outside, from where.
    public var blocks: [AddressPrefix] = []
    /// The port there.
    public var ports: [ClosedRange<UInt16>] = []
    /// The protocol.
    public var protocols: [ProtocolCondition] = []
    /// What became of it.
    public var results: Set<AttemptResult> = []

    /// No condition: everything meets it.
    public init() {}

    /// Whether nothing is asked.
    public var isEmpty: Bool { !asksProcess && !asksAttempt }

    /// Whether something is asked of the process.
    public var asksProcess: Bool {
        !executables.isEmpty || !hashes.isEmpty || !userIDs.isEmpty || !units.isEmpty || !containers.isEmpty
    }

    private var asksAttempt: Bool {
        !blocks.isEmpty || !ports.isEmpty || !protocols.isEmpty || !results.isEmpty
    }

    /// Whether what is asked of the process holds; what is not known of it, as of a socket without one, meets nothing.
    ///
    /// - Parameter certain: which of its names are to be believed; nil: any.
    func admit(_ attribution: Attribution?, userID: UInt32, certain: CertainNames?) -> Bool {
        guard asksProcess else { return true }
        guard let attribution else { return false }
        guard userIDs.isEmpty || userIDs.contains(userID) else { return false }
        if !hashes.isEmpty {
            guard let hash = attribution.file?.sha256, hashes.contains(hash) else { return false }
        }
        return admit(executableOf: attribution.process.program, certain)
            && admit(placeOf: attribution.group, certain)
    }

    private func admit(executableOf program: Program, _ certain: CertainNames?) -> Bool {
        guard !executables.isEmpty else { return true }
        guard certain?.isExecutable != false, let path = program.executable else { return false }
        return executables.contains { $0.matches(path) }
    }

    private func admit(placeOf group: ControlGroup?, _ certain: CertainNames?) -> Bool {
        if !units.isEmpty {
            guard certain?.isUnit != false, let unit = group?.unit else { return false }
            guard units.contains(where: { $0.matches(unit.utf8) }) else { return false }
        }
        guard !containers.isEmpty else { return true }
        guard certain?.isContainer != false, let id = group?.container?.id.utf8 else { return false }
        return containers.contains { $0.matches(id) || $0.isLiteral && $0.isLongPrefix(of: id) }
    }
}

extension Pattern {
    /// Whether it is at least twelve digits that a container's id begins with, as container tools show it.
    fileprivate func isLongPrefix(of id: String.UTF8View) -> Bool { length >= 12 && isPrefix(of: id) }
}

/// A protocol that a rule asks for.
public enum ProtocolCondition: Sendable, Hashable {
    /// By the number that IANA gave it; MPTCP is TCP.
    case ip(UInt16)
    /// To a virtual machine.
    case vsock

    /// By its name; nil: none that is known.
    init?(name: String) {
        switch name {
        case "tcp": self = .ip(6)
        case "udp": self = .ip(17)
        case "udplite": self = .ip(136)
        case "icmp": self = .ip(1)
        case "ipv6-icmp": self = .ip(58)
        case "sctp": self = .ip(132)
        case "dccp": self = .ip(33)
        case "gre": self = .ip(47)
        case "vsock": self = .vsock
        default: return nil
        }
    }

    /// The names that are known.
    static let names = ["tcp", "udp", "udplite", "icmp", "ipv6-icmp", "sctp", "dccp", "gre", "vsock"]

    func holds(for attempt: Attempt) -> Bool {
        switch self {
        case .ip(let number): attempt.destination.kind == .ip && attempt.transport.ianaNumber == number
        case .vsock: attempt.destination.kind == .vsock
        }
    }
}
