/// Calls that are like a beacon: who calls what, the rhythm, the score and what it is made of.
public struct Finding: Hashable, Sendable {
    /// What kind of key it is.
    public enum Scope: String, Hashable, Sendable {
        /// One caller, one destination.
        case pair
        /// One caller, many destinations: fast flux, made-up domains, a content network.
        case manyDestinations = "many_destinations"
        /// Many callers, one destination: processes that are new each time.
        case manyCallers = "many_callers"
    }

    /// What kind of key it is.
    public var scope: Scope
    /// Who.
    public var caller: Caller
    /// Where to.
    public var destination: Destination
    /// What is known of who.
    public var traits: CallerTraits
    /// The rhythm, and how much better than chance it explains the calls.
    public var analysis: BeatAnalysis
    /// The score before modifiers.
    public var score: BeaconScore
    /// What raised or lowered it.
    public var modifiers: [Modifier]
    /// Calls in all.
    public var calls: Int
    /// The first call, milliseconds since 1970.
    public var firstMilliseconds: Int64
    /// The last call, milliseconds since 1970.
    public var lastMilliseconds: Int64
    /// How many calls ended so; those that none did are left out.
    public var endings: [Call.Ending: Int]
    /// The commonest size and its share; nil: sizes are not known.
    public var commonSize: (bytes: Int, share: Double)? {
        commonSizeBytes.map { ($0, commonSizeShare) }
    }
    /// The commonest size in bytes; nil: sizes are not known.
    var commonSizeBytes: Int?
    var commonSizeShare: Double = 0
    /// Others of the same caller with the same period, which are told here.
    public var alike: [Destination] = []

    /// The score with the modifiers, 0 to 1.
    public var value: Double { min(max(score.value + modifiers.reduce(0) { $0 + $1.change }, 0), 1) }

    /// Whether it is above the threshold.
    public var isBeacon: Bool { value >= BeaconScore.threshold }

    /// How often chance makes calls like these, at most: 10 to the minus this.
    public var chancePowerOfTen: Double { max(analysis.evidence, 0) / 2.302_585_093 }
}
