import Foundation
import Model
import Testing

@testable import Beacons

/// Rhythms in what was only counted.
@Suite struct FlowBeatsTests {
    /// What the kernel counts of sends at these times.
    private func counted(_ times: [Double]) -> FlowBeats? {
        let boot = times.map { UInt64($0 * 1e9) }
        let gaps = zip(boot.dropFirst(), boot).map { $0 - $1 }
        return FlowBeats(
            FlowCounters(
                attemptID: 1, firstBootNanoseconds: boot.first ?? 0, lastBootNanoseconds: boot.last ?? 0,
                datagrams: UInt64(times.count), bytes: 1, failures: 0, gapMinimumNanoseconds: gaps.min() ?? 0,
                gapMaximumNanoseconds: gaps.max() ?? 0,
                gapSquareSum: gaps.reduce(0) { sum, gap in
                    let (total, isFull) = sum.addingReportingOverflow((gap / 1000) &* (gap / 1000))
                    // The square of 4,294 s is the last that there is room for.
                    return isFull || gap > 4_294_000_000_000 ? .max : total
                }), clockOffset: 0)
    }

    private func analysis(_ times: [Double]) -> BeatAnalysis? { counted(times).flatMap { BeatAnalysis($0) } }

    @Test func whatWasCountedSaysAsMuchOfTheRhythmAsTheTimes() throws {
        var numbers = SeededNumbers(seed: 3)
        for jitter in [0.0, 0.05, 0.1, 0.2] {
            let beacon = MadeUpBeacon(period: 5, jitter: jitter, isTwoSided: true, beats: 40, missed: 0)
            let times = beacon.times(&numbers)
            let found = try #require(analysis(times))
            let exact = try #require(BeatAnalysis(times: times, resolution: 0.001))
            #expect(abs(found.rhythm.periodSeconds - exact.rhythm.periodSeconds) < 0.05)
            #expect(abs(found.rhythm.spread - exact.rhythm.spread) < 0.03)
            #expect(found.beats == 40)
            // Never more, and not much less: it knows neither the jitter's form nor its own chance exactly.
            #expect(found.evidence < exact.evidence + 4)
            #expect(found.evidence > 0.75 * exact.evidence - 2, "\(jitter)")
        }
    }

    @Test func noGapsAreLikelierByChanceThanIsTaken() {
        var numbers = SeededNumbers(seed: 4)
        for _ in 0..<3000 {
            let kind = BenignTraffic.allCases.randomElement(using: &numbers) ?? .poisson
            let times = kind.times(Int(numbers.spread(6...200)), mean: numbers.spread(1...50), &numbers)
            guard let flow = counted(times) else { continue }
            let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
            let mean = flow.lifetimeSeconds / Double(gaps.count)
            let most = Double(gaps.count) * (BeatAnalysis.mostInverse(flow, mean: mean) - 0.5 * log(2 * .pi))
            #expect(Chance(gaps: gaps, floor: 0).logLikelihood < most + 0.01)
        }
    }

    @Test func chanceIsNoBeaconHoweverItIsCounted() {
        var numbers = SeededNumbers(seed: 5)
        var beyond = [0, 0, 0]
        let flows = 20_000
        for _ in 0..<flows {
            let kind = BenignTraffic.allCases.randomElement(using: &numbers) ?? .poisson
            let times = kind.times(Int(numbers.spread(6...300)), mean: numbers.spread(1...50), &numbers)
            let evidence = analysis(times)?.evidence ?? 0
            for (place, limit) in [3.0, 6, 9].enumerated() where evidence > limit { beyond[place] += 1 }
        }
        // e^−3 is one in twenty, e^−6 one in 400, e^−9 one in 8,000.
        #expect(beyond[0] < flows / 20)
        #expect(beyond[1] < flows / 400)
        #expect(beyond[2] <= flows / 8000)
    }

    @Test func flowsOfABeaconAreFoundByTheirCounts() {
        var numbers = SeededNumbers(seed: 6)
        for (jitter, beats) in [(0.0, 6), (0.05, 8), (0.1, 12), (0.2, 25), (0.3, 40)] {
            var found = 0
            for _ in 0..<200 {
                let beacon = MadeUpBeacon(
                    period: numbers.spread(1...50), jitter: jitter, isTwoSided: numbers.unit() < 0.5, beats: beats,
                    missed: 0)
                if let evidence = analysis(beacon.times(&numbers))?.evidence, evidence > 9.5 { found += 1 }
            }
            #expect(found >= 198, "±\(jitter), \(beats) beats")
        }
    }

    @Test func severalDatagramsForOneBeatAreNoRhythmThatCountsShow() {
        #expect(analysis((0..<30).flatMap { [Double($0) * 10, Double($0) * 10 + 0.02] }) == nil)
        #expect(analysis((0..<200).map { Double($0) * 0.02 }) == nil)
        #expect(analysis([0, 5, 10, 15, 20]) == nil)
    }

    @Test func aSumThatIsFullAndCountsThatCannotBeAreNone() {
        var counters = FlowCounters(
            attemptID: 1, firstBootNanoseconds: 0, lastBootNanoseconds: 99_000_000_000, datagrams: 100, bytes: 1,
            failures: 0, gapMinimumNanoseconds: 1_000_000_000, gapMaximumNanoseconds: 1_000_000_000,
            gapSquareSum: 99_000_000_000_000)
        #expect(FlowBeats(counters, clockOffset: 0).flatMap { BeatAnalysis($0) } != nil)
        counters.gapMinimumNanoseconds = 2_000_000_000
        #expect(FlowBeats(counters, clockOffset: 0).flatMap { BeatAnalysis($0) } == nil)
        counters.gapSquareSum = .max
        #expect(FlowBeats(counters, clockOffset: 0) == nil)
        for number in [Double.nan, .infinity, -1] {
            let flow = FlowBeats(
                sends: 10, firstNanoseconds: 0, lastNanoseconds: 90_000_000_000, shortestGap: number,
                longestGap: number, deviation: number)
            #expect(BeatAnalysis(flow) == nil)
        }
    }

    @Test func aFlowIsAFindingWithItsReasonOnceForHoweverManyReports() throws {
        var store = CallStore()
        let call = Call(
            caller: Caller(.program, "/tmp/implant"),
            destination: Destination(.address(.v4(0xcb00_7109)), port: 4444, transport: .udp), nanoseconds: 0)
        store.add(call)
        for count in [12, 24, 36] {
            let flow = try #require(counted((0..<count).map { Double($0) * 5 }))
            store.add(flow, beganWith: call)
        }
        #expect((store.keyCount, store.calls) == (1, 1))
        let finding = try #require(store.findings(allowed: AllowList([])).first)
        #expect(finding.isBeacon)
        #expect((finding.calls, finding.analysis.beats) == (36, 36))
        #expect(finding.lastMilliseconds == 175_000)
        #expect(finding.modifiers.map(\.name) == ["keep_alive"])
        #expect(finding.sentence.contains("every 5.0 s"))
        #expect(finding.commonSize == nil)
    }

    @Test func aFlowWhoseAttemptWasNotSeenIsACallAllTheSame() throws {
        var store = CallStore()
        let call = Call(
            caller: Caller(.program, "/tmp/implant"),
            destination: Destination(.address(.v4(0xcb00_7109)), port: 4444, transport: .udp), nanoseconds: 0)
        store.add(try #require(counted((0..<40).map { Double($0) * 5 })), beganWith: call)
        #expect(store.findings(allowed: AllowList([])).first?.isBeacon == true)
        // What has no rhythm takes no room.
        store.add(
            try #require(counted([0, 1, 9, 10, 30, 31])),
            beganWith: Call(caller: Caller(.program, "/usr/bin/other"), destination: .anywhere, nanoseconds: 0))
        #expect(store.keyCount == 1)
    }
}
