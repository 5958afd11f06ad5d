internal import Lifecycle
internal import Model
internal import Testing

@Suite struct AttemptTrackerTests {
    private var tracker = AttemptTracker(settleNanoseconds: 1_000_000)
    private var events: [TraceEvent] = []
    private var told: [String] { events.map(short) }

    private mutating func take(_ attempt: Attempt, by who: Attribution = somebody) {
        tracker.handle(attempt, attribution: { who }) { events.append(TraceEvent($0, by: $1, as: $2)) }
    }

    @Test mutating func anAttemptThatIsWholeIsWrittenAtOnce() {
        take(attempt(1, .whole, .failed(errno: 101)))
        #expect(told == ["attempted 1 failed(errno: 101)"])
        #expect(tracker.nextDeadline() == nil)
    }

    @Test mutating func anOutcomeWithinTheSettleTimeIsOneRecordUnderTheFirstReference() {
        take(attempt(1, .begun, .pending, sequence: 5))
        #expect(told.isEmpty)
        take(attempt(1, .outcome, .failed(errno: 111), sequence: 6))
        #expect(told == ["attempted 1 failed(errno: 111)"])
        guard case .attempted(let event) = events[0] else { return }
        #expect(event.attempt.reference.sequence == 5)
        #expect(tracker.nextDeadline() == nil && tracker.waitingCount == 0)
    }

    @Test mutating func oneThatWaitsForLongHoldsNothingOfThoseBehindIt() {
        take(attempt(1, .begun, .pending))
        for id in 2..<10_000 as Range<UInt64> {
            take(attempt(id, .begun, .pending))
            take(attempt(id, .outcome, .failed(errno: 111)))
        }
        #expect(tracker.waitingCount == 1 && tracker.queuedCount < 2_000)
    }

    @Test mutating func anOutcomeThatComesLateIsARecordOfItsOwn() {
        take(attempt(1, .begun, .pending, at: 1000))
        #expect(tracker.nextDeadline() == 1_001_000)
        tracker.expire(now: 1_000_999) { events.append(TraceEvent($0, by: $1, as: $2)) }
        #expect(told.isEmpty)
        tracker.expire(now: 1_001_000) { events.append(TraceEvent($0, by: $1, as: $2)) }
        take(attempt(1, .outcome, .failed(errno: 110)), by: nobody)
        #expect(told == ["attempted 1 pending", "resolved 1 failed(errno: 110)"])
        // Its process was known when it began, and may be forgotten now.
        guard case .resolved(let event) = events[1] else { return }
        #expect(event.attribution.process.program.name.bytes == Array("somebody".utf8))
    }

    @Test mutating func anOutcomeThatCameLateIsARecordOfItsOwnHoweverLateBothAreRead() {
        take(attempt(1, .begun, .pending, at: 1000))
        take(attempt(1, .outcome, .failed(errno: 110), at: 1000, observed: 1_001_000), by: nobody)
        #expect(told == ["attempted 1 pending", "resolved 1 failed(errno: 110)"])
        #expect(tracker.nextDeadline() == nil && tracker.waitingCount == 0)
    }

    @Test mutating func withoutASettleTimeNothingWaits() {
        tracker = AttemptTracker(settleNanoseconds: 0)
        take(attempt(1, .begun, .pending))
        take(attempt(1, .outcome, .established))
        #expect(told == ["attempted 1 pending", "resolved 1 established"])
    }

    @Test mutating func theEndOfTracingWritesWhatWaits() {
        take(attempt(1, .begun, .pending))
        take(attempt(2, .begun, .pending))
        tracker.finish { events.append(TraceEvent($0, by: $1, as: $2)) }
        #expect(told == ["attempted 1 pending", "attempted 2 pending"])
    }

    @Test mutating func aConnectionKeepsItsProcessUntilItCloses() {
        take(attempt(1, .whole, .established))
        let close = ConnectionClose(
            attempt: attempt(1, .outcome, .established), establishedBootNanoseconds: 1, bytesSent: 5, bytesReceived: 6,
            packetsSent: 1, packetsReceived: 1, retransmits: 0)
        tracker.handle(close, attribution: { nobody }) { events.append(.disconnected($0)) }
        #expect(told == ["attempted 1 established", "closed 1 5"])
        guard case .disconnected(let event) = events[1] else { return }
        #expect(event.attribution.process.program.name.bytes == Array("somebody".utf8))
    }

    @Test mutating func aCloseOfAConnectionThatWasNeverSeenAsksWhoItWas() {
        let close = ConnectionClose(
            attempt: attempt(1, .outcome, .established), establishedBootNanoseconds: 1, bytesSent: 5, bytesReceived: 6,
            packetsSent: 1, packetsReceived: 1, retransmits: 0)
        tracker.handle(close, attribution: { nobody }) { events.append(.disconnected($0)) }
        guard case .disconnected(let event) = events[0] else { return }
        #expect(event.attribution.process.program.name.bytes == Array("nobody".utf8))
    }
}
