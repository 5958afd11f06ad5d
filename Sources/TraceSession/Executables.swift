internal import Files
internal import Model

/// What is known of the executables of processes that attempt something, and what is asked.
///
/// The inspector answers by value; here the same program is the same object, so that asking again for each
/// record of a process costs next to nothing.
final class Executables {
    /// An answer.
    enum Answer {
        case known(FileVerdict)
        case pending(FileKey)
        /// There is no file to ask about.
        case none
    }

    private struct Entry {
        var program: Program
        var mountNamespace: UInt32
        var verdict: FileVerdict
    }

    /// What could not be said of one process's executable.
    ///
    /// Of another process of the same program it may be found out yet, by way of what that one runs.
    private struct Failure {
        var facts: ProcessFacts
        var verdict: FileVerdict
    }

    private static let places = 1024
    /// Processes of which it is remembered that they asked, for each file.
    private static let askerLimit = 16
    private let inspector: FileInspector
    private let ownMountNamespace: UInt32
    private var entries = [Entry?](repeating: nil, count: places)
    /// A place for each low part of a pid.
    private var failures = [Failure?](repeating: nil, count: places)
    private var askers: [FileKey: [ProcessFacts]] = [:]

    /// - Parameter ownMountNamespace: inode; files of other namespaces are not asked of dpkg.
    init(inspector: FileInspector, ownMountNamespace: UInt32) {
        self.inspector = inspector
        self.ownMountNamespace = ownMountNamespace
    }

    /// Becomes readable when there is something to ``acknowledge()``.
    var notificationDescriptor: Int32 { inspector.notificationDescriptor }

    /// What a process's executable is, as far as it is known; asks when it is not.
    func answer(for facts: ProcessFacts) -> Answer {
        let program = facts.program
        // First, and without the path, which is copied to be read: this is asked for every record.
        let index = place(of: program)
        if let entry = entries[index], entry.program === program,
            entry.mountNamespace == facts.surroundings.namespaces.mount
        {
            return .known(entry.verdict)
        }
        if let failure = failures[place(of: facts)], failure.facts === facts { return .known(failure.verdict) }
        guard let path = program.executable else { return .none }
        let request = FileRequest(
            pid: facts.identity.pid, startBootNanoseconds: facts.identity.startBootNanoseconds,
            // Without its front it leads nowhere, or elsewhere.
            path: program.marks.contains(.pathCut) ? [] : path,
            stamp: program.stamp, isInHostMountNamespace: facts.surroundings.namespaces.mount == ownMountNamespace)
        guard let verdict = inspector.verdict(for: request) else {
            note(facts, asking: request.key)
            return .pending(request.key)
        }
        // Only what will be the same again; a busy inspector is asked anew.
        if verdict.failure != .busy {
            entries[index] = Entry(
                program: program, mountNamespace: facts.surroundings.namespaces.mount, verdict: verdict)
        }
        return .known(verdict)
    }

    private func note(_ facts: ProcessFacts, asking key: FileKey) {
        let others = askers[key] ?? []
        if others.count < Self.askerLimit, !others.contains(where: { $0 === facts }) {
            askers[key, default: []].append(facts)
        }
    }

    private func place(of facts: ProcessFacts) -> Int { Int(facts.identity.pid % UInt32(Self.places)) }

    private func place(of program: Program) -> Int {
        // Its address; the lowest bits of all are the same.
        Int(UInt(bitPattern: program.objectIdentifier) >> 5 % UInt(Self.places))
    }

    /// The answers that came since the last call.
    ///
    /// A process of whose executable nothing can be said is not asked about again for each of its records.
    func acknowledge() -> [(key: FileKey, verdict: FileVerdict)] {
        let answers = inspector.acknowledge()
        for (key, verdict) in answers {
            guard let facts = askers.removeValue(forKey: key), let failure = verdict.failure, failure != .busy else {
                continue
            }
            for facts in facts { failures[place(of: facts)] = Failure(facts: facts, verdict: verdict) }
        }
        return answers
    }

    /// Stops asking.
    func stop() { inspector.stop() }
}
