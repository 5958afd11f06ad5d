/// What makes the gaps between beats: a period, its jitter, and beats that are missing.
public struct Rhythm: Hashable, Sendable {
    /// How single gaps lie around the period.
    public enum Jitter: Hashable, Sendable {
        /// Most of them close to it, as with a fixed sleep and whatever delays it.
        case normal
        /// All equally likely within bounds, as with a sleep drawn at random.
        case even
    }

    /// The mean of the gaps between consecutive beats, seconds.
    public var periodSeconds: Double
    /// Standard deviation of such a gap as a share of the period, 0.005...0.35.
    public var spread: Double
    /// How the gaps lie around the period.
    public var jitter: Jitter
    /// The share of beats that are missing, 0...0.4.
    public var missedShare: Double
    /// The share of gaps that the rhythm does not explain, 0...0.35.
    public var strayShare: Double

    /// Makes a rhythm.
    public init(
        periodSeconds: Double, spread: Double, jitter: Jitter = .normal, missedShare: Double = 0,
        strayShare: Double = 0
    ) {
        self.periodSeconds = periodSeconds
        self.spread = spread
        self.jitter = jitter
        self.missedShare = missedShare
        self.strayShare = strayShare
    }

    /// One gap's standard deviation, seconds.
    public var spreadSeconds: Double { spread * periodSeconds }
}
