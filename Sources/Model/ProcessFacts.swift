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
/// Immutable: an exec makes a new value. Holds its ancestors, so they are known as long as it is.
///
/// Paths, names and arguments are the bytes that the kernel gave, in no particular encoding.
public final class ProcessFacts: Sendable {
    /// Ancestors that are held at most: a relay of processes that each start the next and end must not fill memory.
    public static let ancestryLimit = 32

    // There may be tens of thousands: numbers that belong together stand apart, where they leave no gaps.
    private let startBootNanoseconds: UInt64
    private let parentStartBootNanoseconds: UInt64
    private let pid: UInt32
    /// 0: none.
    private let parentPID: UInt32
    private let knownExecID: UInt32
    /// Its pid in the innermost pid namespace; 0: not known.
    public let namespacePID: UInt32
    /// That parent, as it was when it was last seen to fork; nil: not known.
    public let parent: ProcessFacts?
    /// What it runs.
    public let program: Program
    /// What it has in common with most of those around it.
    public let surroundings: Surroundings
    private let heldAncestors: UInt8
    private let isExecIDKnown: Bool
    /// Whether it was traced by ptrace(2) at exec.
    public let isTraced: Bool
    /// Whether this is a thread of the kernel.
    public let isKernelThread: Bool
    /// Where it came from.
    public let source: AttributionSource

    /// Pid and start time.
    public var identity: ProcessIdentity {
        ProcessIdentity(pid: pid, startBootNanoseconds: startBootNanoseconds)
    }
    /// Pid and start time of the parent that it was born to; nil: none or not known.
    public var parentIdentity: ProcessIdentity? {
        parentPID == 0
            ? nil : ProcessIdentity(pid: parentPID, startBootNanoseconds: parentStartBootNanoseconds)
    }
    /// How many programs it, and its forkers before it, have executed: `task->self_exec_id`; nil: not known.
    public var execID: UInt32? { isExecIDKnown ? knownExecID : nil }
    /// How many ancestors are held.
    var depth: Int { Int(heldAncestors) }

    /// Makes the facts of one process.
    ///
    /// - Parameter parentIdentity: for where `parent` is not known; pid 0 is none.
    public init(
        identity: ProcessIdentity, parentIdentity: ProcessIdentity? = nil, parent: ProcessFacts? = nil,
        program: Program, execID: UInt32? = nil, surroundings: Surroundings = Surroundings(),
        namespacePID: UInt32 = 0, isTraced: Bool = false, isKernelThread: Bool = false, source: AttributionSource
    ) {
        pid = identity.pid
        startBootNanoseconds = identity.startBootNanoseconds
        let bornTo = parent?.identity ?? parentIdentity
        parentPID = bornTo?.pid ?? 0
        parentStartBootNanoseconds = bornTo?.startBootNanoseconds ?? 0
        // The oldest are let go, in one step for many, so that it is seldom done.
        let held = parent.map { $0.depth < 2 * Self.ancestryLimit ? $0 : $0.cut(to: Self.ancestryLimit) }
        self.parent = held
        heldAncestors = held.map { $0.heldAncestors + 1 } ?? 0
        self.program = program
        knownExecID = execID ?? 0
        isExecIDKnown = execID != nil
        self.surroundings = surroundings
        self.namespacePID = namespacePID
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

    /// Calls `body` with each of ``ancestors``, the parent first, which allocates nothing.
    public func forEachAncestor(_ body: (ProcessFacts) -> Void) {
        var next = parent
        var count = 0
        while let ancestor = next, count < Self.ancestryLimit {
            body(ancestor)
            next = ancestor.parent
            count += 1
        }
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
        program: Program? = nil, execID: UInt32? = nil, surroundings: Surroundings? = nil,
        namespacePID: UInt32? = nil, source: AttributionSource? = nil
    ) -> ProcessFacts {
        ProcessFacts(
            identity: identity ?? self.identity, parentIdentity: parentIdentity ?? self.parentIdentity,
            parent: parent ?? self.parent, program: program ?? self.program, execID: execID ?? self.execID,
            surroundings: surroundings ?? self.surroundings, namespacePID: namespacePID ?? self.namespacePID,
            isTraced: isTraced, isKernelThread: isKernelThread, source: source ?? self.source)
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
