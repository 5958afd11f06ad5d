extension [UInt8] {
    /// Appends bytes, which are UTF-8, as the inside of a JSON string.
    mutating func append(escaping range: Range<Int>, of bytes: [UInt8]) {
        // Written to a place with room for all of them, because asking for room with each byte takes most of the time.
        self += unsafe [UInt8](unsafeUninitializedCapacity: range.count * 6) { buffer, count in
            for byte in bytes[range] {
                // At most six bytes for each of the range: within the buffer.
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                    unsafe buffer[count] = UInt8(ascii: "\\")
                    unsafe buffer[count + 1] = byte
                    count += 2
                case 0..<0x20:
                    for (place, byte) in "\\u00".utf8.enumerated() { unsafe buffer[count + place] = byte }
                    unsafe buffer[count + 4] = Self.digits[Int(byte >> 4)]
                    unsafe buffer[count + 5] = Self.digits[Int(byte & 15)]
                    count += 6
                default:
                    unsafe buffer[count] = byte
                    count += 1
                }
            }
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// Appends a time as seconds with nine decimals, which no float could hold.
    mutating func append(seconds nanoseconds: UInt64) {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        self += String(seconds).utf8
        append(UInt8(ascii: "."))
        let digits = String(rest).utf8
        append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 9 - digits.count))
        self += digits
    }

    /// Appends a text of the configuration, as a JSON string.
    mutating func append(jsonText text: String) {
        let bytes = Array(text.utf8)
        append(UInt8(ascii: "\""))
        append(escaping: 0..<bytes.count, of: bytes)
        append(UInt8(ascii: "\""))
    }
}
