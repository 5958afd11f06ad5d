/// When a receiver asks to be tried again: the field Retry-After of RFC 9110, seconds or a date.
public enum RetryAfter {
    /// Nobody waits longer because a receiver asks for it.
    public static let longest = Duration.seconds(3_600)

    /// Reads the field; nil: it is neither.
    ///
    /// - Parameters:
    ///   - field: such as `120` or `Fri, 31 Dec 1999 23:59:59 GMT`.
    ///   - now: seconds since 1970.
    public static func delay(_ field: String, now: Int64) -> Duration? {
        let text = field.drop { $0 == " " }
        if let seconds = Int64(text), seconds >= 0, text.first != "+" {
            return .seconds(min(seconds, longest.components.seconds))
        }
        guard let date = seconds(ofDate: text) else { return nil }
        return .seconds(min(max(0, date - now), longest.components.seconds))
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// An IMF-fixdate, the one form that is sent today: `Fri, 31 Dec 1999 23:59:59 GMT`.
    private static func seconds(ofDate text: Substring) -> Int64? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int64(words[1]), (1...31).contains(day),
            let month = months.firstIndex(of: String(words[2])), let year = Int64(words[3]),
            (1970...9999).contains(year)
        else { return nil }
        let clock = words[4].split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard clock.count == 3, let hour = clock[0], (0..<24).contains(hour), let minute = clock[1],
            (0..<60).contains(minute), let second = clock[2], (0...60).contains(second)
        else { return nil }
        let days = days(year: year, month: Int64(month) + 1, day: day)
        return days * 86_400 + hour * 3_600 + minute * 60 + second
    }

    /// Days since 1970-01-01; the year begins in March, so that the leap day is its last.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
