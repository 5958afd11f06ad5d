internal import Lifecycle
internal import Model

extension Totals {
    /// Counts an event.
    mutating func count(_ event: TraceEvent) {
        switch event {
        case .attempted(let event): count(event.attempt.outcome, as: .attempted)
        case .resolved(let event): count(event.attempt.outcome, as: .resolved)
        case .disconnected: disconnects += 1
        case .existing, .aggregated, .beacon, .started, .lost, .heartbeat, .stopped: break
        }
    }

    /// Counts an attempt with this outcome.
    mutating func count(_ outcome: Outcome, as telling: AttemptTracker.Telling) {
        switch telling {
        case .attempted: attempts += 1
        case .resolved: resolved += 1
        }
        if outcome.isFailure { failed += 1 }
    }

    /// The same without events that were passed on and not written; `unwritten.lost` is how many.
    func without(_ unwritten: Totals) -> Totals {
        var totals = self
        totals.attempts &-= unwritten.attempts
        totals.failed &-= unwritten.failed
        totals.resolved &-= unwritten.resolved
        totals.disconnects &-= unwritten.disconnects
        totals.lost &+= unwritten.lost
        totals.withheld &-= unwritten.withheld
        return totals
    }
}

extension Outcome {
    /// Whether it failed for good.
    var isFailure: Bool {
        switch self {
        case .failed, .aborted: true
        case .pending, .established, .sent: false
        }
    }
}
