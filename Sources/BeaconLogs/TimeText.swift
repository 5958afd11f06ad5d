/// Times as logs write them.
enum TimeText {
    /// Nanoseconds since 1970; nil: it is no time.
    ///
    /// - Parameter text: seconds since 1970 with or without a fraction, or milli-, micro- or nanoseconds by their size; or
    ///   `2026-01-01T10:00:00.123Z`, with a space for the T, with another zone or without one, which is UTC.
    static func nanoseconds(_ text: ArraySlice<UInt8>) -> Int64? {
        if text.count >= 19, text[text.startIndex + 4] == UInt8(ascii: "-") { return calendar(text) }
        return number(text)
    }

    private static func number(_ text: ArraySlice<UInt8>) -> Int64? {
        let point = text.firstIndex(of: UInt8(ascii: ".")) ?? text.endIndex
        guard let whole = UInt64(digits: text[..<point]), whole < 10_000_000_000_000_000_000 else { return nil }
        var fraction: UInt64 = 0
        if point < text.endIndex {
            let digits = text[(point + 1)...].prefix(9)
            guard let value = UInt64(digits: digits), whole < 9_000_000_000 else { return nil }
            fraction = (digits.count..<9).reduce(value) { product, _ in product * 10 }
        }
        switch whole {
        case ..<9_000_000_000: return Int64(whole * 1_000_000_000 + fraction)
        case ..<9_000_000_000_000: return Int64(whole * 1_000_000)
        case ..<9_000_000_000_000_000: return Int64(whole * 1000)
        default: return Int64(exactly: whole)
        }
    }

    private static func calendar(_ text: ArraySlice<UInt8>) -> Int64? {
        let start = text.startIndex
        func digits(_ offset: Int, _ count: Int) -> Int64? {
            UInt64(digits: text[start + offset..<start + offset + count]).map { Int64($0) }
        }
        guard let year = digits(0, 4), let month = digits(5, 2), let day = digits(8, 2), let hour = digits(11, 2),
            let minute = digits(14, 2), let second = digits(17, 2), (1970...2261).contains(year),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var rest = text[(start + 19)...]
        var fraction: Int64 = 0
        if let point = rest.first, point == UInt8(ascii: ".") || point == UInt8(ascii: ",") {
            let all = rest.dropFirst().prefix { $0 >= 48 && $0 <= 57 }
            guard let value = UInt64(digits: all.prefix(9)) else { return nil }
            fraction = (all.prefix(9).count..<9).reduce(Int64(value)) { product, _ in product * 10 }
            rest = rest.dropFirst(1 + all.count)
        }
        guard let zone = zoneSeconds(rest) else { return nil }
        let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - zone
        return seconds >= 0 ? seconds * 1_000_000_000 + fraction : nil
    }

    /// How far the zone is ahead of UTC; nil: it is none.
    private static func zoneSeconds(_ text: ArraySlice<UInt8>) -> Int64? {
        guard let sign = text.first else { return 0 }
        if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") { return text.count == 1 ? 0 : nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        let digits = text.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 4, let value = UInt64(digits: digits[...]) else { return nil }
        let seconds = Int64(value / 100 * 3600 + value % 100 * 60)
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }

    /// Days since 1970-01-01 of a date of the Gregorian calendar, whose year is counted from March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let years = month <= 2 ? year - 1 : year
        let months = month <= 2 ? month + 9 : month - 3
        return years * 365 + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day - 1 - 719_468
    }
}
