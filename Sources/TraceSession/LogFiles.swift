internal import Logs
internal import Model

/// The files of a log's folder, as whoever numbers the lines sees them.
struct LogFiles {
    /// Events that were not written, because more waited than is held while the folder could not be written to.
    struct Dropped {
        /// Why it could not.
        var cause: LossCause
        /// When the first was dropped, nanoseconds of CLOCK_BOOTTIME.
        var since: UInt64
        /// How many.
        var records: UInt64 = 0
        /// Of them: attempts.
        var attempts: UInt64 = 0

        /// The loss, up to now.
        func loss(now: UInt64) -> LossEvent {
            LossEvent(
                cause: cause, count: records, attempts: attempts, processRecords: 0, hook: nil,
                windowBootNanoseconds: since...max(now, since))
        }
    }

    /// How far the file that is being written has come.
    var rotation: Rotation
    /// The number of the next one.
    var nextSequence: UInt64 = 0
    /// The run before, where it ended without a word and that was not told yet.
    var previousRun: PreviousRun?
    /// Nil: events are written.
    var dropped: Dropped?
    /// Whether a person was told that the folder cannot be written to.
    var isTroubleTold = false
    /// The last one that a person was told of.
    var archiveFailure: ArchiveFailure?
}
