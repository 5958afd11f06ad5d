internal import Lifecycle
internal import Model
internal import Testing

private func counters(
    _ id: UInt64, datagrams: UInt64 = 3, failures: UInt64 = 0, last: UInt64 = 1000
) -> FlowCounters {
    FlowCounters(
        attemptID: id, firstBootNanoseconds: 1000, lastBootNanoseconds: last, datagrams: datagrams, bytes: 10,
        failures: failures, gapMinimumNanoseconds: 1, gapMaximumNanoseconds: 2, gapSquareSum: 3)
}

@Suite struct FlowTrackerTests {
    private static let idle: UInt64 = 60_000_000_000
    private var tracker = FlowTracker(idleNanoseconds: Self.idle)
    private var told: [String] = []

    private mutating func begin(_ id: UInt64, generation: UInt64 = 50) {
        let first = attempt(id, .whole, .sent, transport: .udp, generation: generation)
        tracker.begin(first, by: somebody, counters: { _, _ in nil }) { told.append(short($0)) }
    }

    private func end(_ counters: FlowCounters, died: Bool) -> FlowEnd {
        FlowEnd(
            reference: RecordReference(cpu: 0, hook: 9, sequence: 1), observedBootNanoseconds: 2000, socketKey: 99,
            socketGeneration: 50, counters: counters, hasSocketDied: died)
    }

    @Test mutating func theDeathOfASocketEndsAllItsFlows() {
        begin(1)
        begin(2)
        begin(3, generation: 51)
        tracker.end(end(counters(1), died: true), counters: { attempt, _ in counters(attempt.id, datagrams: 7) }) {
            told.append(short($0))
        }
        #expect(told == ["ended 1 3+0", "ended 2 7+0"])
        #expect(tracker.count == 1)
    }

    @Test mutating func aFlowThatBeginsAnewEndsAlone() {
        begin(1)
        begin(2)
        tracker.end(end(counters(1), died: false), counters: { _, _ in nil }) { told.append(short($0)) }
        #expect(told == ["ended 1 3+0"])
        #expect(tracker.count == 1)
    }

    @Test mutating func aFlowThatFellSilentEndsWithItsCounts() {
        begin(1)
        #expect(tracker.nextDeadline != nil)
        tracker.sweep(now: 1000 + Self.idle / 2, counters: { attempt, _ in counters(attempt.id) }) {
            told.append(short($0))
        }
        #expect(told.isEmpty)
        tracker.sweep(now: 2000 + Self.idle + 1_000_000_000, counters: { attempt, _ in counters(attempt.id) }) {
            told.append(short($0))
        }
        #expect(told == ["ended 1 3+0"])
        #expect(tracker.count == 0 && tracker.nextDeadline == nil)
    }

    @Test mutating func aFlowThatStillSendsGoesOn() {
        begin(1)
        let now = 2000 + Self.idle + 1_000_000_000
        tracker.sweep(now: now, counters: { attempt, _ in counters(attempt.id, last: now - 5) }) {
            told.append(short($0))
        }
        #expect(told.isEmpty && tracker.count == 1)
        #expect((tracker.nextDeadline ?? 0) > now)
    }

    /// What the kernel has forgotten would be told anew, and what it had counted would be lost.
    @Test mutating func aFlowThatStillSendsIsNotForgottenWhenItIsLookedAt() {
        begin(1)
        begin(2)
        let now = 2000 + Self.idle + 1_000_000_000
        var forgotten: [UInt64] = []
        var goesOn: [DisconnectEvent] = []
        tracker.sweep(
            now: now,
            counters: { attempt, forgets in
                if forgets { forgotten.append(attempt.id) }
                return counters(attempt.id, last: attempt.id == 1 ? now - 5 : 1000)
            }, goesOn: { goesOn.append($0) }
        ) { told.append(short($0)) }
        #expect(told == ["ended 2 3+0"])
        #expect(forgotten == [2])
        #expect(goesOn.map(\.attempt.id) == [1])
        #expect(goesOn.first?.endedBootNanoseconds == now - 5)
    }

    /// The kernel counts on between the reading of the clock and of the counters.
    @Test mutating func aFlowThatSendsWhileItIsLookedAtGoesOn() {
        begin(1)
        let now = 2000 + Self.idle + 1_000_000_000
        tracker.sweep(now: now, counters: { attempt, _ in counters(attempt.id, last: now + 5) }) {
            told.append(short($0))
        }
        tracker.sweep(now: now + 3, counters: { attempt, _ in counters(attempt.id, last: now + 5) }) {
            told.append(short($0))
        }
        #expect(told.isEmpty && tracker.count == 1)
    }

    @Test mutating func theEndOfTracingTellsWhatWasCounted() {
        begin(1)
        begin(2, generation: 51)
        tracker.finish(counters: { attempt, _ in counters(attempt.id) }) { told.append(short($0)) }
        #expect(told == ["ended 1 3+0", "ended 2 3+0"])
        #expect(tracker.count == 0)
    }

    @Test mutating func aSingleSendThatFailedHasNoEndOfItsOwn() {
        begin(1)
        begin(2)
        tracker.end(
            end(counters(1, datagrams: 0, failures: 1), died: true),
            counters: { attempt, _ in counters(attempt.id, datagrams: 0, failures: 4) }
        ) {
            told.append(short($0))
        }
        #expect(told == ["ended 2 0+4"])
    }

    @Test mutating func theEndOfAFlowThatIsNotKnownIsNothing() {
        tracker.end(end(counters(1), died: true), counters: { _, _ in nil }) { told.append(short($0)) }
        #expect(told.isEmpty)
    }

    @Test mutating func aTCPAttemptIsNoFlow() {
        begin(1, generation: 0)
        #expect(tracker.count == 0)
    }

    @Test mutating func followingIsBounded() {
        for id in 1...UInt64(FlowTracker.limit + 1) { begin(id, generation: id) }
        #expect(tracker.count <= FlowTracker.limit)
    }
}
