internal import DequeModule
public import Model

/// Which program each pid runs, now and until a while after it ended.
///
/// Fed in the order of the ring, so that an attempt finds its process as it was at the time. A process
/// that is gone stays known: what its sockets still do, and its children's ancestry, refer to it.
public struct ProcessTable {
    /// How many processes that have ended are remembered, the newest first.
    public static let exitedLimit = 16_384

    private var running: [UInt32: ProcessFacts] = [:]
    private var exited: [ProcessIdentity: ProcessFacts] = [:]
    private var exitOrder: Deque<ProcessIdentity> = []
    private var doubtful: Set<UInt32> = []
    /// Those that run their forker's program still, as far as was told.
    private var unexecuted: Set<UInt32> = []
    private let lookUp: (UInt32) -> ProcessFacts?

    /// Makes an empty table.
    ///
    /// - Parameter lookUp: reads what /proc knows of a process that was there before tattle, or whose
    ///   records were lost; nil when it is gone.
    public init(lookUp: @escaping (UInt32) -> ProcessFacts?) {
        self.lookUp = lookUp
    }

    /// Number of processes that are known to run.
    public var runningCount: Int { running.count }

    /// Number of processes that have ended and are still known.
    public var exitedCount: Int { exited.count }

    /// Adds a process that was running before tattle.
    public mutating func add(_ facts: ProcessFacts) { running[facts.identity.pid] = facts }

    /// Gives parents that /proc named by pid alone their identity, while it is certain who has that pid.
    public mutating func linkParents() {
        for (pid, facts) in running {
            guard let parent = facts.parentIdentity, parent.startBootNanoseconds == 0 else { continue }
            running[pid] = facts.with(parent: running[parent.pid]?.identity)
        }
    }

    /// Records of exec, fork or exit were lost: what is known of those that run now may be out of date.
    ///
    /// - Parameter isWidespread: many were lost, so that everybody is doubted; else only those that were forked and
    ///   told nothing since, of whom a lost exec would leave the wrong program.
    public mutating func doubt(isWidespread: Bool) { doubtful.formUnion(isWidespread ? Set(running.keys) : unexecuted) }

    /// A process executes a program: it is the same process with other facts.
    public mutating func exec(_ facts: ProcessFacts) {
        if let before = running[facts.identity.pid], !before.identity.matches(facts.identity) { retire(before) }
        running[facts.identity.pid] = facts
        doubtful.remove(facts.identity.pid)
        unexecuted.remove(facts.identity.pid)
    }

    /// A process began: it runs its forker's program until it executes another.
    public mutating func fork(_ fork: ProcessFork) {
        if let before = running[fork.child.pid] { retire(before) }
        doubtful.remove(fork.child.pid)
        unexecuted.insert(fork.child.pid)
        let forker = facts(of: fork.forker)
        running[fork.child.pid] = forker?.forked(as: fork.child, parent: fork.parent)
    }

    /// A process ended.
    public mutating func exit(_ identity: ProcessIdentity) {
        guard let facts = running[identity.pid], facts.identity.matches(identity) else { return }
        running[identity.pid] = nil
        unexecuted.remove(identity.pid)
        if doubtful.remove(identity.pid) == nil { retire(facts) }
    }

    private mutating func retire(_ facts: ProcessFacts) {
        if exited.updateValue(facts, forKey: facts.identity) == nil { exitOrder.append(facts.identity) }
        while exitOrder.count > Self.exitedLimit { exited[exitOrder.removeFirst()] = nil }
    }

    /// The facts of a process, running or gone; nil when nothing is known.
    public mutating func facts(of identity: ProcessIdentity) -> ProcessFacts? {
        if doubtful.remove(identity.pid) != nil {
            // Read anew while it lives; else nobody knows what it ran.
            running[identity.pid] = nil
        }
        if let known = running[identity.pid] {
            if known.identity == identity || identity.startBootNanoseconds == 0 { return known }
            if known.identity.matches(identity) {
                // /proc knows the start to 10 ms; the kernel has told it exactly now.
                let exact = known.with(identity: identity)
                running[identity.pid] = exact
                return exact
            }
        }
        if let gone = exited[identity] { return gone }
        guard let found = lookUp(identity.pid), found.identity.matches(identity) else { return nil }
        var exact = identity.startBootNanoseconds == 0 ? found : found.with(identity: identity)
        if let parent = exact.parentIdentity, parent.startBootNanoseconds == 0 {
            exact = exact.with(parent: running[parent.pid]?.identity ?? lookUp(parent.pid)?.identity)
        }
        running[identity.pid] = exact
        return exact
    }

    /// Who made an attempt, with the parent; what is not known is made of what the attempt carries.
    public mutating func attribution(of attempt: Attempt) -> Attribution {
        let process =
            facts(of: attempt.process)
            ?? ProcessFacts(
                identity: attempt.process, name: attempt.threadName.bytes, userID: attempt.userID,
                cgroupID: attempt.cgroupID == 0 ? nil : attempt.cgroupID, isKernelThread: attempt.isKernelThread,
                source: .partial)
        let parent = process.parentIdentity.flatMap { facts(of: $0) }
        return Attribution(process: process, parent: parent)
    }
}

extension ProcessIdentity {
    /// /proc gives the start in clock ticks of 10 ms (USER_HZ is 100 on every architecture that Linux runs on).
    public static let tickNanoseconds: UInt64 = 10_000_000

    /// Whether this is the same process as far as both sides know its start.
    ///
    /// 0 is not known; a start that is a whole number of ticks may be one that /proc cut.
    public func matches(_ other: ProcessIdentity) -> Bool {
        guard pid == other.pid else { return false }
        let (mine, theirs) = (startBootNanoseconds, other.startBootNanoseconds)
        if mine == theirs || mine == 0 || theirs == 0 { return true }
        let isCut = mine % Self.tickNanoseconds == 0 || theirs % Self.tickNanoseconds == 0
        return isCut && mine / Self.tickNanoseconds == theirs / Self.tickNanoseconds
    }
}

extension ProcessFacts {
    /// The same process under an identity that is better known.
    func with(identity: ProcessIdentity) -> ProcessFacts { copy(identity: identity, parent: parentIdentity) }

    /// The same process with a parent that is better known.
    func with(parent: ProcessIdentity?) -> ProcessFacts { copy(identity: identity, parent: parent) }

    /// A child of this process that has not executed anything yet.
    func forked(as child: ProcessIdentity, parent: ProcessIdentity) -> ProcessFacts {
        copy(identity: child, parent: parent)
    }

    private func copy(identity: ProcessIdentity, parent: ProcessIdentity?) -> ProcessFacts {
        ProcessFacts(
            identity: identity, parentIdentity: parent, name: name, executable: executable,
            isExecutableTruncated: isExecutableTruncated, isExecutableDeleted: isExecutableDeleted,
            arguments: arguments, argumentsTotalBytes: argumentsTotalBytes,
            areArgumentsTruncated: areArgumentsTruncated, userID: userID, groupID: groupID,
            loginUserID: loginUserID, cgroupID: cgroupID, isKernelThread: isKernelThread, source: source)
    }
}
