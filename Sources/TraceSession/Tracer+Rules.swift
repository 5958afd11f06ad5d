internal import Model
internal import Rules

/// What the configuration's rules did, and what they collect.
extension Tracer {
    /// Writes one event that no rule is asked about.
    func write(_ event: TraceEvent, into formatter: inout EventFormatter) {
        if isDropping { return drop(event, into: &formatter) }
        formatter.write(event)
        if formatter.count > flushThreshold { flush(&formatter) }
    }

    /// What each rule came to so far; empty: there are none.
    var ruleCounts: [RuleCount] { rules?.counts ?? [] }

    /// Attempts that rules withheld so far.
    var withheldAttempts: UInt64 { rules?.withheldAttempts ?? 0 }

    /// When something that is collected is to be written, rounded up: one waking for all that ends in a second.
    var rulesDeadline: UInt64? {
        guard let deadline = rules?.nextDeadline else { return nil }
        let second: UInt64 = 1_000_000_000
        return (deadline / second &+ 1) &* second
    }

    /// Writes everything that is collected: the run ends.
    func finishRules() { rules?.finish { write($0, into: &formatter) } }
}
