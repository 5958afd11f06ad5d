import Beacons
import Testing

/// RITA's score by its formula, worked out by hand.
@Suite struct RitaScoreTests {
    private let day: Int64 = 86_400

    @Test func anEvenBeaconOfAWholeDayHasAllFourParts() throws {
        let calls = (0...1440).map { (second: Int64($0) * 60, bytes: UInt64(300)) }
        let score = try #require(RitaScore(calls: calls, window: 0...day))
        #expect(score.timestamps == 1)
        #expect(score.sizes == 1)
        #expect(score.duration == 1)
        // 23 bars of 60 and the last of 61.
        #expect(score.histogram == 1)
        #expect(score.value == 1)
    }

    @Test func oneThatLivedForFourMinutesHasNoDurationAndAnUnevenDay() throws {
        let calls = (0..<80).map { (second: Int64($0) * 3, bytes: UInt64(300)) }
        let score = try #require(RitaScore(calls: calls, window: 0...day))
        #expect(score.timestamps == 1)
        #expect(score.histogram == 0)
        #expect(score.duration == 0)
        #expect(score.value == 0.5)
    }

    @Test func skewAndDeviationAreTakenOffTheGaps() throws {
        // Gaps 10, 20, 60, 100, 110: quartiles 15, 60, 105; no skew, a median deviation of 40.
        let seconds: [Int64] = [0, 10, 30, 90, 190, 300]
        let score = try #require(RitaScore(calls: seconds.map { ($0, 0) }, window: 0...day))
        #expect(score.timestamps == 0.667)
        // No bytes: no skew, and no deviation that counts.
        #expect(score.sizes == 0.5)
    }

    @Test func fewerThanFourSecondsAreNotScored() {
        let calls: [(second: Int64, bytes: UInt64)] = [(0, 1), (0, 1), (5, 1), (9, 1)]
        #expect(RitaScore(calls: calls, window: 0...day) == nil)
    }

    @Test func onlyTheLastDayCounts() throws {
        let old = (0..<50).map { (second: Int64($0) * 1234, bytes: UInt64(9)) }
        let new = (0...24).map { (second: 2 * day + Int64($0) * 3600, bytes: UInt64(300)) }
        let score = try #require(RitaScore(calls: old + new, window: RitaScore.windowStart(last: 3 * day)...3 * day))
        #expect(score.timestamps == 1)
        #expect(score.duration == 1)
    }
}
