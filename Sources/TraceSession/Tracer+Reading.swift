internal import Capture
internal import Lifecycle
internal import Model
internal import Rules

/// From the ring through the pipeline to the lines.
extension Tracer {
    /// Reads the ring empty.
    ///
    /// Some of it: whoever floods the ring must not keep this from its signals, timers and the log's limit.
    func drain() {
        let now = SystemContext.bootNanoseconds()
        // Before it is read: what has piled up says whether there is time to rest.
        let isFilling = capture.ringFillBytes > UInt64(max(options.ringBytes, 0)) / ReadingPace.fillingShare
        pace.read(count: drainSome(now: now), isFilling: isFilling, now: now)
        checkLosses(isFinal: false, now: now)
    }

    /// Handles what came while /proc was read, at the start: all of it is looked through first.
    ///
    /// Up to 65,536 records; a ring of 8 MiB holds fewer attempts.
    func drainEarly() {
        var early: [Observation] = []
        while early.count < 65_536, capture.drain({ early.append($0) }) > 0 {}
        pipeline.lookAhead(early)
        let now = SystemContext.bootNanoseconds()
        for observation in early {
            pipeline.handle(observation, now: now, counters: { capture.counters(of: $0, forgets: $1) }, emit: emit)
        }
    }

    /// Handles what is in the ring, up to a limit; returns how many records.
    @discardableResult
    func drainSome(now: UInt64 = SystemContext.bootNanoseconds()) -> Int {
        drain(through: &pipeline, into: &formatter, now: now)
    }

    /// Pipeline and formatter are handed over once, and not taken hold of anew for each record.
    private func drain(
        through pipeline: inout Pipeline, into formatter: inout EventFormatter, now: UInt64
    ) -> Int {
        let decoder = capture.decoder
        // Made once, not for each record.
        let counters: Pipeline.Counters = { [capture] in capture.counters(of: $0, forgets: $1) }
        return capture.drainRecords { record in
            let isAttempt = decoder.withAttempt(in: record) { attempt in
                pipeline.handle(attempt, now: now, counters: counters) {
                    emit($0, into: &formatter)
                } emitAttempt: {
                    emit($0, by: $1, as: $2, into: &formatter)
                }
            }
            if isAttempt { return true }
            guard let observation = decoder.decode(record) else { return false }
            pipeline.handle(observation, now: now, counters: counters) { emit($0, into: &formatter) }
            return true
        }
    }

    /// Writes one event, if it is wanted, into the buffer.
    func emit(_ event: TraceEvent) { emit(event, into: &formatter) }

    /// Writes one event, if it is wanted, into the buffer.
    ///
    /// Comes while the pipeline is at work, so nothing here may ask or tell it anything.
    func emit(_ event: TraceEvent, into formatter: inout EventFormatter) {
        beacons?.note(event)
        if let rules, !rules.admits(event, emit: { write($0, into: &formatter) }) { return }
        write(event, into: &formatter)
    }

    /// Writes one attempt, if it is wanted, into the buffer.
    ///
    /// Comes while the pipeline is at work, as ``emit(_:into:)``.
    @inline(__always)
    private func emit(
        _ attempt: Attempt, by attribution: Attribution, as telling: AttemptTracker.Telling,
        into formatter: inout EventFormatter
    ) {
        guard options.beacons == nil, rules == nil, !isDropping else {
            return emit(TraceEvent(attempt, by: attribution, as: telling), into: &formatter)
        }
        formatter.write(attempt, by: attribution, as: telling)
        if formatter.count > flushThreshold { flush(&formatter) }
    }
}
