/// Calls that come like a beacon's, found while tracing.
public struct BeaconEvent: Sendable {
    /// The newest of the calls: the attempt, or the one that the connection began with.
    public var attempt: Attempt
    /// Who made it.
    public var attribution: Attribution
    /// When it was found, nanoseconds of CLOCK_BOOTTIME.
    public var foundBootNanoseconds: UInt64
    /// When the first of the calls was, nanoseconds of CLOCK_BOOTTIME.
    public var firstBootNanoseconds: UInt64
    /// When the last of them was, nanoseconds of CLOCK_BOOTTIME.
    public var lastBootNanoseconds: UInt64
    /// What was found.
    public var beacon: BeaconFacts

    /// Makes an event.
    public init(
        attempt: Attempt, attribution: Attribution, foundBootNanoseconds: UInt64, firstBootNanoseconds: UInt64,
        lastBootNanoseconds: UInt64, beacon: BeaconFacts
    ) {
        self.attempt = attempt
        self.attribution = attribution
        self.foundBootNanoseconds = foundBootNanoseconds
        self.firstBootNanoseconds = firstBootNanoseconds
        self.lastBootNanoseconds = lastBootNanoseconds
        self.beacon = beacon
    }
}

/// A beacon as a record tells of it: the rhythm, the score and what it is made of.
///
/// `docs/BEACONS.md` says how each comes about.
public struct BeaconFacts: Sendable, Hashable {
    /// How bad it looks, by the score.
    public enum Severity: Sendable, Hashable, Comparable {
        /// Below 0.65.
        case low
        /// Below 0.8.
        case medium
        /// From 0.8 on.
        case high
    }

    /// A part of the score.
    public struct Part: Sendable, Hashable {
        /// What it is called: lower case, words joined by `_`.
        public var name: String
        /// 0 to 1.
        public var value: Double

        /// Makes a part.
        public init(name: String, value: Double) {
            self.name = name
            self.value = value
        }
    }

    /// What raised or lowered the score.
    public struct Modifier: Sendable, Hashable {
        /// What it is called: lower case, words joined by `_`.
        public var name: String
        /// What it adds, −1 to 1.
        public var change: Double
        /// Why, for a person.
        public var reason: String

        /// Makes a modifier.
        public init(name: String, change: Double, reason: String) {
            self.name = name
            self.change = change
            self.reason = reason
        }
    }

    /// How many of the calls ended in one way.
    public struct Ending: Sendable, Hashable {
        /// The way: `answered`, `refused`, `unanswered`, `offline`, `denied`, `failed` or `unknown`.
        public var name: String
        /// How many.
        public var count: UInt64

        /// Makes a count.
        public init(name: String, count: UInt64) {
            self.name = name
            self.count = count
        }
    }

    /// The same for whatever is told of one key: who, where, and what kind of key.
    public var id: UInt64 = 0
    /// How often it was told of with this time, from 1.
    public var tellings: UInt64 = 1
    /// The score, 0 to 1.
    public var score = 0.0
    /// From this score on it is told of.
    public var threshold = 0.5
    /// What kind of key: `pair`, `many_destinations` or `many_callers`.
    public var scope = "pair"
    /// What names the caller: `program`, `script`, `unit`, `container`, `host` or `name`.
    public var callerKind = "program"
    /// The caller: a path, an id or a name; empty: several.
    public var caller = ""
    /// The destination as a person would write it.
    public var destination = ""
    /// The mean time between two beats, seconds.
    public var periodSeconds = 0.0
    /// Its standard deviation, seconds.
    public var deviationSeconds = 0.0
    /// The share of beats that are missing.
    public var missedShare = 0.0
    /// The share of gaps that are none of the rhythm's.
    public var strayShare = 0.0
    /// Beats.
    public var beats: UInt64 = 0
    /// Calls, of which some may be one beat.
    public var calls: UInt64 = 0
    /// From the first beat to the last, seconds.
    public var lifetimeSeconds = 0.0
    /// How often chance makes calls like these: 10 to this.
    public var chancePowerOfTen = 0.0
    /// What the score is made of.
    public var parts: [Part] = []
    /// What raised or lowered it.
    public var modifiers: [Modifier] = []
    /// How the calls ended.
    public var endings: [Ending] = []
    /// Other destinations of the same caller with the same period.
    public var alike: [String] = []
    /// All of it in a sentence.
    public var sentence = ""

    /// Knows nothing yet.
    public init() {}

    /// How bad it looks.
    public var severity: Severity { score < 0.65 ? .low : score < 0.8 ? .medium : .high }
}
