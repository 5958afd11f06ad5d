/// A member's name as it stands in the text: its first 32 bytes and its length.
///
/// None of ours is longer, and none has an escape.
struct JSONKey {
    private let words: SIMD4<UInt64>
    private let count: Int

    /// Makes a key of the bytes at `range`.
    @inline(__always)
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        var words = SIMD4<UInt64>.zero
        var index = range.lowerBound
        for place in 0..<4 where index < range.upperBound {
            let length = min(8, range.upperBound &- index)
            words[place] = bytes.word(at: index, length: length)
            index &+= 8
        }
        self.words = words
        count = range.count
    }

    /// Whether it is this name.
    @inline(__always)
    func `is`(_ name: StaticString) -> Bool {
        guard name.utf8CodeUnitCount == count, count <= 32 else { return false }
        for place in 0..<count {
            // Within the literal's bytes.
            let byte = unsafe name.utf8Start[place]
            if UInt8(truncatingIfNeeded: words[place / 8] >> UInt64(place % 8 * 8)) != byte { return false }
        }
        return true
    }

    /// So that a `switch` over names reads well.
    @inline(__always)
    static func ~= (name: StaticString, key: JSONKey) -> Bool { key.is(name) }
}

extension [UInt8] {
    /// The bytes at `index`, the first in the lowest bits; `length` of them, 1 to 8, the others 0.
    @inline(__always)
    func word(at index: Int, length: Int) -> UInt64 {
        if index &+ 8 <= count {
            return word(at: index) & UInt64.max >> UInt64(64 &- length &* 8)
        }
        var word: UInt64 = 0
        for place in 0..<length { word |= UInt64(self[index + place]) << UInt64(place * 8) }
        return word
    }

    /// Eight bytes at `index`, the first in the lowest bits.
    @inline(__always)
    func word(at index: Int) -> UInt64 {
        precondition(index >= 0 && index &+ 8 <= count)
        // Eight bytes are there, and a number may have any bits.
        return UInt64(
            littleEndian: unsafe withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: index, as: UInt64.self) })
    }

    /// Whether the bytes of `other` stand at `index`.
    @inline(__always)
    func hasBytes(of other: [UInt8], at index: Int) -> Bool {
        guard index >= 0, other.count <= count &- index else { return false }
        var place = 0
        while place &+ 8 <= other.count {
            if word(at: index &+ place) != other.word(at: place) { return false }
            place &+= 8
        }
        while place < other.count {
            if self[index &+ place] != other[place] { return false }
            place &+= 1
        }
        return true
    }
}
