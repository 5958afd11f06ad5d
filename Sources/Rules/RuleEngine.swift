public import Model

/// Decides which records are written: asks the rules, and counts what each of them did.
///
/// For one thread. Knows no clock: time is that of the records, and what it is told.
public final class RuleEngine {
    // One value, so that it is taken hold of once for a record, and not anew for each of its parts.
    private var state: RuleState

    /// Makes an engine that has seen nothing.
    public init(_ set: RuleSet) { state = RuleState(set) }

    /// What each rule came to so far, in their order.
    public var counts: [RuleCount] { state.counts }

    /// Attempts that are no line of their own.
    public var withheldAttempts: UInt64 { state.withheldAttempts }

    /// Things whose repeats are being collected.
    public var aggregateCount: Int { state.aggregates.count }

    /// When ``expire(now:emit:)`` has something to do; nil: nothing is being collected.
    public var nextDeadline: UInt64? { state.aggregates.nextDeadline }

    /// Takes a record.
    ///
    /// What tells of the run is always written, and so is what was collapsed before.
    ///
    /// - Parameters:
    ///   - event: the record.
    ///   - emit: gets what is to be written before it.
    /// - Returns: whether it is to be written.
    public func admits(_ event: TraceEvent, emit: (TraceEvent) -> Void) -> Bool {
        let (isWritten, hasEnded) = state.take(event)
        if hasEnded { write(emit) }
        return isWritten
    }

    /// Writes what was collected in windows that are over.
    ///
    /// - Parameter now: nanoseconds of CLOCK_BOOTTIME.
    public func expire(now: UInt64, emit: (TraceEvent) -> Void) {
        if state.expire(now: now) { write(emit) }
    }

    /// Writes everything that was collected: the run ends.
    public func finish(emit: (TraceEvent) -> Void) {
        if state.finish() { write(emit) }
    }

    private func write(_ emit: (TraceEvent) -> Void) {
        // Taken first: whoever writes may ask for counts.
        for summary in state.takeEnded() { emit(.aggregated(summary)) }
    }
}
