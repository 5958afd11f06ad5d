internal import Model

/// What rules have seen, and what they say of the next record.
struct RuleState {
    /// What a rule does, and asks of an attempt, apart from all else that it is.
    private final class Decision: Sendable {
        let action: Rule.Action
        let conditions: AttemptConditions

        init(_ rule: Rule) {
            action = rule.action
            conditions = AttemptConditions(rule.conditions)
        }
    }

    private let decisions: [Decision]
    private var processes: ProcessMatches
    private(set) var aggregates: Aggregates
    private(set) var counts: [RuleCount]
    private(set) var withheldAttempts: UInt64 = 0
    /// What is to be written of repeats.
    private var ended: [AggregateEvent] = []

    init(_ set: RuleSet) {
        decisions = set.rules.map(Decision.init)
        processes = ProcessMatches(set.rules)
        aggregates = Aggregates(set.rules, limit: set.aggregateLimit)
        counts = set.rules.map { RuleCount(name: $0.name, action: $0.action.name) }
    }

    /// Takes a record: whether it is to be written, and whether something is to be written before.
    mutating func take(_ event: TraceEvent) -> (isWritten: Bool, hasEnded: Bool) {
        let isWritten =
            switch event {
            case .attempted(let event):
                decide(
                    .attempted, event.attempt, event.attribution, event.attempt.outcome,
                    at: event.attempt.startedBootNanoseconds, nil)
            case .resolved(let event):
                decide(
                    .resolved, event.attempt, event.attribution, event.attempt.outcome,
                    at: event.attempt.observedBootNanoseconds, nil)
            case .disconnected(let end):
                decide(
                    .disconnected, end.attempt, end.attribution, end.outcome, at: end.endedBootNanoseconds,
                    end.traffic.volume)
            case .existing(let event): decide(event)
            case .aggregated, .beacon, .started, .lost, .heartbeat, .stopped: true
            }
        return (isWritten, !ended.isEmpty)
    }

    @inline(__always)
    private mutating func decide(
        _ kind: AggregateEvent.Kind, _ attempt: Attempt, _ attribution: Attribution, _ outcome: Outcome,
        at time: UInt64, _ volume: AggregateEvent.Volume?
    ) -> Bool {
        guard let rule = rule(for: attempt, attribution) else { return true }
        counts[rule].matched &+= 1
        let isWritten: Bool
        switch decisions[rule].action {
        case .keep: return true
        case .drop: isWritten = false
        case .sample(let oneIn): isWritten = Self.mixed(attempt.id) % oneIn == 0
        case .aggregate: isWritten = !collect(rule, kind, attempt, attribution, outcome, at: time, volume)
        }
        if !isWritten { withhold(rule, isAttempt: kind == .attempted) }
        return isWritten
    }

    private mutating func decide(_ event: ExistingEvent) -> Bool {
        guard let rule = rule(for: event.attempt, event.attribution) else { return true }
        counts[rule].matched &+= 1
        switch decisions[rule].action {
        // There is one of each.
        case .keep, .aggregate: return true
        case .sample(let oneIn) where Self.mixed(event.inode) % oneIn == 0: return true
        case .drop, .sample: break
        }
        withhold(rule, isAttempt: false)
        return false
    }

    /// The first rule that a record meets; nil: none.
    @inline(__always)
    private mutating func rule(for attempt: Attempt, _ attribution: Attribution?) -> Int? {
        var left = processes.rules(for: attribution, userID: attempt.userID)
        while left != 0 {
            let rule = left.trailingZeroBitCount
            if decisions[rule].conditions.admit(attempt) { return rule }
            left &= left &- 1
        }
        return nil
    }

    private mutating func withhold(_ rule: Int, isAttempt: Bool) {
        counts[rule].withheld &+= 1
        guard isAttempt else { return }
        counts[rule].withheldAttempts &+= 1
        withheldAttempts &+= 1
    }

    /// Whether it is a repeat.
    private mutating func collect(
        _ rule: Int, _ kind: AggregateEvent.Kind, _ attempt: Attempt, _ attribution: Attribution, _ outcome: Outcome,
        at time: UInt64, _ volume: AggregateEvent.Volume?
    ) -> Bool {
        if processes.isFull {
            // All numbers are given anew: what is collected by the old ones ends here.
            aggregates.finish(ended: &ended)
            processes.forget()
        }
        let key = Aggregates.Key(
            kind: kind, rule: UInt8(rule), identity: processes.identity(of: attribution, userID: attempt.userID),
            networkNamespace: attempt.networkNamespace, transport: attempt.transport,
            destination: attempt.destination, outcome: outcome, blocker: attempt.blocker)
        return aggregates.take(key, attempt, attribution, at: time, volume, ended: &ended)
    }

    /// Ends windows; whether something is to be written.
    mutating func expire(now: UInt64) -> Bool {
        aggregates.expire(now: now, ended: &ended)
        return !ended.isEmpty
    }

    /// Ends all windows; whether something is to be written.
    mutating func finish() -> Bool {
        aggregates.finish(ended: &ended)
        return !ended.isEmpty
    }

    /// Hands over what is to be written, which counts as written from now on.
    mutating func takeEnded() -> [AggregateEvent] {
        let taken = ended
        ended = []
        for summary in taken {
            if let rule = counts.firstIndex(where: { $0.name == summary.rule }) { counts[rule].summaries &+= 1 }
        }
        return taken
    }

    /// The number by which a sample is taken: splitmix64 of an id, so that ids that grow evenly are drawn evenly.
    private static func mixed(_ id: UInt64) -> UInt64 {
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
