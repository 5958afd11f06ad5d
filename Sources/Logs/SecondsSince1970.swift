internal import Glibc

/// Seconds since 1970 of a date and a time in UTC, whose digits stand in a text; nil: they are no digits.
///
/// A day or an hour that does not exist is counted on: the 31st of April is the 1st of May.
///
/// - Parameter parts: where year, month, day, hour, minute and second stand, within the text.
public func secondsSince1970(of text: [UInt8], at parts: [Range<Int>]) -> Int64? {
    let numbers = parts.compactMap { Int32(String(decoding: text[$0], as: UTF8.self)) }
    guard numbers.count == 6 else { return nil }
    var time = unsafe tm()
    unsafe time.tm_year = numbers[0] - 1900
    unsafe time.tm_mon = numbers[1] - 1
    unsafe time.tm_mday = numbers[2]
    unsafe time.tm_hour = numbers[3]
    unsafe time.tm_min = numbers[4]
    unsafe time.tm_sec = numbers[5]
    // Reads and normalizes `time`.
    return Int64(unsafe timegm(&time))
}
