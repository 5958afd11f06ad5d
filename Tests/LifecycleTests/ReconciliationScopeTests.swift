internal import Lifecycle
internal import Model
internal import Testing

private typealias Run = ReconciliationRun

/// What is compared: which namespaces, which protocols, until when.
@Suite struct ReconciliationScopeTests {
    @Test func namespacesThatGoKeepWhatWasMissingAndOnesWithTheirNumberBeginAnew() {
        var run = Run()
        run.follow(in: 7, 0, at: 0)
        run.attempts(5, in: 7, started: 1, observed: 1)
        _ = run.beat([Run.reading(7, 6, at: 10)], at: 10)
        // Gone: its last reading is compared all the same.
        #expect(run.beat([], at: 20).difference.syns == 1)
        #expect(!run.reconciliation.isFollowed(7))
        // Another one with that number, which has counted more, then one that has counted less.
        #expect(run.beat([Run.reading(7, 50, at: 30)], at: 30).comparisons.first?.kernel == nil)
        let reset = run.beat([Run.reading(7, 2, at: 40)], at: 40)
        #expect(reset.comparisons.first?.kernel == nil)
        #expect(reset.difference.syns == 0)
        #expect(run.beat([Run.reading(7, 2, at: 50)], at: 50).difference.syns == 0)
    }

    @Test func noMoreNamespacesAreFollowedThanThereIsRoomFor() {
        var run = Run()
        for namespace in 1...UInt32(Reconciliation.limit + 5) { run.follow(in: namespace, 0, at: 0) }
        #expect(!run.reconciliation.hasRoom)
        #expect(run.reconciliation.followed.count == Reconciliation.limit)
    }

    @Test func subflowsOfMPTCPAreNoAttempts() {
        var run = Run()
        run.follow(0, at: 0)
        run.attempts(2, via: .mptcp, started: 1, observed: 1)
        run.attempts(3, started: 1, observed: 1)
        // Two first subflows, four further ones, three of plain TCP, and one that nobody recorded.
        let reading = { time in
            Run.reading(1, 10, at: time) {
                $0.mptcpCapableSyns = 2
                $0.mptcpJoinSyns = 4
            }
        }
        _ = run.beat([reading(10)], at: 10)
        #expect(run.beat([reading(20)], at: 20).difference.syns == 1)
    }

    @Test func whereTheKernelDoesNotCountSubflowsNothingIsClaimed() {
        var run = Run()
        run.follow(0, at: 0)
        let reading = { time in
            Run.reading(1, 10, at: time) {
                $0.mptcpJoinSyns = nil
                $0.mptcpPassiveSyns = 1
            }
        }
        _ = run.beat([reading(10)], at: 10)
        let next = run.beat([reading(20)], at: 20)
        #expect(next.difference.syns == 0)
        #expect(next.comparisons.first?.missingSyns == nil)
    }

    @Test func theLastReadingIsComparedAtOnceWithWhatWasMadeBeforeIt() {
        var run = Run()
        run.follow(0, at: 0)
        run.attempts(3, started: 1, observed: 1)
        let last = [Run.reading(1, 5, at: 10)]
        run.reconciliation.close(last)
        #expect(run.reconciliation.aheadSyns == 2)
        run.attempts(started: 9, observed: 11)
        #expect(run.reconciliation.aheadSyns == 1)
        // After the reading: it does not hold them.
        run.attempts(4, started: 11, observed: 11)
        let final = run.beat(last, at: 12, isFinal: true)
        #expect(final.difference.syns == 1)
        #expect(final.comparisons.first?.missingSyns == 1)
    }

    @Test func datagramsAreComparedAtTheEndAndOnlyWhenEveryFlowWasCounted() {
        for isCertain in [true, false] {
            var reconciliation = Reconciliation(lagNanoseconds: 0, now: 0)
            let reading = { (count: UInt64, time: UInt64) in Run.reading(1, 0, at: time) { $0.udpOutDatagrams = count }
            }
            reconciliation.follow(reading(100, 0))
            reconciliation.note(datagrams: 20, in: 1)
            let last = [reading(125, 10)]
            #expect(reconciliation.aheadDatagrams(last, underWay: [1: 3]) == 2)
            reconciliation.close(last)
            reconciliation.note(datagrams: 3, in: 1)
            let final = reconciliation.beat(
                last, now: 11 * second, isDrained: true, explained: 0, isDatagramsCertain: isCertain, isFinal: true,
                untold: { [] })
            #expect(final.difference.datagrams == (isCertain ? 2 : 0))
            #expect(final.comparisons.first?.recordedDatagrams == 23)
            #expect(final.comparisons.first?.missingDatagrams == (isCertain ? 2 : nil))
        }
    }

    @Test func onlyTCPIsCountedAsSyn() {
        var run = Run()
        run.follow(0, at: 0)
        var datagram = attempt(1, .whole, .sent, at: second, transport: .udp)
        datagram.networkNamespace = 1
        datagram.isSynSent = true
        run.reconciliation.note(datagram)
        #expect(run.beat([Run.reading(1, 0, at: 10)], at: 10).comparisons.map(\.recordedSyns) == [0])
    }
}
