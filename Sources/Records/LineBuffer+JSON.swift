import Model

extension LineBuffer {
    /// Appends `bytes` as the inside of a JSON string, at most `limit` bytes of it.
    ///
    /// What is not UTF-8 becomes U+FFFD, one for each maximal subpart (Unicode 17, 3.9, as
    /// `String(decoding:as:)` does). Control characters, quotes, backslashes and the invisible
    /// characters that could deceive whoever prints a line are escaped.
    /// - Returns: whether all of it went in; what is cut is cut between characters.
    @inline(__always)
    @discardableResult
    mutating func escaped(_ bytes: [UInt8], limit: Int = 384) -> Bool {
        // A byte becomes six at most (`\u0001`), so that a short one needs no counting.
        if bytes.count &* 6 > limit { return escapedWithin(limit, bytes) }
        var index = plain(bytes, from: 0)
        while index < bytes.count {
            index = escapedScalar(bytes, at: index)
            index = plain(bytes, from: index)
        }
        return true
    }

    @inline(never)
    private mutating func escapedWithin(_ limit: Int, _ bytes: [UInt8]) -> Bool {
        let start = count
        var index = 0
        while index < bytes.count {
            let before = count
            if isPlainJSON(bytes[index]) {
                byte(bytes[index])
                index += 1
            } else {
                index = escapedScalar(bytes, at: index)
            }
            if count - start > limit {
                truncate(to: before)
                return false
            }
        }
        return true
    }

    /// Appends the character at `index` as JSON has it.
    /// - Returns: the index of the next one.
    @inline(never)
    private mutating func escapedScalar(_ bytes: [UInt8], at index: Int) -> Int {
        let (scalar, length) = decodeScalar(bytes, at: index)
        guard let scalar else {
            literal("\u{fffd}")
            return index + length
        }
        switch scalar {
        case 0x22: literal("\\\"")
        case 0x5c: literal("\\\\")
        case 0x08: literal("\\b")
        case 0x09: literal("\\t")
        case 0x0a: literal("\\n")
        case 0x0c: literal("\\f")
        case 0x0d: literal("\\r")
        case _ where isInvisible(scalar):
            // All of them are in the basic plane but the tags, which are two UTF-16 units.
            if scalar > 0xffff {
                unicodeEscape(0xd800 + (scalar - 0x10000) >> 10)
                unicodeEscape(0xdc00 + (scalar - 0x10000) & 0x3ff)
            } else {
                unicodeEscape(scalar)
            }
        default: raw(bytes, index..<index + length)
        }
        return index + length
    }

    private mutating func unicodeEscape(_ unit: UInt32) {
        literal("\\u")
        for shift: UInt32 in [12, 8, 4, 0] { byte(hexadecimalDigit(unit >> shift & 0xf)) }
    }

    /// Appends a thread's name as the inside of a JSON string.
    @inline(__always)
    mutating func escaped(_ name: ThreadName) {
        let low = usedBytes(name.low)
        let high = low == 8 ? usedBytes(name.high) : 0
        guard isPlain(name.low, low), isPlain(name.high, high) else { return longName(name) }
        word(name.low, length: low)
        word(name.high, length: high)
    }

    /// Rare: by way of an array, which allocates.
    @inline(never)
    private mutating func longName(_ name: ThreadName) {
        escaped(name.bytes)
    }
}

/// Whether a byte stands for itself in a JSON string.
@inline(__always)
func isPlainJSON(_ value: UInt8) -> Bool {
    value >= 0x20 && value < 0x7f && value != 0x22 && value != 0x5c
}

private let ones: UInt64 = 0x0101_0101_0101_0101
private let tops: UInt64 = 0x8080_8080_8080_8080

/// Whether one of eight bytes is a control character, DEL, `"`, `\` or not ASCII.
@inline(__always)
func needsEscape(_ word: UInt64) -> Bool {
    // A byte borrows from its neighbour only when it is one to be found itself.
    let control = word &- ones &* 0x20
    let quote = (word ^ ones &* 0x22) &- ones
    let backslash = (word ^ ones &* 0x5c) &- ones
    let delete = (word ^ ones &* 0x7f) &- ones
    return (word | control | quote | backslash | delete) & tops != 0
}

/// How many bytes stand before the first zero, the lowest first.
@inline(__always)
private func usedBytes(_ word: UInt64) -> Int {
    ((word &- ones) & ~word & tops).trailingZeroBitCount / 8
}

/// Whether the first `length` bytes need no escaping.
@inline(__always)
private func isPlain(_ word: UInt64, _ length: Int) -> Bool {
    let mask: UInt64 = length == 8 ? .max : 1 << UInt64(length &* 8) &- 1
    return !needsEscape(word & mask | ones &* 0x20 & ~mask)
}
