extension IPAddress {
    /// Reads a dotted quad, or an IPv6 address as RFC 4291 has it; nil: it is neither.
    ///
    /// - Parameter text: ASCII, without a scope and without brackets.
    @inlinable
    public init?(ascii text: some Collection<UInt8>) {
        if let bits = Self.dottedQuad(text) {
            self = .v4(bits)
            return
        }
        guard let (high, low) = Self.groups(text) else { return nil }
        self.init(mappedHigh: high, low: low)
    }

    /// Inlinable, as every record has one: through the collection's witnesses each byte takes a hundred instructions.
    @inlinable
    static func dottedQuad(_ text: some Collection<UInt8>) -> UInt32? {
        var (bits, value, digits, points): (UInt32, UInt32, Int, Int) = (0, 0, 0, 0)
        for byte in text {
            if byte == UInt8(ascii: ".") {
                guard digits > 0, points < 3 else { return nil }
                (bits, value, digits, points) = (bits << 8 | value, 0, 0, points + 1)
            } else {
                // A leading zero might mean octal: nobody writes it.
                guard byte >= 48, byte <= 57, digits == 0 || value != 0 else { return nil }
                value = value * 10 + UInt32(byte - 48)
                digits += 1
                guard value < 256 else { return nil }
            }
        }
        return points == 3 && digits > 0 ? bits << 8 | value : nil
    }

    @usableFromInline
    static func groups(_ text: some Collection<UInt8>) -> (high: UInt64, low: UInt64)? {
        var groups: [UInt16] = []
        var gap: Int?
        var rest = text[...]
        if rest.starts(with: "::".utf8) {
            gap = 0
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let part = rest.prefix { $0 != UInt8(ascii: ":") }
            if part.contains(UInt8(ascii: ".")) {
                guard part.count == rest.count, let quad = dottedQuad(part) else { return nil }
                groups += [UInt16(quad >> 16), UInt16(truncatingIfNeeded: quad)]
                break
            }
            guard (1...4).contains(part.count), let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16),
                part.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") })
            else { return nil }
            groups.append(group)
            rest = rest.dropFirst(part.count)
            guard !rest.isEmpty else { break }
            if rest.starts(with: "::".utf8) {
                guard gap == nil else { return nil }
                gap = groups.count
                rest = rest.dropFirst(2)
            } else {
                rest = rest.dropFirst()
                if rest.isEmpty { return nil }
            }
            if groups.count > 8 { return nil }
        }
        guard gap == nil ? groups.count == 8 : groups.count < 8 else { return nil }
        groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap ?? 0)
        let half = { (part: ArraySlice<UInt16>) in part.reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
        return (half(groups[..<4]), half(groups[4...]))
    }
}
