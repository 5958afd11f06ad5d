internal import Lifecycle
internal import Model
internal import Testing

private typealias Run = ReconciliationRun

@Suite struct ReconciliationTests {
    @Test func whatWasRecordedIsBesideWhatTheKernelCountedAndNothingIsMissing() {
        var run = Run()
        run.follow(100, at: 0)
        run.attempts(7, started: 1, observed: 1)
        var beat = run.beat([Run.reading(1, 107, at: 10)], at: 10)
        #expect(beat.comparisons.map(\.recordedSyns) == [7])
        #expect(beat.comparisons.first?.kernel?.tcpActiveOpens == 7)
        // Not compared yet: records may be late.
        #expect(beat.comparisons.first?.missingSyns == nil)
        run.attempts(2, started: 11, observed: 12)
        beat = run.beat([Run.reading(1, 109, at: 20)], at: 20)
        #expect(beat.comparisons.map(\.recordedSyns) == [2])
        #expect(beat.comparisons.first?.missingSyns == 0)
        #expect(beat.difference.syns == 0)
    }

    @Test func whatNobodyRecordedIsToldOnceAtTheNextHeartbeat() {
        var run = Run()
        run.follow(100, at: 0)
        run.attempts(7, started: 1, observed: 1)
        // Ten were sent.
        #expect(run.beat([Run.reading(1, 110, at: 10)], at: 10).difference.syns == 0)
        let second = run.beat([Run.reading(1, 110, at: 20)], at: 20)
        #expect(second.difference.syns == 3)
        #expect(second.comparisons.first?.missingSyns == 3)
        #expect(run.beat([Run.reading(1, 110, at: 30)], at: 30).difference.syns == 0)
        // Two more.
        _ = run.beat([Run.reading(1, 112, at: 40)], at: 40)
        let later = run.beat([Run.reading(1, 112, at: 50)], at: 50)
        #expect(later.difference.syns == 2)
        #expect(later.comparisons.first?.missingSyns == 5)
    }

    @Test func aRecordThatIsLateIsNoDifference() {
        var run = Run()
        run.follow(0, at: 0)
        // Sent before the reading, and counted by it; the records come after it.
        #expect(run.beat([Run.reading(1, 5, at: 10)], at: 10).difference.syns == 0)
        run.attempts(5, started: 9, observed: 11)
        let next = run.beat([Run.reading(1, 5, at: 20)], at: 20)
        #expect(next.difference.syns == 0)
        #expect(next.comparisons.first?.missingSyns == 0)
    }

    @Test func newerAttemptsDoNotHideWhatIsMissing() {
        var run = Run()
        run.follow(0, at: 0)
        run.attempts(2, started: 1, observed: 1)
        // Three were sent until here.
        _ = run.beat([Run.reading(1, 3, at: 10)], at: 10)
        run.attempts(50, started: 11, observed: 11)
        #expect(run.beat([Run.reading(1, 53, at: 20)], at: 20).difference.syns == 1)
    }

    @Test func nothingIsToldBeforeRecordsHadTheTimeToComeOrWhileTheRingIsNotReadEmpty() {
        var run = Run()
        run.follow(0, at: 0)
        _ = run.beat([Run.reading(1, 5, at: 1)], at: 1)
        #expect(run.beat([Run.reading(1, 5, at: 2)], at: 2).difference.syns == 0)
        #expect(run.beat([Run.reading(1, 5, at: 60)], at: 60, isDrained: false).difference.syns == 0)
        #expect(run.beat([Run.reading(1, 5, at: 61)], at: 61).difference.syns == 5)
    }

    @Test func aNamespaceCountsFromItsFirstSightOn() {
        var run = Run()
        // Before that: nobody knows which of them the counters hold.
        run.attempts(3, in: 9, started: 1, observed: 1)
        #expect(run.beat([Run.reading(9, 1000, at: 10)], at: 10).comparisons.first?.kernel == nil)
        run.attempts(2, in: 9, started: 11, observed: 11)
        _ = run.beat([Run.reading(9, 1002, at: 20)], at: 20)
        let next = run.beat([Run.reading(9, 1002, at: 30)], at: 30)
        #expect(next.comparisons.first?.missingSyns == 0)
        #expect(next.difference.syns == 0)
    }

    @Test func anAttemptOnItsWayAtTheFirstSightIsTakenInFavourThenItIsExact() {
        var run = Run()
        run.follow(10, at: 5)
        // Counted before or after the first reading: nobody knows.
        run.attempts(started: 4, observed: 6)
        // One was not recorded; it may be the one that the reading already had.
        _ = run.beat([Run.reading(1, 11, at: 10)], at: 10)
        #expect(run.beat([Run.reading(1, 11, at: 20)], at: 20).difference.syns == 0)
        // From a reading at which nothing was on its way, it is certain.
        _ = run.beat([Run.reading(1, 12, at: 30)], at: 30)
        #expect(run.beat([Run.reading(1, 12, at: 40)], at: 40).difference.syns == 1)
    }

    @Test func anAttemptThatTheFirstReadingSurelyHadIsNotCounted() {
        var run = Run()
        run.follow(10, at: 5)
        run.attempts(3, started: 1, observed: 4)
        _ = run.beat([Run.reading(1, 11, at: 10)], at: 10)
        #expect(run.beat([Run.reading(1, 11, at: 20)], at: 20).difference.syns == 1)
    }

    @Test func whereTheRecordIsWrittenBeforeTheSynItMayBeCountedLater() {
        var run = Run(lag: second)
        run.follow(10, at: 5)
        // Written in the second before the reading.
        run.attempts(phase: .begun, outcome: .pending, started: 4, observed: 4)
        _ = run.beat([Run.reading(1, 11, at: 10)], at: 10)
        #expect(run.beat([Run.reading(1, 11, at: 20)], at: 20).difference.syns == 0)
    }

    @Test func aConnectThatFailedBeforeItsSynIsTakenBack() {
        var run = Run(lag: second)
        run.follow(0, at: 0)
        run.attempts(phase: .begun, outcome: .pending, started: 5, observed: 5)
        run.attempts(phase: .outcome, outcome: .failed(errno: 99), isSynSent: false, started: 5, observed: 6)
        // A SYN that nobody recorded is not hidden by it.
        let first = run.beat([Run.reading(1, 1, at: 10)], at: 10)
        #expect(first.comparisons.map(\.recordedSyns) == [0])
        #expect(run.beat([Run.reading(1, 1, at: 20)], at: 20).difference.syns == 1)
    }

    @Test func fastOpenMaySendItsSynAnyTimeOrNever() {
        var run = Run()
        run.follow(0, at: 0)
        run.attempts(2, phase: .begun, outcome: .pending, isSynSent: false, via: .fastOpen, started: 1, observed: 1)
        #expect(run.beat([Run.reading(1, 0, at: 10)], at: 10).difference.syns == 0)
        #expect(run.beat([Run.reading(1, 1, at: 20)], at: 20).difference.syns == 0)
        #expect(run.beat([Run.reading(1, 2, at: 30)], at: 30).difference.syns == 0)
        #expect(run.beat([Run.reading(1, 2, at: 40)], at: 40).difference.syns == 0)
    }

    @Test func whatIsToldAsLostIsNotToldAgain() {
        var run = Run()
        run.follow(0, at: 0)
        run.attempts(6, started: 1, observed: 1)
        _ = run.beat([Run.reading(1, 10, at: 10)], at: 10, explained: 3)
        #expect(run.beat([Run.reading(1, 10, at: 20)], at: 20, explained: 3).difference.syns == 1)
        // The rest is explained later: it was told, and stays so.
        #expect(run.beat([Run.reading(1, 10, at: 30)], at: 30, explained: 4).difference.syns == 0)
    }

    @Test func whatTheKernelStillHasToTellIsNotMissing() {
        var run = Run()
        run.follow(0, at: 0)
        _ = run.beat([Run.reading(1, 2, at: 10)], at: 10)
        var untold = attempt(1, .begun, .pending, at: 9 * second)
        untold.networkNamespace = 1
        var elsewhere = untold
        elsewhere.networkNamespace = 2
        #expect(run.beat([Run.reading(1, 2, at: 20)], at: 20, untold: [untold, elsewhere]).difference.syns == 1)
    }
}
