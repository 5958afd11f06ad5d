/// Repeats of one record that a rule collapsed.
///
/// The first of them was written as it is; this stands for those that came after it, until its window ended.
public struct AggregateEvent: Sendable {
    /// What was repeated.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Attempts.
        case attempted = "connection_attempted"
        /// Outcomes that came late.
        case resolved = "connection_resolved"
        /// Ends of connections and flows.
        case disconnected = "disconnect_received"
    }

    /// What the ends of connections and flows came to, together.
    public struct Volume: Sendable, Hashable {
        /// Payload sent, bytes.
        public var bytesSent: UInt64
        /// Segments or datagrams sent.
        public var packetsSent: UInt64
        /// Payload that came, bytes; nil: nobody counted, as of flows.
        public var bytesReceived: UInt64?
        /// Segments that came; nil: nobody counted.
        public var packetsReceived: UInt64?

        /// Makes a volume.
        public init(
            bytesSent: UInt64 = 0, packetsSent: UInt64 = 0, bytesReceived: UInt64? = nil, packetsReceived: UInt64? = nil
        ) {
            self.bytesSent = bytesSent
            self.packetsSent = packetsSent
            self.bytesReceived = bytesReceived
            self.packetsReceived = packetsReceived
        }
    }

    /// Times between each repeat and the one before it, the first of them after the record that was written.
    public struct Gaps: Sendable, Hashable {
        /// The shortest, nanoseconds.
        public var minimumNanoseconds: UInt64
        /// The longest, nanoseconds.
        public var maximumNanoseconds: UInt64
        /// The mean, nanoseconds.
        public var meanNanoseconds: UInt64
        /// The population's standard deviation, nanoseconds.
        public var deviationNanoseconds: UInt64

        /// Makes gaps.
        public init(
            minimumNanoseconds: UInt64 = 0, maximumNanoseconds: UInt64 = 0, meanNanoseconds: UInt64 = 0,
            deviationNanoseconds: UInt64 = 0
        ) {
            self.minimumNanoseconds = minimumNanoseconds
            self.maximumNanoseconds = maximumNanoseconds
            self.meanNanoseconds = meanNanoseconds
            self.deviationNanoseconds = deviationNanoseconds
        }
    }

    /// What was repeated.
    public var kind: Kind
    /// The rule that collapsed it.
    public var rule: String
    /// The attempt of the record that was written, less what is its own: source and payload.
    ///
    /// Of ends the outcome is what ended them.
    public var attempt: Attempt
    /// Who made that attempt.
    public var attribution: Attribution
    /// How many repeats there were, at least 1; the record that was written is none of them.
    public var count: UInt64
    /// The first repeat, nanoseconds of CLOCK_BOOTTIME.
    public var firstBootNanoseconds: UInt64
    /// The last repeat, nanoseconds of CLOCK_BOOTTIME.
    public var lastBootNanoseconds: UInt64
    /// How long repeats are collected after a record that was written, nanoseconds.
    public var windowNanoseconds: UInt64
    /// When they came.
    public var gaps: Gaps
    /// What they came to; nil: not of ends, or not all of them were counted.
    public var volume: Volume?

    /// Makes an event.
    public init(
        kind: Kind, rule: String, attempt: Attempt, attribution: Attribution, count: UInt64,
        firstBootNanoseconds: UInt64, lastBootNanoseconds: UInt64, windowNanoseconds: UInt64, gaps: Gaps,
        volume: Volume? = nil
    ) {
        self.kind = kind
        self.rule = rule
        self.attempt = attempt
        self.attribution = attribution
        self.count = count
        self.firstBootNanoseconds = firstBootNanoseconds
        self.lastBootNanoseconds = lastBootNanoseconds
        self.windowNanoseconds = windowNanoseconds
        self.gaps = gaps
        self.volume = volume
    }
}
