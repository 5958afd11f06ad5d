/// An IPv4 or IPv6 address as a value.
///
/// An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) is IPv4 here: it is what leaves the machine.
public enum IPAddress: Hashable, Sendable {
    /// The four bytes as one number, the first byte of the written form most significant.
    case v4(UInt32)
    /// The sixteen bytes as two numbers, the first byte of the written form most significant.
    case v6(high: UInt64, low: UInt64)

    /// Makes an address from sixteen bytes in network order, as two host-order numbers.
    @inlinable
    public init(mappedHigh high: UInt64, low: UInt64) {
        if high == 0, low >> 32 == 0xffff {
            self = .v4(UInt32(truncatingIfNeeded: low))
        } else {
            self = .v6(high: high, low: low)
        }
    }

    /// The sixteen bytes, IPv4 as `::ffff:a.b.c.d`.
    @inlinable public var mapped: (high: UInt64, low: UInt64) {
        switch self {
        case .v4(let bits): (0, 0xffff_0000_0000 | UInt64(bits))
        case .v6(let high, let low): (high, low)
        }
    }

    /// Whether this is an IPv4 address.
    @inlinable public var isIPv4: Bool {
        if case .v4 = self { true } else { false }
    }

    /// Whether every bit is zero: the wildcard address, or one not yet chosen.
    @inlinable public var isUnspecified: Bool {
        switch self {
        case .v4(let bits): bits == 0
        case .v6(let high, let low): high == 0 && low == 0
        }
    }
}

extension IPAddress {
    /// Calls `emit` with the ASCII bytes of the canonical form: dotted quad, or RFC 5952.
    @inlinable
    public func withASCII(_ emit: (UInt8) -> Void) {
        switch self {
        case .v4(let bits):
            for shift in stride(from: 24, through: 0, by: -8) {
                Self.decimal(UInt8(truncatingIfNeeded: bits >> UInt32(shift)), emit)
                if shift > 0 { emit(UInt8(ascii: ".")) }
            }
        case .v6(let high, let low):
            Self.groups(high: high, low: low, emit)
        }
    }

    @usableFromInline
    static func decimal(_ value: UInt8, _ emit: (UInt8) -> Void) {
        if value >= 100 { emit(48 + value / 100) }
        if value >= 10 { emit(48 + value / 10 % 10) }
        emit(48 + value % 10)
    }

    @usableFromInline
    static func group(_ index: Int, high: UInt64, low: UInt64) -> UInt16 {
        let half = index < 4 ? high : low
        return UInt16(truncatingIfNeeded: half >> UInt64((3 - index & 3) * 16))
    }

    /// RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`.
    @usableFromInline
    static func groups(high: UInt64, low: UInt64, _ emit: (UInt8) -> Void) {
        var (best, bestLength, index) = (-1, 1, 0)
        while index < 8 {
            var length = 0
            while index + length < 8, group(index + length, high: high, low: low) == 0 { length += 1 }
            if length > bestLength { (best, bestLength) = (index, length) }
            index += max(length, 1)
        }
        index = 0
        while index < 8 {
            if index == best {
                emit(UInt8(ascii: ":"))
                emit(UInt8(ascii: ":"))
                index += bestLength
                continue
            }
            if index > 0, index != best + bestLength || best < 0 { emit(UInt8(ascii: ":")) }
            hexadecimal(group(index, high: high, low: low), emit)
            index += 1
        }
    }

    @usableFromInline
    static func hexadecimal(_ value: UInt16, _ emit: (UInt8) -> Void) {
        var isLeading = true
        for shift in stride(from: 12, through: 0, by: -4) {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt16(shift) & 0xf)
            if isLeading, nibble == 0, shift > 0 { continue }
            isLeading = false
            emit(nibble < 10 ? 48 + nibble : 87 + nibble)
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text: dotted quad, or RFC 5952.
    public var description: String {
        var bytes: [UInt8] = []
        withASCII { bytes.append($0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
