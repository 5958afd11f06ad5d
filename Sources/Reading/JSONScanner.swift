/// Walks through one JSON text and makes values only of what is asked for.
///
/// Whoever walks asks for a value of the type that belongs there, or skips it; there is no tree, and nothing is allocated
/// for what is skipped. Syntax is that of RFC 8259 also in what is skipped, but for numbers, of which only the characters are
/// looked at, and for UTF-8, which is mended where a text is made.
public struct JSONScanner {
    /// What the text stands in.
    let bytes: [UInt8]
    /// Where the next byte is.
    public private(set) var index: Int
    /// Where the text ends.
    let end: Int
    private let start: Int
    /// Whether no member or element of the innermost object or array was passed yet.
    private var isFirst = false

    /// Objects within each other, at most.
    static let deepest = 32

    /// Begins with the text at `range`.
    public init(_ bytes: [UInt8], _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        (start, index, end) = (range.lowerBound, range.lowerBound, range.upperBound)
    }

    /// The syntax error of the place where it stands.
    public var syntaxError: Malformed { index >= end ? .torn : .syntax(offset: index - start) }
    /// A value of the wrong type, or one that cannot be, that ends where it stands.
    var valueError: Malformed { index >= end ? .torn : .value(offset: index - start) }

    /// The next byte that is no white space, which stays; 0: there is none.
    @inline(__always)
    public mutating func peek() -> UInt8 {
        while index < end {
            let byte = bytes[index]
            // tattle writes none.
            guard byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d else { return byte }
            index &+= 1
        }
        return 0
    }

    @inline(__always)
    private mutating func expect(_ byte: UInt8) throws(Malformed) {
        guard peek() == byte else { throw syntaxError }
        index &+= 1
    }

    /// Passes the brace that begins an object.
    @inline(__always)
    public mutating func enterObject() throws(Malformed) {
        guard peek() == UInt8(ascii: "{") else { throw valueError }
        index &+= 1
        isFirst = true
    }

    /// Passes a member's name and its colon, so that its value is next; nil: the object's end was passed.
    @inline(__always)
    mutating func nextKey() throws(Malformed) -> JSONKey? {
        guard try hasNext(UInt8(ascii: "}")) else { return nil }
        try expect(UInt8(ascii: "\""))
        let first = index
        try passString()
        let key = JSONKey(bytes, first..<index - 1)
        try expect(UInt8(ascii: ":"))
        return key
    }

    /// Passes a member's name, which may be any; nil: the object's end was passed.
    public mutating func nextName() throws(Malformed) -> [UInt8]? {
        guard try hasNext(UInt8(ascii: "}")) else { return nil }
        let name = try textBytes()
        try expect(UInt8(ascii: ":"))
        return name
    }

    /// Passes a member's name, which may be any, and its colon; where its inside is, escapes and all; nil: the object's end
    /// was passed.
    public mutating func nextNameRange() throws(Malformed) -> Range<Int>? {
        guard try hasNext(UInt8(ascii: "}")) else { return nil }
        let range = try rawString()
        try expect(UInt8(ascii: ":"))
        return range
    }

    /// Passes the bracket that begins an array.
    @inline(__always)
    public mutating func enterArray() throws(Malformed) {
        guard peek() == UInt8(ascii: "[") else { throw valueError }
        index &+= 1
        isFirst = true
    }

    /// Whether another element comes, which is next then; if not, the array's end was passed.
    @inline(__always)
    public mutating func nextElement() throws(Malformed) -> Bool { try hasNext(UInt8(ascii: "]")) }

    @inline(__always)
    private mutating func hasNext(_ close: UInt8) throws(Malformed) -> Bool {
        let byte = peek()
        if byte == close {
            index &+= 1
            isFirst = false
            return false
        }
        if isFirst {
            isFirst = false
            return true
        }
        guard byte == UInt8(ascii: ",") else { throw syntaxError }
        index &+= 1
        // No comma before the end.
        guard peek() != close else { throw syntaxError }
        return true
    }

    /// Passes members of the object that was just entered, of which it is known that they take `length` bytes.
    mutating func pass(members length: Int) {
        index += length
        isFirst = false
    }

    /// Passes a value of which it is known that it takes `length` bytes.
    mutating func pass(value length: Int) { index += length }

    /// Passes the rest of a string and the quote at its end.
    @inline(__always)
    mutating func passString() throws(Malformed) {
        while true {
            index = firstSpecial(from: index)
            guard index < end else { throw .torn }
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                index &+= 1
                return
            }
            guard byte == UInt8(ascii: "\\") else { throw syntaxError }
            // Whatever is escaped, it is no end.
            index &+= 2
        }
    }

    /// Passes a string; where its inside is, escapes and all.
    @inline(__always)
    public mutating func rawString() throws(Malformed) -> Range<Int> {
        guard peek() == UInt8(ascii: "\"") else { throw valueError }
        index &+= 1
        let first = index
        try passString()
        return first..<index - 1
    }

    /// Passes a value, whatever it is.
    public mutating func skip(depth: Int = 0) throws(Malformed) {
        guard depth < Self.deepest else { throw .tooDeep }
        switch peek() {
        case UInt8(ascii: "\""):
            index &+= 1
            try passString()
        case UInt8(ascii: "{"):
            try enterObject()
            while try nextKey() != nil { try skip(depth: depth + 1) }
        case UInt8(ascii: "["):
            try enterArray()
            while try nextElement() { try skip(depth: depth + 1) }
        case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try flag()
        case UInt8(ascii: "n"): try word("null")
        default: try passNumber()
        }
    }

    private mutating func passNumber() throws(Malformed) {
        let first = index
        while index < end {
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                index &+= 1
                continue
            default: break
            }
            break
        }
        guard index > first else { throw syntaxError }
    }

    /// Passes `true` or `false`.
    public mutating func flag() throws(Malformed) -> Bool {
        switch peek() {
        case UInt8(ascii: "t"):
            try word("true")
            return true
        case UInt8(ascii: "f"):
            try word("false")
            return false
        default: throw valueError
        }
    }

    private mutating func word(_ word: StaticString) throws(Malformed) {
        let length = word.utf8CodeUnitCount
        guard index + length <= end, JSONKey(bytes, index..<index + length).is(word) else { throw syntaxError }
        index += length
    }

    /// Passes a number without a sign and without a fraction.
    public mutating func number() throws(Malformed) -> UInt64 {
        guard case UInt8(ascii: "0")...UInt8(ascii: "9") = peek() else { throw valueError }
        return try digits()
    }

    /// Passes a number that may be less than 0.
    mutating func signedNumber() throws(Malformed) -> Int64 {
        let isNegative = peek() == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let magnitude = try digits()
        guard magnitude <= UInt64(Int64.max) else { throw valueError }
        return isNegative ? -Int64(magnitude) : Int64(magnitude)
    }

    private mutating func digits() throws(Malformed) -> UInt64 {
        let first = index
        var value: UInt64 = 0
        while index < end {
            let digit = bytes[index] &- 48
            guard digit < 10 else { break }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { throw valueError }
            value = sum
            index &+= 1
        }
        guard index > first else { throw valueError }
        if index < end, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(bytes[index]) {
            throw valueError
        }
        return value
    }
}
