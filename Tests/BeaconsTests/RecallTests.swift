import Beacons
import Testing

/// What share of made-up beacons is found, and how often benign traffic is taken for one.
///
/// Small samples here, whose seeds are fixed; `make beacons-table` takes large ones.
@Suite struct RecallTests {
    /// The share that is found, of beacons with 0–30 % of the beats missing and a lifetime of 30 s at the least.
    static func recall(jitter: Double, beats: Int, count: Int, seed: UInt64) -> Double {
        var numbers = SeededNumbers(seed: seed)
        var found = 0
        for _ in 0..<count {
            let shortest = max(1, 30 / Double(beats - 1))
            let beacon = MadeUpBeacon(
                period: numbers.spread(shortest...21_600), jitter: jitter, isTwoSided: numbers.unit() < 0.5,
                beats: beats,
                missed: 0.3 * numbers.unit())
            if Trial(beacon, benign: 0, &numbers).isFound { found += 1 }
        }
        return Double(found) / Double(count)
    }

    @Test func twentyBeatsWithAFifthOfJitterAreFound() {
        #expect(Self.recall(jitter: 0.2, beats: 20, count: 300, seed: 1) >= 0.99)
    }

    @Test func fiftyBeatsWithHalfOfJitterAreFound() {
        #expect(Self.recall(jitter: 0.5, beats: 50, count: 300, seed: 2) >= 0.95)
    }

    @Test func sixBeatsAreEnoughForAFixedSleep() {
        #expect(Self.recall(jitter: 0.01, beats: 6, count: 100, seed: 3) >= 0.9)
    }

    @Test func aThousandBeatsAreFoundByTheLastOnes() {
        #expect(Self.recall(jitter: 0.3, beats: 1000, count: 20, seed: 4) == 1)
    }

    @Test func benignTrafficIsNoBeacon() {
        var numbers = SeededNumbers(seed: 5)
        var store = CallStore()
        for index in 0..<500 { store.addBenign(to: "benign\(index).example", &numbers) }
        let findings = store.findings(allowed: AllowList([])).filter(\.isBeacon)
        #expect(findings.map(\.sentence) == [])
    }

    @Test func aBeaconIsFoundAmongItsProgramsOtherCalls() {
        var numbers = SeededNumbers(seed: 6)
        let beacon = MadeUpBeacon(period: 60, jitter: 0.2, isTwoSided: true, beats: 40, missed: 0.1)
        let trial = Trial(beacon, benign: 60, &numbers)
        #expect(trial.isFound)
        #expect(trial.falseFindings == 0)
    }
}
