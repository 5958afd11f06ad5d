/// A run that ended without a word, as far as its log tells.
public struct PreviousRun: Sendable, Hashable {
    /// The run's id: `agent.ephemeral_id`.
    public var runID: String
    /// The highest `event.sequence` that is in its last file.
    public var lastSequence: UInt64
    /// When its last line was made, nanoseconds since 1970.
    public var lastUnixNanoseconds: UInt64

    /// Makes one.
    public init(runID: String, lastSequence: UInt64, lastUnixNanoseconds: UInt64) {
        self.runID = runID
        self.lastSequence = lastSequence
        self.lastUnixNanoseconds = lastUnixNanoseconds
    }
}
