import Model

/// What makes ids of one run unlike those of every other: computed once, written as bytes.
///
/// FNV-1a in 64 bits: no secret, no allocation, the same everywhere. Two runs share an id
/// with a chance of 2⁻⁶⁴.
struct RunIdentifiers: Sendable {
    /// Sixteen digits that stand for machine, boot and run: for events and attempts.
    let run: [UInt8]
    /// Sixteen digits that stand for machine and boot: for processes, which outlive a run.
    let boot: [UInt8]
    /// `run` as a number.
    let hash: UInt64

    /// Makes the ids of a run.
    init(_ context: RunContext) {
        let boot = Self.hash(Self.hash(Self.seed, context.machineID ?? context.hostName), context.bootID)
        self.boot = Self.digits(boot)
        hash = Self.hash(boot, context.runID)
        run = Self.digits(hash)
    }

    private static let seed: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Takes in `text` and a byte that no UTF-8 has, so that "ab", "c" is not "a", "bc".
    private static func hash(_ start: UInt64, _ text: String) -> UInt64 {
        var state = start
        for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return (state ^ 0xff) &* 0x100_0000_01b3
    }

    private static func digits(_ value: UInt64) -> [UInt8] {
        var buffer = LineBuffer(capacity: 64)
        buffer.hexadecimal(value)
        return buffer.copy()
    }
}
