internal import Testing

@testable internal import TraceSession

@Suite struct ReadingPaceTests {
    /// Readings so many nanoseconds apart, each of so many records; returns the rest after the last.
    private func rest(_ pace: inout ReadingPace, readings: Int, apart: UInt64, count: Int) -> Int32 {
        for _ in 0..<readings {
            now += apart + UInt64(pace.restMilliseconds) * 1_000_000
            pace.read(count: count, isFilling: false, now: now)
        }
        return pace.restMilliseconds
    }

    private final class Clock { var now: UInt64 = 1_000_000_000 }
    private let clock = Clock()
    private var now: UInt64 {
        get { clock.now }
        nonmutating set { clock.now = newValue }
    }

    @Test func whatComesByItselfIsReadAtOnce() {
        var pace = ReadingPace()
        #expect(rest(&pace, readings: 1000, apart: 2_000_000, count: 2) == 0)
    }

    @Test func anAttemptWithItsOutcomeCausesNoRest() {
        var pace = ReadingPace()
        // Its begin, its outcome at once, and then nothing for long.
        for _ in 0..<100 {
            #expect(rest(&pace, readings: 1, apart: 50_000_000, count: 1) == 0)
            #expect(rest(&pace, readings: 1, apart: 20_000, count: 1) == 0)
        }
    }

    @Test func aFloodRestsLongerAndLonger() {
        var pace = ReadingPace()
        #expect(rest(&pace, readings: 1 + 3, apart: 20_000, count: 2) == 1)
        #expect(rest(&pace, readings: 1, apart: 20_000, count: 50) == 2)
        #expect(rest(&pace, readings: 1, apart: 20_000, count: 100) == 4)
        #expect(rest(&pace, readings: 5, apart: 20_000, count: 200) == ReadingPace.longestMilliseconds)
    }

    @Test func theRestEndsWithTheFlood() {
        var pace = ReadingPace()
        _ = rest(&pace, readings: 8, apart: 20_000, count: 200)
        #expect(rest(&pace, readings: 3, apart: 20_000, count: 0) == 0)
        #expect(rest(&pace, readings: 1, apart: 20_000, count: 1) == 0, "one record is no flood yet")
    }

    @Test func aRingThatFillsIsReadWithoutRest() {
        var pace = ReadingPace()
        _ = rest(&pace, readings: 8, apart: 20_000, count: 200)
        pace.read(count: 16_384, isFilling: true, now: now)
        #expect(pace.restMilliseconds == 0)
    }
}
