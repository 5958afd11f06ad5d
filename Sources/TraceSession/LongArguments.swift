internal import DequeModule
internal import Files
internal import Model

/// The arguments, of processes that attempt something, that are longer than what the kernel tells.
///
/// What was found is kept by run of a program, also after its end, as outcomes come late; the oldest go first.
final class LongArguments {
    /// An answer.
    enum Answer {
        /// The same process with more of its arguments.
        case known(ProcessFacts)
        case pending(ArgumentKey)
        /// There are no more to be had.
        case none
    }

    private struct Entry {
        /// Whose arguments were completed, so that the same is answered with the same object.
        var facts: ProcessFacts
        var completed: ProcessFacts?
        var byteCount: Int
    }

    /// What is kept in all.
    static let limitBytes = 2 << 20
    static let limitEntries = 1024
    private let reader: ArgumentReader
    private var asked: [ArgumentKey: ProcessFacts] = [:]
    private var entries: [ArgumentKey: Entry] = [:]
    private var order: Deque<ArgumentKey> = []
    private var byteCount = 0

    init(reader: ArgumentReader) { self.reader = reader }

    /// Becomes readable when there is something to take.
    var notificationDescriptor: Int32 { reader.notificationDescriptor }

    /// Whether answers are to come, or to be taken.
    var isAsked: Bool { !asked.isEmpty }

    /// The process with what is known of its arguments by now; asks when they were cut.
    func answer(for facts: ProcessFacts) -> Answer {
        let program = facts.program
        guard program.areArgumentsCut, !program.areArgumentsMixed, program.argumentByteCount < reader.limitBytes,
            program.argumentByteCount > 0
        else { return .none }
        let key = ArgumentKey(process: facts.identity, execID: facts.execID)
        if let entry = entries[key] {
            guard let completed = entry.completed else { return .none }
            if entry.facts === facts { return .known(completed) }
            // The same process, of which something else became known.
            let newer = facts.with(program: completed.program)
            entries[key] = Entry(facts: facts, completed: newer, byteCount: entry.byteCount)
            return .known(newer)
        }
        let request = ArgumentRequest(
            process: facts.identity, execID: facts.execID, stamp: program.stamp, firstBytes: program.argumentBytes,
            totalBytes: program.argumentsTotalBytes)
        guard reader.ask(request) else { return .none }
        asked[key] = facts
        return .pending(key)
    }

    /// Takes what was found since the last call, and returns what it is about.
    ///
    /// - Parameter isCurrent: whether a process has executed nothing since.
    func acknowledge(isCurrent: (ProcessFacts) -> Bool) -> [ArgumentKey] {
        let answers = reader.acknowledge()
        for answer in answers {
            guard let facts = asked.removeValue(forKey: answer.key) else { continue }
            let bytes = isCurrent(facts) ? answer.bytes : nil
            let completed = bytes.map { facts.with(program: facts.program.with(argumentBytes: $0)) }
            keep(Entry(facts: facts, completed: completed, byteCount: bytes?.count ?? 0), for: answer.key)
        }
        return answers.map(\.key)
    }

    private func keep(_ entry: Entry, for key: ArgumentKey) {
        if let before = entries.updateValue(entry, forKey: key) {
            byteCount -= before.byteCount
        } else {
            order.append(key)
        }
        byteCount += entry.byteCount
        while byteCount > Self.limitBytes || entries.count > Self.limitEntries, let oldest = order.popFirst() {
            byteCount -= entries.removeValue(forKey: oldest)?.byteCount ?? 0
        }
    }

    /// Stops asking.
    func stop() { reader.stop() }
}
