public import Model

/// Decides which records are written: asks the rules, and counts what each of them did.
///
/// For one thread. Knows no clock: time is that of the records, and what it is told.
public final class RuleEngine {
    private let rules: [Rule]
    private var processes: ProcessMatches
    private var aggregates: Aggregates
    /// What each rule came to so far, in their order.
    public private(set) var counts: [RuleCount]
    /// Attempts that are no line of their own.
    public private(set) var withheldAttempts: UInt64 = 0

    /// Makes an engine that has seen nothing.
    public init(_ set: RuleSet) {
        rules = set.rules
        processes = ProcessMatches(rules)
        aggregates = Aggregates(rules, limit: set.aggregateLimit)
        counts = rules.map { RuleCount(name: $0.name, action: $0.action.name) }
    }

    /// Things whose repeats are being collected.
    public var aggregateCount: Int { aggregates.count }

    /// Takes a record.
    ///
    /// What tells of the run is always written, and so is what was collapsed before.
    ///
    /// - Parameters:
    ///   - event: the record.
    ///   - emit: gets what is to be written before it.
    /// - Returns: whether it is to be written.
    public func admits(_ event: TraceEvent, emit: (TraceEvent) -> Void) -> Bool {
        switch event {
        case .attempted(let event):
            return decide(
                .attempted, event.attempt, event.attribution, at: event.attempt.startedBootNanoseconds, emit: emit)
        case .resolved(let event):
            return decide(
                .resolved, event.attempt, event.attribution, at: event.attempt.observedBootNanoseconds, emit: emit)
        case .disconnected(let end):
            guard let rule = rule(for: end.attempt, end.attribution) else { return true }
            guard rules[rule].action.name == .aggregate else {
                return decide(rule, id: end.attempt.id, isAttempt: false)
            }
            return collect(
                rule, .disconnected, end.attempt, end.attribution, outcome: end.outcome,
                at: end.endedBootNanoseconds, end.traffic.volume, emit: emit)
        case .existing(let event):
            guard let rule = rule(for: event.attempt, event.attribution) else { return true }
            // There is one of each.
            if rules[rule].action.name == .aggregate {
                counts[rule].matched &+= 1
                return true
            }
            return decide(rule, id: event.inode, isAttempt: false)
        case .aggregated, .started, .lost, .heartbeat, .stopped: return true
        }
    }

    @inline(__always)
    private func decide(
        _ kind: AggregateEvent.Kind, _ attempt: Attempt, _ attribution: Attribution, at time: UInt64,
        emit: (TraceEvent) -> Void
    ) -> Bool {
        guard let rule = rule(for: attempt, attribution) else { return true }
        guard rules[rule].action.name == .aggregate else {
            return decide(rule, id: attempt.id, isAttempt: kind == .attempted)
        }
        return collect(rule, kind, attempt, attribution, outcome: attempt.outcome, at: time, nil, emit: emit)
    }

    /// The first rule that a record meets; nil: none.
    @inline(__always)
    private func rule(for attempt: Attempt, _ attribution: Attribution?) -> Int? {
        var left = processes.rules(for: attribution, userID: attempt.userID)
        while left != 0 {
            let index = left.trailingZeroBitCount
            if rules[index].conditions.admit(attempt) { return index }
            left &= left &- 1
        }
        return nil
    }

    /// Does what a rule says that collects nothing.
    @inline(__always)
    private func decide(_ index: Int, id: UInt64, isAttempt: Bool) -> Bool {
        counts[index].matched &+= 1
        switch rules[index].action {
        case .keep, .aggregate: return true
        case .sample(let oneIn) where Self.mixed(id) % oneIn == 0: return true
        case .drop, .sample: break
        }
        withhold(index, isAttempt: isAttempt)
        return false
    }

    private func withhold(_ index: Int, isAttempt: Bool) {
        counts[index].withheld &+= 1
        guard isAttempt else { return }
        counts[index].withheldAttempts &+= 1
        withheldAttempts &+= 1
    }

    private func collect(
        _ rule: Int, _ kind: AggregateEvent.Kind, _ attempt: Attempt,
        _ attribution: Attribution, outcome: Outcome, at time: UInt64, _ volume: AggregateEvent.Volume?,
        emit: (TraceEvent) -> Void
    ) -> Bool {
        counts[rule].matched &+= 1
        if processes.isFull {
            // All numbers are given anew: what is collected by the old ones ends here.
            finish(emit: emit)
            processes.forget()
        }
        let key = Aggregates.Key(
            kind: kind, rule: UInt8(rule), identity: processes.identity(of: attribution, userID: attempt.userID),
            networkNamespace: attempt.networkNamespace,
            transport: attempt.transport, destination: attempt.destination, outcome: outcome, blocker: attempt.blocker)
        let (isRepeat, summary) = aggregates.take(key, attempt, attribution, at: time, volume)
        if let summary { write(summary, to: emit) }
        if isRepeat { withhold(rule, isAttempt: kind == .attempted) }
        return !isRepeat
    }

    private func write(_ summary: AggregateEvent, to emit: (TraceEvent) -> Void) {
        if let index = rules.firstIndex(where: { $0.name == summary.rule }) { counts[index].summaries &+= 1 }
        emit(.aggregated(summary))
    }

    /// When ``expire(now:emit:)`` has something to do; nil: nothing is being collected.
    public var nextDeadline: UInt64? { aggregates.nextDeadline }

    /// Writes what was collected in windows that are over.
    ///
    /// - Parameter now: nanoseconds of CLOCK_BOOTTIME.
    public func expire(now: UInt64, emit: (TraceEvent) -> Void) {
        var ended: [AggregateEvent] = []
        aggregates.expire(now: now) { ended.append($0) }
        for summary in ended { write(summary, to: emit) }
    }

    /// Writes everything that was collected: the run ends.
    public func finish(emit: (TraceEvent) -> Void) {
        var ended: [AggregateEvent] = []
        aggregates.finish { ended.append($0) }
        for summary in ended { write(summary, to: emit) }
    }

    /// The number by which a sample is taken: splitmix64 of an id, so that ids that grow evenly are drawn evenly.
    static func mixed(_ id: UInt64) -> UInt64 {
        var bits = id &+ 0x9e37_79b9_7f4a_7c15
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        return bits ^ bits >> 31
    }
}

extension DisconnectEvent {
    /// What ended it: an error, or what became of its attempt.
    fileprivate var outcome: Outcome {
        if case .connection(let close) = traffic, close.error != 0 { return .failed(errno: close.error) }
        return attempt.outcome
    }
}

extension Traffic {
    /// What went over; nil: nobody counted.
    fileprivate var volume: AggregateEvent.Volume? {
        switch self {
        case .connection(let close):
            close.hasCounters
                ? AggregateEvent.Volume(
                    bytesSent: close.bytesSent, packetsSent: UInt64(close.packetsSent),
                    bytesReceived: close.bytesReceived, packetsReceived: UInt64(close.packetsReceived)) : nil
        case .flow(let counters):
            AggregateEvent.Volume(bytesSent: counters.bytes, packetsSent: counters.datagrams)
        }
    }
}
