import Model

/// One line of the table as it grows: which column comes next, and when it is full.
///
/// A column is what a terminal shows as one: wide characters take two, combining ones none.
struct TableLine {
    /// The next column, from 0.
    private(set) var column = 0
    /// The columns there are; nil: no end.
    private let width: Int?
    /// Whether something did not fit.
    private(set) var isFull = false

    /// Begins a line.
    init(width: Int?) {
        self.width = width
    }

    /// Appends spaces up to `column`; one at least, unless the line is empty.
    mutating func advance(to column: Int, in buffer: inout LineBuffer) {
        if self.column > 0 { put(" ", columns: 1, in: &buffer) }
        while self.column < column, !isFull { put(" ", columns: 1, in: &buffer) }
    }

    /// Appends text of ours; not escaped.
    mutating func literal(_ text: StaticString, in buffer: inout LineBuffer) {
        put(text, columns: text.columns, in: &buffer)
    }

    /// Appends a number, right-aligned in `padding` columns.
    mutating func number(_ value: UInt64, padding: Int = 0, in buffer: inout LineBuffer) {
        let length = decimalLength(value)
        for _ in 0..<max(padding - length, 0) { put(" ", columns: 1, in: &buffer) }
        guard fits(length) else { return }
        buffer.decimal(value)
        column += length
    }

    /// Appends a number with at least two digits after the point it stands behind.
    mutating func digits(_ value: UInt32, count: Int, in buffer: inout LineBuffer) {
        guard fits(count) else { return }
        buffer.digits(value, count: count)
        column += count
    }

    /// Appends `a.b.c.d:port` or `[v6%scope]:port`.
    mutating func endpoint(_ endpoint: Endpoint, in buffer: inout LineBuffer) {
        guard !isFull else { return }
        var text: [UInt8] = []
        switch endpoint.kind {
        case .ip: break
        case .link:
            var address = LineBuffer(capacity: 32)
            address.hardwareAddress(endpoint.hardwareAddress)
            self.text(address.copy(), in: &buffer)
            return
        case .vsock:
            self.text(Array("\(endpoint.contextID):\(endpoint.contextPort)".utf8), in: &buffer)
            return
        }
        let hasBrackets = !endpoint.address.isIPv4 && endpoint.port != 0
        if hasBrackets { text.append(UInt8(ascii: "[")) }
        endpoint.address.withASCII { text.append($0) }
        if endpoint.scope != 0 { text += Array("%\(endpoint.scope)".utf8) }
        if hasBrackets { text.append(UInt8(ascii: "]")) }
        if endpoint.port != 0 { text += Array(":\(endpoint.port)".utf8) }
        self.text(text, in: &buffer)
    }

    /// Appends bytes that anybody may have chosen, made harmless, up to column `end`.
    ///
    /// What was cut is marked with `…`.
    mutating func text(_ bytes: [UInt8], until end: Int = .max, in buffer: inout LineBuffer) {
        let limit = min(end, width ?? .max)
        var index = 0
        while index < bytes.count, !isFull {
            let (scalar, length) = decodeScalar(bytes, at: index)
            let columns = Self.shownColumns(scalar, length)
            let isLast = index + length == bytes.count
            // The last place is kept for the mark, unless everything fits.
            guard column + columns <= limit - (isLast ? 0 : 1) else {
                if column < limit {
                    buffer.literal("…")
                    column += 1
                }
                if limit == width { isFull = true }
                return
            }
            buffer.visible(bytes, index..<index + length, scalar)
            column += columns
            index += length
        }
    }

    /// How many columns `text` takes for one character, escaped when it must be.
    private static func shownColumns(_ scalar: UInt32?, _ length: Int) -> Int {
        guard let scalar else { return 4 * length }
        if isInvisible(scalar) { return scalar > 0x7f ? 4 + hexadecimalLength(scalar) : 4 }
        return columnsOfCharacter(scalar)
    }

    private mutating func fits(_ columns: Int) -> Bool {
        if let width, column + columns > width { isFull = true }
        return !isFull
    }

    private mutating func put(_ text: StaticString, columns: Int, in buffer: inout LineBuffer) {
        guard fits(columns) else { return }
        buffer.literal(text)
        column += columns
    }
}

/// How many columns a terminal gives a visible character.
///
/// The blocks of UAX #11 that are wide throughout; combining marks of the common blocks.
func columnsOfCharacter(_ scalar: UInt32) -> Int {
    switch scalar {
    case 0x300...0x36f, 0x1ab0...0x1aff, 0x1dc0...0x1dff, 0x20d0...0x20ff, 0xfe00...0xfe0f, 0xfe20...0xfe2f: 0
    case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f: 2
    case 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd: 2
    default: 1
    }
}

private func hexadecimalLength(_ value: UInt32) -> Int { max((35 - value.leadingZeroBitCount) / 4, 1) }

private func decimalLength(_ value: UInt64) -> Int {
    var (length, rest) = (1, value / 10)
    while rest > 0 { (length, rest) = (length + 1, rest / 10) }
    return length
}

extension LineBuffer {
    /// Appends the character at `range`, made visible: `\xNN` for what is none or a control, `\u{N}` for what is not seen.
    mutating func visible(_ bytes: [UInt8], _ range: Range<Int>, _ scalar: UInt32?) {
        if let scalar, !isInvisible(scalar) {
            raw(bytes, range)
        } else if let scalar, scalar > 0x7f {
            literal("\\u{")
            shortHexadecimal(scalar)
            byte(UInt8(ascii: "}"))
        } else {
            for value in bytes[range] {
                literal("\\x")
                byte(hexadecimalDigit(UInt32(value >> 4)))
                byte(hexadecimalDigit(UInt32(value & 0xf)))
            }
        }
    }

    /// Appends `value` in hexadecimal without leading zeros.
    fileprivate mutating func shortHexadecimal(_ value: UInt32) {
        for place in (0..<hexadecimalLength(value)).reversed() {
            byte(hexadecimalDigit(value >> UInt32(place * 4) & 0xf))
        }
    }
}

extension StaticString {
    /// How many columns a literal of narrow characters takes.
    fileprivate var columns: Int {
        withUTF8Buffer { bytes in unsafe bytes.reduce(0) { $0 + ($1 & 0xc0 == 0x80 ? 0 : 1) } }
    }
}
