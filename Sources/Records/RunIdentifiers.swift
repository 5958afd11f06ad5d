import Model

/// What makes ids of one run unlike those of every other: computed once, written as bytes.
///
/// FNV-1a in 64 bits: no secret, no allocation, the same everywhere. Two runs share an id
/// with a chance of 2⁻⁶⁴.
struct RunIdentifiers: Sendable {
    /// Sixteen digits that stand for machine, boot and run: for events and attempts.
    let run: SixteenDigits
    /// Sixteen digits that stand for machine and boot: for processes, which outlive a run.
    let boot: SixteenDigits
    /// `run` as a number.
    let hash: UInt64

    /// Makes the ids of a run.
    init(_ context: RunContext) {
        let boot = Self.hash(Self.hash(Self.seed, context.machineID ?? context.hostName), context.bootID)
        self.boot = SixteenDigits(boot)
        hash = Self.hash(boot, context.runID)
        run = SixteenDigits(hash)
    }

    private static let seed: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Takes in `text` and a byte that no UTF-8 has, so that "ab", "c" is not "a", "bc".
    private static func hash(_ start: UInt64, _ text: String) -> UInt64 {
        var state = start
        for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return (state ^ 0xff) &* 0x100_0000_01b3
    }
}

/// A number in sixteen hexadecimal digits, rendered once: ids begin with one, three in a line.
struct SixteenDigits: Sendable {
    /// The first eight and the last eight, the first of each in the lowest bits.
    private let first, last: UInt64

    init(_ value: UInt64) {
        func digits(_ half: UInt64) -> UInt64 {
            (0..<8).reduce(0) { sum, index in
                let digit = hexadecimalDigit(UInt32(truncatingIfNeeded: half >> UInt64(28 - 4 * index) & 0xf))
                return sum | UInt64(digit) << UInt64(8 * index)
            }
        }
        first = digits(value >> 32)
        last = digits(value & 0xffff_ffff)
    }

    /// Appends them.
    @inline(__always)
    func append(to buffer: inout LineBuffer) {
        buffer.words(first, last, length: 16)
    }
}
