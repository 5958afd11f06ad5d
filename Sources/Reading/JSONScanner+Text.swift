private let ones: UInt64 = 0x0101_0101_0101_0101
private let tops: UInt64 = 0x8080_8080_8080_8080

extension JSONScanner {
    /// Where the next quote, backslash or control character is; `end`: there is none.
    @inline(__always)
    func firstSpecial(from first: Int) -> Int {
        var index = first
        while index &+ 8 <= end {
            let word = bytes.word(at: index)
            let quote = word ^ ones &* 0x22
            let backslash = word ^ ones &* 0x5c
            // The lowest bit that is set is always right: a byte borrows only where a lower one is found itself.
            let found =
                ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word) & tops
            if found != 0 { return index &+ found.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < end {
            let byte = bytes[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5c { return index }
            index &+= 1
        }
        return min(index, end)
    }

    /// Passes a string; its bytes, UTF-8.
    mutating func textBytes() throws(Malformed) -> [UInt8] {
        let range = try rawString()
        let raw = bytes[range]
        return raw.contains(UInt8(ascii: "\\")) ? try unescaped(range) : Array(raw)
    }

    /// Passes a string.
    public mutating func text() throws(Malformed) -> String { String(decoding: try textBytes(), as: UTF8.self) }

    /// Passes an array of strings.
    mutating func texts() throws(Malformed) -> [[UInt8]] {
        var list: [[UInt8]] = []
        try enterArray()
        while try nextElement() { list.append(try textBytes()) }
        return list
    }

    /// Passes a string that holds a number, as ids do.
    mutating func numberInText<Number: FixedWidthInteger & UnsignedInteger>() throws(Malformed) -> Number {
        let range = try rawString()
        var inner = JSONScanner(bytes, range)
        guard let number = Number(exactly: try inner.number()), inner.index == range.upperBound else {
            throw valueError
        }
        return number
    }

    /// Passes a number that must fit.
    mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
        as type: Number.Type
    ) throws(Malformed) -> Number {
        guard let number = Number(exactly: try self.number()) else { throw valueError }
        return number
    }

    private func unescaped(_ range: Range<Int>) throws(Malformed) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            // A backslash is never the last: the quote behind it would not have ended the string.
            let escape = bytes[index]
            index += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(escape)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0c)
            case UInt8(ascii: "n"): result.append(0x0a)
            case UInt8(ascii: "r"): result.append(0x0d)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"): try append(unicodeAt: &index, in: range, to: &result)
            default: throw valueError
            }
        }
        return result
    }

    /// Appends the character of one `\uXXXX`, or of the two that make a character beyond the basic plane.
    private func append(unicodeAt index: inout Int, in range: Range<Int>, to result: inout [UInt8]) throws(Malformed) {
        var scalar = try unit(at: &index, in: range)
        if scalar & 0xfc00 == 0xd800, index + 1 < range.upperBound, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        {
            var next = index + 2
            let second = try unit(at: &next, in: range)
            if second & 0xfc00 == 0xdc00 {
                scalar = 0x10000 + (scalar & 0x3ff) << 10 + second & 0x3ff
                index = next
            }
        }
        // Half of a pair alone is no character.
        result.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{fffd}").utf8)
    }

    private func unit(at index: inout Int, in range: Range<Int>) throws(Malformed) -> UInt32 {
        guard index + 4 <= range.upperBound else { throw valueError }
        var unit: UInt32 = 0
        for byte in bytes[index..<index + 4] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte - 48)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(byte - 87)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(byte - 55)
            default: throw valueError
            }
        }
        index += 4
        return unit
    }
}
