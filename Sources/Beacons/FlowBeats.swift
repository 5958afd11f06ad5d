/// What was counted of the sends of one flow of datagrams, none of which was timed by itself.
public struct FlowBeats: Hashable, Sendable {
    /// Sends, whether the kernel took them or not.
    public var sends: UInt64
    /// When the first was, nanoseconds since 1970.
    public var firstNanoseconds: Int64
    /// When the last was, nanoseconds since 1970.
    public var lastNanoseconds: Int64
    /// The shortest time between two, seconds.
    public var shortestGap: Double
    /// The longest time between two, seconds.
    public var longestGap: Double
    /// The standard deviation of all times between two, seconds.
    public var deviation: Double

    /// Makes counts.
    public init(
        sends: UInt64, firstNanoseconds: Int64, lastNanoseconds: Int64, shortestGap: Double, longestGap: Double,
        deviation: Double
    ) {
        self.sends = sends
        self.firstNanoseconds = firstNanoseconds
        self.lastNanoseconds = lastNanoseconds
        self.shortestGap = shortestGap
        self.longestGap = longestGap
        self.deviation = deviation
    }

    /// From the first send to the last, seconds.
    var lifetimeSeconds: Double { Double(lastNanoseconds &- firstNanoseconds) / 1e9 }
}
