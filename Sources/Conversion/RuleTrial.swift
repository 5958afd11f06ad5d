public import Model
internal import Reading
public import Records
public import Rules

/// What rules would have done to logs.
public enum RuleTrial {
    /// Reads logs to their end and asks the rules about each record, in constant memory.
    ///
    /// What rules collapsed already when a log was written stays as it is, and is not counted.
    ///
    /// - Parameters:
    ///   - paths: as for ``LogTable/write(_:isFollowing:filter:to:complain:)``.
    ///   - complain: called with what cannot be read, in words.
    /// - Returns: what came of it, and whether all of it could be read.
    public static func run(
        _ paths: [String], _ rules: RuleSet, complain: (String) -> Void
    ) -> (trial: ConfigurationReport.Trial, counts: [RuleCount], isComplete: Bool) {
        let engine = RuleEngine(rules)
        var entries = LogEntries(paths)
        var trial = ConfigurationReport.Trial()
        var run = ""
        while let record = entries.next(complain: complain) {
            if record.run.runID != run {
                // Another run's clock may be before this one's.
                engine.finish { _ in }
                run = record.run.runID
                trial.runs += 1
            }
            guard let event = record.event else { continue }
            let time = Int64(clamping: record.unixNanoseconds) &- record.clock.offsetNanoseconds
            engine.expire(now: UInt64(max(time, 0))) { _ in }
            switch event {
            case .attempted, .resolved, .disconnected, .existing:
                trial.records += 1
                if engine.admits(event, emit: { _ in }) { trial.written += 1 }
            case .aggregated, .beacon, .started, .lost, .heartbeat, .stopped: break
            }
        }
        engine.finish { _ in }
        trial.withheldAttempts = engine.withheldAttempts
        trial.unmatched = trial.records &- engine.counts.reduce(0) { $0 &+ $1.matched }
        return (trial, engine.counts, entries.isComplete)
    }
}
