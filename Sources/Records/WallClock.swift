/// Boot time to wall-clock time, in UTC.
///
/// The kernel stamps records with CLOCK_BOOTTIME, which nobody sets; people read wall-clock
/// time. Between the two lies an offset that changes only when the wall clock is set or slewed.
public struct WallClock: Sendable, Hashable {
    /// CLOCK_REALTIME − CLOCK_BOOTTIME, nanoseconds.
    ///
    /// Set it anew from time to time.
    public var offsetNanoseconds: Int64

    /// Makes a clock.
    /// - Parameter offsetNanoseconds: CLOCK_REALTIME − CLOCK_BOOTTIME.
    public init(offsetNanoseconds: Int64) {
        self.offsetNanoseconds = offsetNanoseconds
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z, from 1970 to 2262; outside of it the nearest.
    @inline(__always)
    func unixNanoseconds(_ bootNanoseconds: UInt64) -> UInt64 {
        let boot = Int64(clamping: bootNanoseconds)
        let (sum, hasOverflowed) = boot.addingReportingOverflow(offsetNanoseconds)
        return hasOverflowed ? UInt64(Int64.max) : UInt64(max(sum, 0))
    }

    /// Year, month and day of the Gregorian calendar, `days` after 1970-01-01.
    ///
    /// The year is counted from March, so that the leap day is its last (Hinnant's `civil_from_days`).
    @inline(__always)
    static func civil(days: UInt32) -> (year: UInt32, month: UInt32, day: UInt32) {
        let shifted = days &+ 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted &- era &* 146_097
        let yearOfEra = (dayOfEra &- dayOfEra / 1460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let monthFromMarch = (5 &* dayOfYear &+ 2) / 153
        let day = dayOfYear &- (153 &* monthFromMarch &+ 2) / 5 &+ 1
        let month = monthFromMarch < 10 ? monthFromMarch &+ 3 : monthFromMarch &- 9
        return (yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0), month, day)
    }
}

extension LineBuffer {
    /// Appends the time as RFC 3339 in UTC with nine digits: `2026-01-01T10:00:00.123456789Z`.
    @inline(__always)
    mutating func timestamp(_ bootNanoseconds: UInt64, _ clock: WallClock) {
        let nanoseconds = clock.unixNanoseconds(bootNanoseconds)
        let seconds = nanoseconds / 1_000_000_000
        let fraction = UInt32(truncatingIfNeeded: nanoseconds &- seconds &* 1_000_000_000)
        let text = secondText(seconds)
        words(text.date, text.time, length: 16)
        let first = fraction / 100_000_000
        word(text.rest | UInt64(48 &+ first) << 32, length: 5)
        eightDigitsPadded(fraction &- first &* 100_000_000, then: UInt8(ascii: "Z"))
    }
}

/// A second as the beginning of an RFC 3339 time, rendered once: many records are of the same one.
struct SecondText {
    /// Seconds since 1970.
    fileprivate(set) var seconds = UInt64.max
    /// `2026-01-`, the first in the lowest bits, as the others.
    fileprivate(set) var date: UInt64 = 0
    /// `01T10:00`.
    fileprivate(set) var time: UInt64 = 0
    /// `:00.`, what stands before the fraction.
    fileprivate(set) var rest: UInt64 = 0

    /// None yet.
    init() {}

    /// Renders a second.
    init(_ seconds: UInt64) {
        self.seconds = seconds
        let days = UInt32(truncatingIfNeeded: seconds / 86_400)
        let second = UInt32(truncatingIfNeeded: seconds) &- days &* 86_400
        let (year, month, day) = WallClock.civil(days: days)
        let minute = second / 60
        date =
            digitPair(year / 100) | digitPair(year % 100) << 16 | 0x2d << 32 | digitPair(month) << 40 | 0x2d << 56
        time =
            digitPair(day) | 0x54 << 16 | digitPair(minute / 60) << 24 | 0x3a << 40 | digitPair(minute % 60) << 48
        rest = 0x3a | digitPair(second % 60) << 8 | 0x2e << 24
    }
}
