internal import Capture
internal import Testing

@Suite struct SkipWindowTests {
    private let second: UInt64 = 1_000_000_000

    @Test func whatStaysIsCertainAfterTwoSeconds() {
        var window = SkipWindow()
        #expect(window.settled(0, now: 10 * second, isFinal: false) == 0)
        #expect(window.settled(3, now: 11 * second, isFinal: false) == 0)
        #expect(window.settled(3, now: 12 * second, isFinal: false) == 0)
        #expect(window.settled(3, now: 13 * second, isFinal: false) == 3)
    }

    @Test func whatAStandInMadeUpForIsNot() {
        var window = SkipWindow()
        #expect(window.settled(5, now: 10 * second, isFinal: false) == 0)
        #expect(window.settled(1, now: 11 * second, isFinal: false) == 0)
        #expect(window.settled(4, now: 13 * second, isFinal: false) == 1)
    }

    /// A heartbeat that came soon after another look was not remembered, and the next one told of nothing.
    @Test func aLookSoonAfterAnotherCountsAsWell() {
        var window = SkipWindow()
        _ = window.settled(0, now: 10 * second, isFinal: false)
        _ = window.settled(1, now: 11 * second, isFinal: false)
        #expect(window.settled(1, now: 71 * second, isFinal: false) == 1)
    }

    @Test func atTheEndAllIsCertain() {
        var window = SkipWindow()
        #expect(window.settled(2, now: second, isFinal: true) == 2)
    }

    @Test func itIsCountedAgainAfterTenSeconds() {
        var window = SkipWindow()
        #expect(window.isWorthALook(now: second))
        _ = window.settled(0, now: second, isFinal: false)
        #expect(!window.isWorthALook(now: 10 * second))
        #expect(window.isWorthALook(now: 11 * second))
    }
}
