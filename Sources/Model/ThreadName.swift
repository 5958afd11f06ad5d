/// A thread's name as the kernel keeps it: sixteen bytes, NUL-terminated.
public struct ThreadName: Hashable, Sendable {
    /// The bytes, the first in the lowest bits of `low`.
    public var low: UInt64
    /// The ninth to the sixteenth byte.
    public var high: UInt64

    /// Makes a name from two little-endian numbers.
    @inlinable
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// Makes a name from bytes; those past the fifteenth are dropped, as the kernel does.
    public init(_ bytes: some Sequence<UInt8>) {
        self.init(low: 0, high: 0)
        for (index, byte) in bytes.prefix(15).enumerated() {
            if index < 8 {
                low |= UInt64(byte) << UInt64(index * 8)
            } else {
                high |= UInt64(byte) << UInt64((index - 8) * 8)
            }
        }
    }

    /// The bytes up to the first NUL.
    public var bytes: [UInt8] {
        var result: [UInt8] = []
        for index in 0..<16 {
            let byte = UInt8(truncatingIfNeeded: (index < 8 ? low : high) >> UInt64(index % 8 * 8))
            if byte == 0 { break }
            result.append(byte)
        }
        return result
    }
}
