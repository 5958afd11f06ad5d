/// Which of a run's files a line begins, and why there is a new one.
public struct LogFilePlace: Sendable, Hashable {
    /// Why a file was begun.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// The run began.
        case start
        /// The one before it was as long as it may be.
        case size
        /// The one before it was as old as it may be.
        case time
        /// Somebody asked for it: SIGHUP.
        case signal
        /// The one before it was removed, or could not be written any more.
        ///
        /// Lines that had waited for it follow; they are older than the first one.
        case replaced
    }

    /// Its number in the run, from 0.
    public var sequence: UInt64
    /// Why it was begun.
    public var cause: Cause

    /// Makes one; by default the first.
    public init(sequence: UInt64 = 0, cause: Cause = .start) {
        self.sequence = sequence
        self.cause = cause
    }
}
