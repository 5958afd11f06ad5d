import Model

/// An IPv4 address as text, rendered once: a line has it two or three times, and mostly the next line has it, too.
struct AddressText {
    /// The address.
    fileprivate let bits: UInt32
    /// How many bytes the text has, 7 to 15.
    let count: Int
    /// The text, the first byte in the lowest bits of `first`.
    let first, second: UInt64

    /// Renders an address.
    @inline(never)
    init(_ bits: UInt32) {
        let (left, leftCount) = Self.octets(bits >> 24, bits >> 16 & 0xff)
        let (right, rightCount) = Self.octets(bits >> 8 & 0xff, bits & 0xff)
        let point = UInt64(UInt8(ascii: "."))
        let end = right << 8 | point
        self.bits = bits
        count = leftCount + 1 + rightCount
        first = left | end << UInt64(leftCount * 8)
        // What of it had no place there; the end has 8 bytes at the most.
        second = end >> UInt64((8 - leftCount) * 8)
    }

    /// Two octets with a point between them, and how many bytes: 3 to 7.
    private static func octets(_ first: UInt32, _ second: UInt32) -> (digits: UInt64, count: Int) {
        let (left, leftCount) = octet(first)
        let (right, rightCount) = octet(second)
        let point = UInt64(UInt8(ascii: ".")) << UInt64(leftCount * 8)
        return (left | point | right << UInt64((leftCount + 1) * 8), leftCount + 1 + rightCount)
    }

    /// A number under 256 in decimal: its digits, the first in the lowest bits, and how many.
    private static func octet(_ value: UInt32) -> (digits: UInt64, count: Int) {
        if value < 10 { return (UInt64(48 + value), 1) }
        if value < 100 { return (digitPair(value), 2) }
        let hundreds = (value * 41) >> 12
        return (UInt64(48 + hundreds) | digitPair(value - hundreds * 100) << 8, 3)
    }
}

/// The two addresses that were written last: both ends of a connection.
struct RecentAddresses {
    private var one = AddressText(0)
    private var other = AddressText(0)
    /// Whether `other` was written after `one`.
    private var isOneOlder = true

    /// The text of an address.
    @inline(__always)
    mutating func text(of bits: UInt32) -> AddressText {
        if one.bits != bits, other.bits != bits { render(bits) }
        isOneOlder = one.bits != bits
        return isOneOlder ? other : one
    }

    /// Puts a new one in the place of the older.
    @inline(never)
    private mutating func render(_ bits: UInt32) {
        if isOneOlder { one = AddressText(bits) } else { other = AddressText(bits) }
    }
}
