internal import DequeModule
internal import Model

/// Repeats that are being collected, each until its window ends.
struct Aggregates {
    /// What makes one record a repeat of another.
    struct Key: Hashable {
        var kind: AggregateEvent.Kind
        var rule: UInt8
        /// Of the program.
        var identity: UInt32
        var networkNamespace: UInt32
        var transport: Transport
        var destination: Endpoint
        /// What became of it; of an end, what ended it.
        var outcome: Outcome
        var blocker: Blocker?
    }

    /// What came after a record that was written.
    private struct Repeats {
        let attempt: Attempt
        let attribution: Attribution
        let begunBootNanoseconds: UInt64
        var count: UInt64 = 0
        var first: UInt64 = 0
        var last: UInt64
        var gapMinimum = UInt64.max
        var gapMaximum: UInt64 = 0
        var gapSum = 0.0
        var gapSquareSum = 0.0
        var volume: AggregateEvent.Volume?

        /// Takes a repeat; false: it came after the window.
        mutating func take(_ time: UInt64, _ window: UInt64, _ more: AggregateEvent.Volume?) -> Bool {
            guard time < begunBootNanoseconds &+ window else { return false }
            // Records come in the order in which they were written, which is not quite that of the calls.
            let gap = time > last ? time &- last : 0
            if count == 0 {
                first = time
                volume = more
            } else {
                volume = volume.flatMap { volume in more.map { volume.with($0) } }
            }
            count &+= 1
            last = max(last, time)
            gapMinimum = min(gapMinimum, gap)
            gapMaximum = max(gapMaximum, gap)
            gapSum += Double(gap)
            gapSquareSum += Double(gap) * Double(gap)
            return true
        }
    }

    private struct Queued {
        var key: Key
        /// Tells one that is gone from one that came after it.
        var begunBootNanoseconds: UInt64
    }

    private let rules: [Rule]
    private let limit: Int
    private var table: [Key: Repeats] = [:]
    /// By rule, the oldest first: a rule has one window, so that is the order in which they end.
    private var queues: [Deque<Queued>]

    init(_ rules: [Rule], limit: Int) {
        self.rules = rules
        self.limit = limit
        queues = Array(repeating: [], count: rules.count)
    }

    /// How many are being collected.
    var count: Int { table.count }

    private func window(of rule: Int) -> UInt64 {
        if case .aggregate(let nanoseconds) = rules[rule].action { nanoseconds } else { 0 }
    }

    /// Takes a record.
    ///
    /// - Returns: whether it is a repeat, and need not be written; what is to be written for repeats before it.
    mutating func take(
        _ key: Key, _ attempt: Attempt, _ attribution: Attribution, at time: UInt64, _ volume: AggregateEvent.Volume?
    ) -> (isRepeat: Bool, summary: AggregateEvent?) {
        let window = window(of: Int(key.rule))
        // Found once, and changed in place.
        let isRepeat = table[key]?.take(time, window, volume)
        if isRepeat == true { return (true, nil) }
        var summary: AggregateEvent?
        if isRepeat == false {
            summary = end(key)
        } else if table.count >= limit {
            summary = endOldest()
        }
        table[key] = Repeats(
            attempt: attempt, attribution: attribution, begunBootNanoseconds: time, last: time)
        queues[Int(key.rule)].append(Queued(key: key, begunBootNanoseconds: time))
        return (false, summary)
    }

    /// When the next window ends; nil: nothing is being collected.
    var nextDeadline: UInt64? {
        var next: UInt64?
        for (rule, queue) in queues.enumerated() {
            guard let first = queue.first else { continue }
            let deadline = first.begunBootNanoseconds &+ window(of: rule)
            next = min(next ?? .max, deadline)
        }
        return next
    }

    /// Ends the windows that are over.
    mutating func expire(now: UInt64, emit: (AggregateEvent) -> Void) {
        for rule in queues.indices {
            let window = window(of: rule)
            while let first = queues[rule].first, first.begunBootNanoseconds &+ window <= now {
                queues[rule].removeFirst()
                guard table[first.key]?.begunBootNanoseconds == first.begunBootNanoseconds else { continue }
                if let summary = end(first.key) { emit(summary) }
            }
        }
    }

    /// Ends all of them, the oldest first.
    mutating func finish(emit: (AggregateEvent) -> Void) {
        for key in table.sorted(by: { $0.value.begunBootNanoseconds < $1.value.begunBootNanoseconds }).map(\.key) {
            if let summary = end(key) { emit(summary) }
        }
        for rule in queues.indices { queues[rule].removeAll() }
    }

    /// Ends the one that began first, before its window does.
    private mutating func endOldest() -> AggregateEvent? {
        while true {
            let oldest = queues.indices.filter { !queues[$0].isEmpty }.min {
                queues[$0][0].begunBootNanoseconds < queues[$1][0].begunBootNanoseconds
            }
            guard let oldest else { return nil }
            let queued = queues[oldest].removeFirst()
            if table[queued.key]?.begunBootNanoseconds == queued.begunBootNanoseconds { return end(queued.key) }
        }
    }

    /// What is to be written of one; nil: nothing was repeated.
    private mutating func end(_ key: Key) -> AggregateEvent? {
        guard let repeats = table.removeValue(forKey: key), repeats.count > 0 else { return nil }
        var attempt = repeats.attempt
        attempt.outcome = key.outcome
        // These were the first one's own.
        attempt.source = nil
        attempt.bytes = 0
        let mean = repeats.gapSum / Double(repeats.count)
        let variance = max(repeats.gapSquareSum / Double(repeats.count) - mean * mean, 0)
        return AggregateEvent(
            kind: key.kind, rule: rules[Int(key.rule)].name, attempt: attempt, attribution: repeats.attribution,
            count: repeats.count, firstBootNanoseconds: repeats.first, lastBootNanoseconds: repeats.last,
            windowNanoseconds: window(of: Int(key.rule)),
            gaps: AggregateEvent.Gaps(
                minimumNanoseconds: repeats.gapMinimum, maximumNanoseconds: repeats.gapMaximum,
                meanNanoseconds: UInt64(mean), deviationNanoseconds: UInt64(variance.squareRoot())),
            volume: repeats.volume)
    }
}

extension AggregateEvent.Volume {
    /// Both together.
    fileprivate func with(_ other: Self) -> Self {
        Self(
            bytesSent: bytesSent &+ other.bytesSent, packetsSent: packetsSent &+ other.packetsSent,
            bytesReceived: bytesReceived.flatMap { mine in other.bytesReceived.map { mine &+ $0 } },
            packetsReceived: packetsReceived.flatMap { mine in other.packetsReceived.map { mine &+ $0 } })
    }
}
