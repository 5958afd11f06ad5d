internal import Glibc

/// The two ways in which ISO 8601 writes a time.
public enum ISO8601Format: Sendable {
    /// `20261125T101500.123456789Z`, for names of files.
    case basic
    /// `2026-11-25T10:15:00.123456789Z`, as in RFC 3339.
    case extended
}

/// A time in UTC, with nine digits of its second.
///
/// - Parameter unixNanoseconds: since 1970, less than 2⁶³: every year has four digits.
public func utcText(_ unixNanoseconds: UInt64, _ format: ISO8601Format) -> String {
    var seconds = time_t(clamping: unixNanoseconds / 1_000_000_000)
    var parts = unsafe tm()
    // Fills `parts`.
    unsafe gmtime_r(&seconds, &parts)
    let date = unsafe [padded(parts.tm_year + 1900, 4), padded(parts.tm_mon + 1, 2), padded(parts.tm_mday, 2)]
    let time = unsafe [padded(parts.tm_hour, 2), padded(parts.tm_min, 2), padded(parts.tm_sec, 2)]
    let fraction = padded(unixNanoseconds % 1_000_000_000, 9)
    let (hyphen, colon) = format == .basic ? ("", "") : ("-", ":")
    return "\(date.joined(separator: hyphen))T\(time.joined(separator: colon)).\(fraction)Z"
}

/// A number in decimal, with zeros before it where it has fewer digits.
func padded(_ value: some BinaryInteger, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(width - text.utf8.count, 0)) + text
}
