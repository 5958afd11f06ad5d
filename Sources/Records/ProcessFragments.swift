import Model

/// What a process contributes to each of its lines, rendered once and kept.
///
/// Most records come from a process that wrote one a moment ago; all that is said of it, its ancestors and its
/// file is the same each time. One place for each low part of a pid: a newer process takes it over, with its
/// memory; and one place for what is too long to be kept.
struct ProcessFragments {
    /// What was rendered, in four parts, between which stands what each line has of its own.
    enum Part {
        /// `process` from its pid into `thread`.
        case process
        /// What follows `process`.
        case owner
        /// The member `hash` of `related`; empty where there is none.
        case hash
        /// The inside of `tattle`.
        case tattle
    }

    private struct Entry {
        var facts: ProcessFacts?
        var group: ControlGroup?
        var file: FileVerdict?
        var isFilePending = false
        var identity = ProcessIdentity(pid: 0, startBootNanoseconds: 0)
        var userID: UInt32 = 0
        var effectiveUserID: UInt32 = 0
        var cgroupID: UInt64 = 0
        var networkNamespace: UInt32 = 0
        var effectiveGroupID: UInt32?
        var capabilities: UInt64?
        var isTraced = false
        var isExecutableDeleted = false
        var isKernelThread = false
        var bytes: [UInt8] = []
        var processEnd = 0
        var ownerEnd = 0
        var hashEnd = 0

        /// Whether it was rendered for the same.
        @inline(__always)
        func fits(_ attempt: Attempt, _ attribution: Attribution) -> Bool {
            // Facts, groups and verdicts are immutable: the same object says the same.
            facts === attribution.process && group === attribution.group && file === attribution.file
                && isFilePending == attribution.isFilePending && userID == attempt.userID
                && effectiveUserID == attempt.effectiveUserID && cgroupID == attempt.cgroupID
                && networkNamespace == attempt.networkNamespace
                && effectiveGroupID == attempt.effectiveGroupID && capabilities == attempt.capabilities
                && isTraced == attempt.isTraced && isExecutableDeleted == attempt.isExecutableDeleted
                && isKernelThread == attempt.isKernelThread
                && identity == attempt.process
        }
    }

    private static let places = 256
    private var entries = [Entry](repeating: Entry(), count: places + 1)
    /// Longer ones are not kept, so that all of them stay under 1.5 MiB.
    private static let longest = 6144

    /// Where this process's fragments are; nil: nowhere.
    @inline(__always)
    func index(_ attempt: Attempt, _ attribution: Attribution) -> Int? {
        let index = Int(attempt.process.pid % UInt32(Self.places))
        return entries[index].fits(attempt, attribution) ? index : nil
    }

    /// Keeps what was rendered, and says where.
    @inline(never)
    mutating func keep(
        _ buffer: borrowing LineBuffer, processEnd: Int, ownerEnd: Int, hashEnd: Int, for attempt: Attempt,
        _ attribution: Attribution
    ) -> Int {
        let index = buffer.count > Self.longest ? Self.places : Int(attempt.process.pid % UInt32(Self.places))
        entries[index].facts = attribution.process
        entries[index].group = attribution.group
        entries[index].file = attribution.file
        entries[index].isFilePending = attribution.isFilePending
        entries[index].identity = attempt.process
        entries[index].userID = attempt.userID
        entries[index].effectiveUserID = attempt.effectiveUserID
        entries[index].cgroupID = attempt.cgroupID
        entries[index].networkNamespace = attempt.networkNamespace
        entries[index].effectiveGroupID = attempt.effectiveGroupID
        entries[index].capabilities = attempt.capabilities
        entries[index].isTraced = attempt.isTraced
        entries[index].isExecutableDeleted = attempt.isExecutableDeleted
        entries[index].isKernelThread = attempt.isKernelThread
        entries[index].processEnd = processEnd
        entries[index].ownerEnd = ownerEnd
        entries[index].hashEnd = hashEnd
        buffer.copy(from: 0, to: &entries[index].bytes)
        return index
    }

    /// Appends one part.
    @inline(__always)
    func append(_ part: Part, of index: Int, into buffer: inout LineBuffer) {
        switch part {
        case .process: buffer.raw(entries[index].bytes, 0..<entries[index].processEnd)
        case .owner: buffer.raw(entries[index].bytes, entries[index].processEnd..<entries[index].ownerEnd)
        case .hash: buffer.raw(entries[index].bytes, entries[index].ownerEnd..<entries[index].hashEnd)
        case .tattle: buffer.raw(entries[index].bytes, entries[index].hashEnd..<entries[index].bytes.count)
        }
    }

    /// Whether there is a hash.
    @inline(__always)
    func hasHash(_ index: Int) -> Bool { entries[index].hashEnd > entries[index].ownerEnd }

    /// Forgets everything: the clock was set.
    mutating func removeAll() {
        for index in entries.indices { entries[index] = Entry() }
    }
}
