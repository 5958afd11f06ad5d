/// How long to wait before the next try: exponential backoff with full jitter, so that many who lost the same receiver do not
/// come back together.
public struct RetryPolicy: Sendable, Equatable {
    /// The longest wait after the first failure; doubled with each further one.
    public var first: Duration = .milliseconds(500)
    /// The longest wait at all.
    public var longest: Duration = .seconds(60)
    /// The same where somebody has to do something before it can go.
    public var firstLasting: Duration = .seconds(15)
    /// The longest wait there.
    public var longestLasting: Duration = .seconds(300)
    /// The shortest wait: whatever is drawn, a dead receiver is not asked all the time.
    public var shortest: Duration = .milliseconds(100)
    /// However long a receiver asks to be left alone.
    public var longestAsked: Duration = .seconds(3600)

    /// Makes the usual one.
    public init() {}

    /// How long to wait.
    ///
    /// - Parameters:
    ///   - failures: in a row, at least 1.
    ///   - kind: of the last one.
    ///   - asked: what the receiver asks for; never waited for less.
    ///   - random: from 0 to 1.
    public func delay(failures: Int, kind: Outage.Kind, asked: Duration?, random: Double) -> Duration {
        let (start, end) = kind == .passing ? (first, longest) : (firstLasting, longestLasting)
        var most = min(start, end)
        var left = failures - 1
        while left > 0, most < end {
            most = min(most * 2, end)
            left -= 1
        }
        let drawn = max(most * min(max(random, 0), 1), shortest)
        guard let asked, asked > .zero else { return drawn }
        // Not all of those who were told the same time at once.
        return min(asked, longestAsked) + min(drawn, .seconds(5))
    }
}
