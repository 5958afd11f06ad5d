extension LineBuffer {
    /// Appends `value` with leading zeros in eight digits, and a byte; it must be under 10⁸.
    @inline(__always)
    mutating func eightDigitsPadded(_ value: UInt32, then end: UInt8) {
        words(eightDigits(value) | asciiZeros, UInt64(end), length: 9)
    }

    /// Appends `value` with leading zeros in `count` digits, at most 8; it must have no more.
    mutating func digits(_ value: UInt32, count: Int) {
        word((eightDigits(value) | asciiZeros) >> UInt64((8 &- count) &* 8), length: count)
    }

    /// Appends `value` in decimal.
    @inline(__always)
    mutating func decimal(_ value: some FixedWidthInteger & UnsignedInteger) {
        let value = UInt64(truncatingIfNeeded: value)
        if value < 10 {
            byte(UInt8(truncatingIfNeeded: 48 &+ value))
        } else if value < 100_000_000 {
            let digits = eightDigits(UInt32(truncatingIfNeeded: value))
            // Zeros stand in the lowest bytes; the last digit is kept in any case.
            let zeros = digits.trailingZeroBitCount & ~7
            word((digits | asciiZeros) &>> UInt64(zeros), length: 8 &- zeros / 8)
        } else {
            longDecimal(value)
        }
    }

    /// Appends a number of more than eight digits.
    @inline(never)
    private mutating func longDecimal(_ value: UInt64) {
        decimal(value / 100_000_000)
        word(eightDigits(UInt32(truncatingIfNeeded: value % 100_000_000)) | asciiZeros, length: 8)
    }

    /// Appends a number with its sign.
    mutating func signed(_ value: Int32) {
        if value < 0 { byte(UInt8(ascii: "-")) }
        decimal(value.magnitude)
    }

    /// Appends `value` as sixteen hexadecimal digits.
    mutating func hexadecimal(_ value: UInt64) {
        for shift in stride(from: UInt64(60), through: 0, by: -4) {
            byte(hexadecimalDigit(UInt32(truncatingIfNeeded: value >> shift & 0xf)))
        }
    }
}

/// Two decimal digits of a number under 100, the first in the lowest bits.
@inline(__always)
func digitPair(_ value: UInt32) -> UInt64 {
    let tens = (value &* 103) >> 10
    return UInt64(0x3030 &+ tens &+ (value &- tens &* 10) << 8)
}

/// Eight ASCII zeros.
private let asciiZeros: UInt64 = 0x3030_3030_3030_3030

/// The eight decimal digits of a number under 10⁸, a byte each, the first in the lowest bits.
///
/// Divides in parallel: by 10⁴, then two halves by 100, then four quarters by 10, each as a
/// multiplication that is exact for numbers of that size.
@inline(__always)
private func eightDigits(_ value: UInt32) -> UInt64 {
    let upper = value / 10_000
    let halves = UInt64(upper) | UInt64(value &- upper &* 10_000) << 32
    let hundreds = (halves &* 10_486) >> 20 & 0x7f_0000_007f
    let quarters = hundreds | (halves &- hundreds &* 100) << 16
    let tens = (quarters &* 103) >> 10 & 0x000f_000f_000f_000f
    return tens | (quarters &- tens &* 10) << 8
}

/// The lower-case digit of a number under 16.
@inline(__always)
func hexadecimalDigit(_ nibble: UInt32) -> UInt8 {
    UInt8(truncatingIfNeeded: nibble < 10 ? 48 &+ nibble : 87 &+ nibble)
}
