import Testing

@testable import Beacons

/// What is worth a fit, and what is told apart without one.
@Suite struct GlanceTests {
    private func isWorthAFit(_ times: [Double]) -> Bool {
        BeatAnalysis.areWorthAFit(zip(times.dropFirst(), times).map { $0 - $1 }.sorted())
    }

    @Test(arguments: [12, 20, 50, 78])
    func beaconsWithWideJitterAndMissedBeatsAreWorthAFit(beats: Int) {
        var numbers = SeededNumbers(seed: 21)
        let worth = (0..<500).count { index in
            let beacon = MadeUpBeacon(period: 60, jitter: 0.5, isTwoSided: index % 2 == 0, beats: beats, missed: 0.3)
            return isWorthAFit(beacon.times(&numbers))
        }
        #expect(worth >= 490)
    }

    @Test func aRhythmOfWhichMostBeatsAreMissingIsWorthAFit() {
        var numbers = SeededNumbers(seed: 22)
        let worth = (0..<500).count { _ in
            let beacon = MadeUpBeacon(period: 1200, jitter: 0.05, isTwoSided: true, beats: 40, missed: 0.65)
            return isWorthAFit(beacon.times(&numbers))
        }
        #expect(worth >= 490)
    }

    @Test func callsByChanceSeldomAre() {
        var numbers = SeededNumbers(seed: 23)
        let worth = (0..<1000).count { _ in isWorthAFit(BenignTraffic.poisson.times(78, mean: 60, &numbers)) }
        #expect(worth <= 100)
    }

    @Test func fewerThanSixBeatsAreNot() {
        #expect(!BeatAnalysis.areWorthAFit([60, 60, 60, 60]))
        #expect(BeatAnalysis.areWorthAFit([60, 60, 60, 60, 60]))
    }
}
