import Model

/// What was rendered of a process, in parts, between which stands what each line has of its own.
///
/// An object that never changes: a line takes hold of it once, and not of each part.
final class ProcessText {
    /// Where the parts end; one that a format has no use for ends where the one before does.
    struct Marks {
        /// `process`, up to what it says of the thread.
        var process = 0
        /// The thread, with the end of `process`.
        var thread = 0
        /// What follows `process`.
        var owner = 0
        /// The member `hash` of `related`; empty where there is none.
        var hash = 0
        /// The inside of `tattle`; how a line ends that has nothing more to say follows.
        var tattle = 0
    }

    /// Whose it is.
    let process: ProcessIdentity
    private let facts: ProcessFacts
    private let group: ControlGroup?
    private let file: FileVerdict?
    private let isFilePending: Bool
    private let userID, effectiveUserID: UInt32
    private let cgroupID: UInt64
    private let networkNamespace: UInt32
    private let effectiveGroupID: UInt32?
    private let capabilities: UInt64?
    private let isTraced, isExecutableDeleted, isKernelThread: Bool
    /// The thread that was rendered: most processes make their attempts from one.
    private let threadID: UInt32
    private let threadName: ThreadName
    private let bytes: [UInt8]
    private let marks: Marks

    /// Takes a copy of what was rendered for an attempt.
    init(_ buffer: borrowing LineBuffer, _ marks: Marks, of attempt: Attempt, _ attribution: Attribution) {
        process = attempt.process
        facts = attribution.process
        group = attribution.group
        file = attribution.file
        isFilePending = attribution.isFilePending
        userID = attempt.userID
        effectiveUserID = attempt.effectiveUserID
        cgroupID = attempt.cgroupID
        networkNamespace = attempt.networkNamespace
        effectiveGroupID = attempt.effectiveGroupID
        capabilities = attempt.capabilities
        isTraced = attempt.isTraced
        isExecutableDeleted = attempt.isExecutableDeleted
        isKernelThread = attempt.isKernelThread
        threadID = attempt.threadID
        threadName = attempt.threadName
        bytes = buffer.copy()
        self.marks = marks
    }

    /// How many bytes it has.
    var count: Int { bytes.count }

    /// Whether it was rendered for the same, but for the thread.
    @inline(__always)
    func fits(_ attempt: Attempt, _ attribution: Attribution) -> Bool {
        // Facts, groups and verdicts are immutable: the same object says the same.
        facts === attribution.process && process == attempt.process && group === attribution.group
            && file === attribution.file && isFilePending == attribution.isFilePending && userID == attempt.userID
            && effectiveUserID == attempt.effectiveUserID && cgroupID == attempt.cgroupID
            && networkNamespace == attempt.networkNamespace && effectiveGroupID == attempt.effectiveGroupID
            && capabilities == attempt.capabilities && isTraced == attempt.isTraced
            && isExecutableDeleted == attempt.isExecutableDeleted && isKernelThread == attempt.isKernelThread
    }

    /// Whether the thread is the one that was rendered.
    @inline(__always)
    func hasThread(of attempt: Attempt) -> Bool { threadID == attempt.threadID && threadName == attempt.threadName }

    /// Whether there is a hash.
    @inline(__always)
    var hasHash: Bool { marks.hash > marks.owner }

    /// Appends `process`, the thread and what follows, of the thread that was rendered.
    @inline(__always)
    func appendWho(into buffer: inout LineBuffer) { buffer.raw(bytes, 0..<marks.owner) }

    /// Appends `process` up to the thread.
    func appendProcess(into buffer: inout LineBuffer) { buffer.raw(bytes, 0..<marks.process) }

    /// Appends what follows `process`.
    func appendOwner(into buffer: inout LineBuffer) { buffer.raw(bytes, marks.thread..<marks.owner) }

    /// Appends the member `hash` of `related`.
    @inline(__always)
    func appendHash(into buffer: inout LineBuffer) { buffer.raw(bytes, marks.owner..<marks.hash) }

    /// Appends the inside of `tattle`.
    func appendTattle(into buffer: inout LineBuffer) { buffer.raw(bytes, marks.hash..<marks.tattle) }

    /// Appends the inside of `tattle` and the end of the line.
    @inline(__always)
    func appendRest(into buffer: inout LineBuffer) { buffer.raw(bytes, marks.hash..<bytes.count) }
}
