import Model

/// Members of JSON objects and arrays.
extension LineBuffer {
    /// Appends `,"name":"path"`; one that is too long loses its front, as in the kernel.
    /// - Returns: whether all of it went in.
    @discardableResult
    mutating func member(_ name: StaticString, path: [UInt8], limit: Int) -> Bool {
        literal(",\"")
        literal(name)
        literal("\":\"")
        let start = count
        let isWhole = escaped(path, limit: limit)
        if !isWhole {
            truncate(to: start)
            // Even at six for one the rest fits. Not in the midst of a character.
            var rest = path.suffix(limit / 6)
            for _ in 0..<3 where rest.first.map({ $0 & 0xc0 == 0x80 }) == true { rest = rest.dropFirst() }
            escaped(Array(rest), limit: limit)
        }
        byte(UInt8(ascii: "\""))
        return isWhole
    }

    /// Appends `,"name":"text"`, at most 384 bytes of it.
    mutating func member(_ name: StaticString, text: String) {
        literal(",\"")
        literal(name)
        literal("\":\"")
        self.text(text)
        byte(UInt8(ascii: "\""))
    }

    /// Appends `,"name":"comm"`; nothing when the kernel gave no name.
    mutating func member(_ name: StaticString, _ value: ThreadName) {
        guard value.low != 0 else { return }
        literal(",\"")
        literal(name)
        literal("\":\"")
        escaped(value)
        byte(UInt8(ascii: "\""))
    }

    /// Appends bytes, two digits each.
    mutating func hexadecimal(_ bytes: [UInt8]) {
        for value in bytes {
            byte(hexadecimalDigit(UInt32(value) >> 4))
            byte(hexadecimalDigit(UInt32(value) & 15))
        }
    }

    /// Makes an object of the members from `start` on, each of which begins with a comma; there may be none.
    mutating func wrap(_ opening: StaticString, from start: Int) {
        var members: [UInt8] = []
        copy(from: min(start + 1, count), to: &members)
        truncate(to: start)
        literal(opening)
        raw(members)
        byte(UInt8(ascii: "}"))
    }

    /// Appends the inside of a JSON array of strings, at most `limit` bytes.
    /// - Returns: whether all of it went in. The last one that did may be cut.
    mutating func strings(_ values: [[UInt8]], limit: Int) -> Bool {
        let end = count + limit
        var isFirst = true
        for value in values {
            // A comma and two quotes must go in, whatever else.
            let left = end - count - 3
            guard left >= (value.isEmpty ? 0 : 8) else { return false }
            if !isFirst { byte(UInt8(ascii: ",")) }
            isFirst = false
            byte(UInt8(ascii: "\""))
            let isWhole = escaped(value, limit: left)
            byte(UInt8(ascii: "\""))
            if !isWhole { return false }
        }
        return true
    }
}
