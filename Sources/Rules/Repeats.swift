internal import Model

/// What came after a record that was written, within a window.
struct Repeats {
    let key: Aggregates.Key
    private(set) var generation: UInt64
    let begunBootNanoseconds: UInt64
    private let attempt: Attempt
    /// Nil: it has ended, and holds nothing any more.
    private var attribution: Attribution?
    private var count: UInt64 = 0
    private var first: UInt64 = 0
    private var last: UInt64
    private var gapMinimum = UInt64.max
    private var gapMaximum: UInt64 = 0
    private var gapSum = 0.0
    private var gapSquareSum = 0.0
    private var volume: AggregateEvent.Volume?
    /// Bytes of paths, arguments and variables that it keeps in memory, its process's ancestors' included; others may keep
    /// the same.
    let textBytes: Int

    /// Begins with the record that is written.
    ///
    /// - Parameter generation: unlike that of any other, never 0.
    init(_ key: Aggregates.Key, _ attempt: Attempt, _ attribution: Attribution, at time: UInt64, generation: UInt64) {
        self.key = key
        self.attempt = attempt
        self.attribution = attribution
        self.generation = generation
        begunBootNanoseconds = time
        var textBytes = attribution.process.program.textByteCount
        attribution.process.forEachAncestor { textBytes += $0.program.textByteCount }
        self.textBytes = textBytes
        last = time
    }

    /// Takes a repeat; false: it came after the window.
    mutating func take(_ time: UInt64, _ window: UInt64, _ more: AggregateEvent.Volume?) -> Bool {
        guard time < begunBootNanoseconds &+ window else { return false }
        // Records come in the order in which they were written, which is not quite that of the calls.
        let gap = time > last ? time &- last : 0
        if count == 0 {
            first = time
            volume = more
        } else if let more {
            volume?.add(more)
        } else {
            volume = nil
        }
        count &+= 1
        last = max(last, time)
        gapMinimum = min(gapMinimum, gap)
        gapMaximum = max(gapMaximum, gap)
        gapSum += Double(gap)
        gapSquareSum += Double(gap) * Double(gap)
        return true
    }

    /// Ends, and tells what was repeated; nil: nothing was.
    mutating func end(rule: String, window: UInt64) -> AggregateEvent? {
        generation = 0
        guard let attribution = attribution.take(), count > 0 else { return nil }
        var attempt = attempt
        attempt.outcome = key.outcome
        // These were the first one's own.
        attempt.source = nil
        attempt.bytes = 0
        let mean = gapSum / Double(count)
        let variance = max(gapSquareSum / Double(count) - mean * mean, 0)
        return AggregateEvent(
            kind: key.kind, rule: rule, attempt: attempt, attribution: attribution, count: count,
            firstBootNanoseconds: first, lastBootNanoseconds: last, windowNanoseconds: window,
            gaps: AggregateEvent.Gaps(
                minimumNanoseconds: gapMinimum, maximumNanoseconds: gapMaximum, meanNanoseconds: UInt64(mean),
                deviationNanoseconds: UInt64(variance.squareRoot())), volume: volume)
    }
}

extension AggregateEvent.Volume {
    /// Takes the numbers of another; what one of them has not, both have not.
    fileprivate mutating func add(_ other: Self) {
        bytesSent &+= other.bytesSent
        packetsSent &+= other.packetsSent
        if let mine = bytesReceived, let theirs = other.bytesReceived {
            bytesReceived = mine &+ theirs
        } else {
            bytesReceived = nil
        }
        if let mine = packetsReceived, let theirs = other.packetsReceived {
            packetsReceived = mine &+ theirs
        } else {
            packetsReceived = nil
        }
    }
}
