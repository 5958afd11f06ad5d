public import Model

/// Mean and spread of the time between the sends of a flow.
public struct FlowGaps: Sendable, Hashable {
    /// The mean, nanoseconds.
    public let meanNanoseconds: UInt64
    /// The population's standard deviation, nanoseconds; as exact as a microsecond.
    public let deviationNanoseconds: UInt64

    /// Makes them from what the kernel counted; nil with fewer than two sends, or when their sum is full.
    public init?(_ counters: FlowCounters) {
        guard counters.sends >= 2, counters.lastBootNanoseconds >= counters.firstBootNanoseconds,
            counters.gapSquareSum < .max
        else { return nil }
        let count = Double(counters.sends - 1)
        let mean = Double(counters.lastBootNanoseconds - counters.firstBootNanoseconds) / count
        let meanSquare = Double(counters.gapSquareSum) / count * 1e6
        // Rounding may leave less than nothing.
        let variance = max(meanSquare - mean * mean, 0)
        meanNanoseconds = UInt64(mean)
        deviationNanoseconds = UInt64(variance.squareRoot())
    }
}
