internal import DequeModule
public import Model

/// Which program each pid runs, now and until a while after it ended.
///
/// Fed in the order of the ring, so that an attempt finds its process as it was at the time. What a process ran
/// before stays known for a while, also of one that is gone: outcomes come late. Ancestors are held by
/// their descendants.
public struct ProcessTable {
    /// How many runs of programs that are over are remembered, the newest first.
    public static let pastLimit = 8_192
    /// How many bytes of text they may have in all: paths and arguments can be long.
    public static let pastTextLimit = 8 << 20

    /// One run of one program by one process.
    private struct Run: Hashable {
        var process: ProcessIdentity
        var execID: UInt32?
    }

    private var running: [UInt32: ProcessFacts] = [:]
    private var past: [Run: ProcessFacts] = [:]
    private var pastOrder: Deque<Run> = []
    private var pastTextBytes = 0
    private var images = RecentValues<ProgramImage>(capacity: 1024)
    private var programs = RecentValues<Program>(capacity: 1024)
    private var surroundings = RecentValues<Surroundings>(capacity: 1024)
    private let lookUp: (UInt32) -> ProcessFacts?
    /// What each process is still to execute, the next one first: ``expect(_:)``.
    private var comingExecs: [ProcessIdentity: Deque<Program>] = [:]

    /// Makes an empty table.
    ///
    /// - Parameter lookUp: reads what /proc knows of a process that was there before tattle, or whose
    ///   records were lost; nil when it is gone.
    public init(lookUp: @escaping (UInt32) -> ProcessFacts?) {
        self.lookUp = lookUp
    }

    /// Number of processes that are known to run.
    public var runningCount: Int { running.count }

    /// The network namespaces of those that run, as of exec or fork, each with at most `limit` of them.
    public func networkNamespaces(limit: Int) -> [UInt32: [UInt32]] {
        var members: [UInt32: [UInt32]] = [:]
        for (pid, facts) in running {
            let inode = facts.surroundings.namespaces.network
            if inode != 0, members[inode]?.count ?? 0 < limit { members[inode, default: []].append(pid) }
        }
        return members
    }

    /// Number of runs that are over and still known.
    public var pastCount: Int { past.count }

    /// Adds the processes that were running before tattle, as /proc knows them, each with its ancestors.
    ///
    /// One at a time: to read all and then link them would leave the memory of the first half in pieces.
    public mutating func add(pids: [UInt32]) {
        for pid in pids { add(pid) }
    }

    /// Adds a process, after those that it holds: its ancestors, the oldest first, and each one's session leader.
    private mutating func add(_ pid: UInt32) {
        var chain: [ProcessFacts] = []
        var pids: Set<UInt32> = []
        var next: UInt32? = pid
        while let pid = next, running[pid] == nil, pids.insert(pid).inserted, let found = lookUp(pid) {
            chain.append(found)
            next = found.parentIdentity?.pid
        }
        for facts in chain.reversed() {
            // Nearly always an ancestor, so that it is there by now; else its parent has ended.
            if let leader = facts.surroundings.sessionLeader?.identity.pid, !pids.contains(leader) { add(leader) }
            running[facts.identity.pid] = linked(facts)
        }
    }

    /// With parent and session leader, as far as they are known now.
    private mutating func linked(_ facts: ProcessFacts) -> ProcessFacts {
        var parent = facts.parentIdentity.flatMap { running[$0.pid] }
        // Else it is not the parent that has that pid by now.
        if let born = parent?.identity.startBootNanoseconds, born > facts.identity.startBootNanoseconds { parent = nil }
        let program = shared(facts.program)
        var leader = facts.surroundings.sessionLeader
        if let session = leader?.identity.pid {
            if session == facts.identity.pid {
                leader = SessionLeader(identity: facts.identity, program: program)
            } else if let known = running[session] {
                leader = SessionLeader(identity: known.identity, program: known.program)
            }
        }
        return facts.with(
            parent: .some(parent), program: program,
            surroundings: surroundings.shared(facts.surroundings.with(sessionLeader: leader)))
    }

    /// The program that others run already, or this one with the image of others.
    ///
    /// Long ones are not kept for others, so that all that are stay under 1 MiB, and as much for their images.
    private mutating func shared(_ program: Program) -> Program {
        guard program.image.textByteCount <= 1024 else { return program }
        let image = images.shared(program.image)
        let same = image === program.image ? program : program.with(image: image)
        return same.textByteCount > 1024 ? same : programs.shared(same)
    }

    /// An exec of a process is still to come by ``exec(_:)``, which was before /proc was read, or about then: where /proc said
    /// the same program, that is not what it ran before.
    public mutating func expect(_ exec: ProcessFacts) {
        comingExecs[exec.identity, default: []].append(exec.program)
    }

    /// A process executes a program: it is the same process with other facts.
    public mutating func exec(_ facts: ProcessFacts) {
        if let coming = comingExecs[facts.identity] {
            comingExecs[facts.identity] = coming.count > 1 ? Deque(coming.dropFirst()) : nil
        }
        let before = running[facts.identity.pid].flatMap { $0.identity.matches(facts.identity) ? $0 : nil }
        if let known = running[facts.identity.pid] { retire(known) }
        let program = shared(facts.program)
        // Who it was born to, not who took it over when its parent ended.
        let parent = before.map(\.parent) ?? facts.parentIdentity.flatMap { self.facts(of: $0) }
        running[facts.identity.pid] = facts.with(
            parentIdentity: before?.parentIdentity ?? facts.parentIdentity, parent: .some(parent), program: program,
            surroundings: surroundings.shared(
                facts.surroundings.with(
                    sessionLeader: leader(of: facts, before: before, parent: parent, program: program))))
    }

    /// The leader of the session that a process is in as it executes a program.
    private func leader(
        of facts: ProcessFacts, before: ProcessFacts?, parent: ProcessFacts?, program: Program
    ) -> SessionLeader? {
        guard let session = facts.surroundings.sessionLeader?.identity.pid else { return nil }
        if session == facts.identity.pid { return SessionLeader(identity: facts.identity, program: program) }
        // Nobody else gets that pid as long as the session has members: kernel/pid.c free_pid().
        if let known = running[session] { return SessionLeader(identity: known.identity, program: known.program) }
        if let known = before?.surroundings.sessionLeader, known.identity.pid == session { return known }
        // It is gone, and most often an ancestor.
        if let known = parent?.identity.pid == session
            ? parent : parent?.ancestors.first(where: { $0.identity.pid == session })
        {
            return SessionLeader(identity: known.identity, program: known.program)
        }
        return facts.surroundings.sessionLeader
    }

    /// A process began: it runs its forker's program until it executes another.
    public mutating func fork(_ fork: ProcessFork) {
        if let before = running[fork.child.pid] { retire(before) }
        guard let forker = facts(of: fork.forker, execID: fork.execID) else {
            running[fork.child.pid] = nil
            return
        }
        let parent = fork.parent == fork.forker ? forker : facts(of: fork.parent)
        running[fork.child.pid] = forker.with(
            identity: fork.child, parentIdentity: fork.parent, parent: .some(parent), execID: fork.execID,
            surroundings: forker.surroundings.namespaces == fork.namespaces
                ? nil : surroundings.shared(forker.surroundings.with(namespaces: fork.namespaces)),
            namespacePID: fork.namespacePID)
    }

    /// A process ended.
    public mutating func exit(_ identity: ProcessIdentity) {
        guard let facts = running[identity.pid], facts.identity.matches(identity) else { return }
        running[identity.pid] = nil
        retire(facts)
    }

    private mutating func retire(_ facts: ProcessFacts) {
        let run = Run(process: facts.identity, execID: facts.execID)
        let before = past.updateValue(facts, forKey: run)
        if before == nil { pastOrder.append(run) }
        pastTextBytes += facts.program.textByteCount - (before?.program.textByteCount ?? 0)
        while pastOrder.count > Self.pastLimit || pastTextBytes > Self.pastTextLimit, let oldest = pastOrder.popFirst()
        {
            pastTextBytes -= past.removeValue(forKey: oldest)?.program.textByteCount ?? 0
        }
    }

    /// The facts of a process, running or gone; nil when nothing is known.
    ///
    /// - Parameter execID: how many programs it had executed at the time; nil: the newest is meant. With another
    ///   number than is known, records were lost: then what is known is of another program, and is not given.
    public mutating func facts(of identity: ProcessIdentity, execID: UInt32? = nil) -> ProcessFacts? {
        if let known = running[identity.pid], let exact = current(known, identity, execID) { return exact }
        if let gone = past[Run(process: identity, execID: execID)] { return gone }
        guard canBeInProc(identity, execID), let found = lookUp(identity.pid), found.identity.matches(identity) else {
            return nil
        }
        return adopt(found, identity, execID)
    }

    /// Whether what /proc says of a process may be of the program that it ran at the time.
    private func canBeInProc(_ identity: ProcessIdentity, _ execID: UInt32?) -> Bool {
        guard comingExecs[identity] == nil else { return false }
        guard let execID, let known = running[identity.pid], known.identity.matches(identity), let newest = known.execID
        else { return true }
        // Not of one before the newest that is known. The number may wrap.
        return Int32(bitPattern: execID &- newest) > 0
    }

    /// Whether a process has, as far as is known, executed no other program since; it may have ended.
    public func isNewestRun(of facts: ProcessFacts) -> Bool {
        if let known = running[facts.identity.pid], known.identity.matches(facts.identity) {
            return known.execID == facts.execID
        }
        // The next one has the next number.
        return facts.execID.map { past[Run(process: facts.identity, execID: $0 &+ 1)] == nil } ?? true
    }

    /// What is known of a pid, if it is of this process and this program.
    private mutating func current(_ known: ProcessFacts, _ identity: ProcessIdentity, _ execID: UInt32?)
        -> ProcessFacts?
    {
        guard known.identity.matches(identity) else { return nil }
        if known.execID == nil, known.source == .procfs, let coming = comingExecs[identity],
            coming.contains(where: { $0.mayBe(known.program) })
        {
            return nil
        }
        if let execID, let knownID = known.execID, execID != knownID { return nil }
        let isExact = known.identity == identity || identity.startBootNanoseconds == 0
        if isExact, execID == nil || known.execID == execID { return known }
        // /proc knows the start to 10 ms and no number of programs; the kernel has told them now.
        let exact = known.with(identity: isExact ? nil : identity, execID: execID)
        running[identity.pid] = exact
        return exact
    }

    /// Takes in what /proc has told.
    private mutating func adopt(_ found: ProcessFacts, _ identity: ProcessIdentity, _ execID: UInt32?) -> ProcessFacts {
        let before = running[identity.pid].flatMap { $0.identity.matches(identity) ? $0 : nil }
        var parent = before.map(\.parent) ?? found.parentIdentity.flatMap { facts(of: $0) }
        // Else it is not the parent that has that pid by now.
        if let born = parent?.identity.startBootNanoseconds, born > found.identity.startBootNanoseconds, before == nil {
            parent = nil
        }
        let exact = linked(found).with(
            identity: identity.startBootNanoseconds == 0 ? nil : identity,
            parentIdentity: before?.parentIdentity, parent: .some(parent), execID: execID)
        if let before { retire(before) }
        running[identity.pid] = exact
        return exact
    }

    /// Who made an attempt; what is not known is made of what the attempt carries, and of whom it was born to.
    public mutating func process(of attempt: Attempt) -> ProcessFacts {
        if let known = facts(of: attempt.process, execID: attempt.execID) { return known }
        let before = running[attempt.process.pid].flatMap { $0.identity.matches(attempt.process) ? $0 : nil }
        return ProcessFacts(
            identity: attempt.process, parentIdentity: before?.parentIdentity, parent: before?.parent,
            program: Program(name: attempt.threadName, path: []), execID: attempt.execID,
            surroundings: Surroundings(cgroupID: attempt.cgroupID == 0 ? nil : attempt.cgroupID),
            isKernelThread: attempt.isKernelThread,
            source: .partial)
    }
}

extension Program {
    /// Whether both may be the same, as far as a path and a file's number tell: a program can change its name and its
    /// arguments.
    fileprivate func mayBe(_ other: Program) -> Bool {
        guard let mine = executable, let theirs = other.executable else { return true }
        return mine == theirs || stamp.inode == other.stamp.inode
    }
}
