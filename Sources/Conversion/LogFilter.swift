public import Model

/// Which records of a log are wanted: the filters of a trace, on what it has written.
public struct LogFilter: Sendable {
    private let filter: TraceFilter

    /// Makes a filter.
    public init(_ filter: TraceFilter) { self.filter = filter }

    /// Whether a record is wanted.
    ///
    /// What is of the run (its beginning and end, losses, life signs) always is, as in a trace. The other end of what
    /// came from outside is who began it.
    public func admits(_ event: TraceEvent) -> Bool {
        switch event {
        case .attempted(let event), .resolved(let event):
            if filter.isFailedOnly, !Self.isFailure(event.attempt.outcome) { return false }
            return admits(event.attempt, event.attribution)
        case .disconnected(let event): return !filter.isFailedOnly && admits(event.attempt, event.attribution)
        case .existing(let event): return !filter.isFailedOnly && admits(event.attempt, event.attribution)
        case .aggregated(let event):
            if filter.isFailedOnly, event.kind == .disconnected || !Self.isFailure(event.attempt.outcome) {
                return false
            }
            return admits(event.attempt, event.attribution)
        case .beacon(let event): return admits(event.attempt, event.attribution)
        case .started, .lost, .heartbeat, .stopped: return true
        }
    }

    private func admits(_ attempt: Attempt, _ attribution: Attribution?) -> Bool {
        guard filter.admits(attempt.transport, to: attempt.destination) else { return false }
        guard let attribution else { return filter.pids.isEmpty && filter.names.isEmpty && filter.userIDs.isEmpty }
        // The name of the thread or of the process, as the kernel's programs compare.
        return [attempt.threadName.bytes, attribution.process.program.name.bytes].contains { name in
            filter.admits(pid: attempt.process.pid, name: name, userID: attempt.userID)
        }
    }

    private static func isFailure(_ outcome: Outcome) -> Bool {
        switch outcome {
        case .failed, .aborted: true
        case .pending, .established, .sent: false
        }
    }
}
