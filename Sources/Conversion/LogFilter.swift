public import Model
internal import Reading

/// Which records of a log are wanted: the filters of a trace, on what it has written.
public struct LogFilter: Sendable {
    /// All but the users.
    private let filter: TraceFilter
    private let userIDs: [UInt32]
    private let userNames: [[UInt8]]

    /// Makes a filter.
    ///
    /// - Parameter userNames: real users that are wanted beside those of the filter's ids, by the names that records have.
    public init(_ filter: TraceFilter, userNames: [String] = []) {
        var filter = filter
        userIDs = filter.userIDs
        self.userNames = userNames.map { Array($0.utf8) }
        filter.userIDs = []
        self.filter = filter
    }

    /// Whether a record is wanted.
    ///
    /// What is of the run (its beginning and end, losses, life signs) always is, as in a trace. The other end of what
    /// came from outside is who began it.
    ///
    /// - Parameter names: the names of users, as the record has them.
    func admits(_ event: TraceEvent, names: RecordedNames) -> Bool {
        switch event {
        case .attempted(let event), .resolved(let event):
            if filter.isFailedOnly, !Self.isFailure(event.attempt.outcome) { return false }
            return admits(event.attempt, event.attribution, names)
        case .disconnected(let event): return !filter.isFailedOnly && admits(event.attempt, event.attribution, names)
        case .existing(let event): return !filter.isFailedOnly && admits(event.attempt, event.attribution, names)
        case .aggregated(let event):
            if filter.isFailedOnly, event.kind == .disconnected || !Self.isFailure(event.attempt.outcome) {
                return false
            }
            return admits(event.attempt, event.attribution, names)
        case .beacon(let event): return admits(event.attempt, event.attribution, names)
        case .started, .lost, .heartbeat, .stopped: return true
        }
    }

    private func admits(_ attempt: Attempt, _ attribution: Attribution?, _ names: RecordedNames) -> Bool {
        guard filter.admits(attempt.transport, to: attempt.destination) else { return false }
        guard let attribution else { return filter.pids.isEmpty && filter.names.isEmpty && isOfAnyUser }
        guard isOfAnyUser || isWanted(attempt.userID, names) else { return false }
        // The name of the thread or of the process, as the kernel's programs compare.
        return [attempt.threadName.bytes, attribution.process.program.name.bytes].contains { name in
            filter.admits(pid: attempt.process.pid, name: name, userID: attempt.userID)
        }
    }

    private var isOfAnyUser: Bool { userIDs.isEmpty && userNames.isEmpty }

    private func isWanted(_ user: UInt32, _ names: RecordedNames) -> Bool {
        userIDs.contains(user) || names[user].map(userNames.contains) == true
    }

    private static func isFailure(_ outcome: Outcome) -> Bool {
        switch outcome {
        case .failed, .aborted: true
        case .pending, .established, .sent: false
        }
    }
}
