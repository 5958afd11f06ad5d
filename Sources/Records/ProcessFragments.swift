import Model

/// What a process contributes to each of its lines, rendered once and kept.
///
/// Most records come from a process that wrote one a moment ago; all that is said of it and its
/// parent is the same each time. One place for each low part of a pid: a newer process
/// takes it over, with its memory.
struct ProcessFragments {
    /// What of a process did not fit.
    struct Cuts {
        var hasCutPath = false
        var hasCutArguments = false
    }

    private struct Entry {
        var facts: ProcessFacts?
        var parent: ProcessFacts?
        var identity = ProcessIdentity(pid: 0, startBootNanoseconds: 0)
        var userID: UInt32 = 0
        var bytes: [UInt8] = []
        var cuts = Cuts()
    }

    private var entries = [Entry](repeating: Entry(), count: 256)
    /// Longer ones are not kept, so that all of them stay under 1 MiB.
    private static let longest = 4096

    /// Appends what is kept for this process; nil: nothing is.
    @inline(__always)
    func append(_ attempt: Attempt, _ attribution: Attribution, into buffer: inout LineBuffer) -> Cuts? {
        let index = Int(attempt.process.pid & 255)
        // Facts are immutable: the same object says the same.
        guard entries[index].facts === attribution.process, entries[index].parent === attribution.parent,
            entries[index].userID == attempt.userID, entries[index].identity == attempt.process
        else { return nil }
        buffer.raw(entries[index].bytes)
        return entries[index].cuts
    }

    /// Keeps what was appended to `buffer` from `start` on.
    @inline(never)
    mutating func keep(
        from start: Int, of buffer: borrowing LineBuffer, _ cuts: Cuts, for attempt: Attempt, _ attribution: Attribution
    ) {
        guard buffer.count - start <= Self.longest else { return }
        let index = Int(attempt.process.pid & 255)
        entries[index].facts = attribution.process
        entries[index].parent = attribution.parent
        entries[index].identity = attempt.process
        entries[index].userID = attempt.userID
        entries[index].cuts = cuts
        buffer.copy(from: start, to: &entries[index].bytes)
    }

    /// Forgets everything: the clock was set.
    mutating func removeAll() {
        for index in entries.indices { entries[index] = Entry() }
    }
}
