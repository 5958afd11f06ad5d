internal import Model
internal import Reading

/// One line's values, where they stand.
struct Row {
    /// What the line stands in.
    private let bytes: [UInt8]
    /// Of each column; empty: it has no value.
    private var ranges: [Range<Int>]

    /// Makes a row without values.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        ranges = [Range<Int>](repeating: 0..<0, count: Column.allCases.count)
    }

    /// Says where a value is, unless there is one of the same meaning already.
    mutating func set(_ column: Column, _ range: Range<Int>) {
        if ranges[column.rawValue].isEmpty, !Self.isUnset(bytes[range]) { ranges[column.rawValue] = range }
    }

    /// Says that what is in one column is in truth of another, unless there is one of the same meaning already.
    mutating func move(_ column: Column, to other: Column) {
        let range = ranges[column.rawValue]
        guard !range.isEmpty else { return }
        ranges[column.rawValue] = 0..<0
        set(other, range)
    }

    /// `-` and `(empty)` are Zeek's words for no value, `null` is JSON's.
    private static func isUnset(_ value: ArraySlice<UInt8>) -> Bool {
        switch value.count {
        case 0: true
        case 1: value.first == UInt8(ascii: "-")
        case 2: value.spells("\"\"")
        case 3: value.spells("\"-\"")
        case 4: value.spells("null")
        case 7: value.spells("(empty)")
        default: false
        }
    }

    /// Whether there is a value.
    func has(_ column: Column) -> Bool { !ranges[column.rawValue].isEmpty }

    /// A value's bytes without quotes; nil: there is none.
    func raw(_ column: Column) -> ArraySlice<UInt8>? {
        let range = ranges[column.rawValue]
        guard !range.isEmpty else { return nil }
        let isQuoted = range.count >= 2 && bytes[range.lowerBound] == UInt8(ascii: "\"")
        return isQuoted ? bytes[range.lowerBound + 1..<range.upperBound - 1] : bytes[range]
    }

    /// A value as text; nil: there is none.
    func text(_ column: Column) -> String? {
        guard let raw = raw(column) else { return nil }
        if raw.contains(UInt8(ascii: "\\")), bytes[ranges[column.rawValue].lowerBound] == UInt8(ascii: "\"") {
            var scanner = JSONScanner(bytes, ranges[column.rawValue])
            if let text = try? scanner.text() { return text }
        }
        return String(decoding: raw, as: UTF8.self)
    }

    /// A value as an address; nil: there is none, or it is something else.
    func address(_ column: Column) -> IPAddress? {
        raw(column).flatMap { IPAddress(ascii: $0) }
    }

    /// A value as a whole number; nil: there is none, or it is something else.
    func number(_ column: Column) -> UInt64? { raw(column).flatMap { UInt64(digits: $0) } }

    /// A value as `T`, `true` or `1`, or their contraries; nil: there is none, or it is something else.
    func flag(_ column: Column) -> Bool? {
        guard let first = raw(column)?.first else { return nil }
        switch first | 0x20 {
        case UInt8(ascii: "t"), 0x31: return true
        case UInt8(ascii: "f"), 0x30: return false
        default: return nil
        }
    }
}

extension UInt64 {
    /// Reads decimal digits, and nothing else.
    init?(digits: ArraySlice<UInt8>) {
        guard !digits.isEmpty, digits.count < 20 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard digit >= 48, digit <= 57 else { return nil }
            value = value &* 10 &+ UInt64(digit &- 48)
        }
        self = value
    }
}

extension ArraySlice<UInt8> {
    /// Whether these are the bytes of a word: by the general way of comparing sequences it takes ten times as long.
    @inline(__always)
    func spells(_ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        for place in 0..<count {
            // Within the literal's bytes.
            let byte = unsafe word.utf8Start[place]
            if self[startIndex + place] != byte { return false }
        }
        return true
    }
}
