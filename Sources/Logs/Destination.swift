/// Where the writer's thread writes to.
protocol Destination: ~Copyable, SendableMetatype {
    /// What is there so far.
    var statistics: LogStatistics { get }

    /// Whether a write to it only copies: it waits for no reader, and is not asked to wait for the disk.
    var isReady: Bool { get }

    /// Writes a batch, waiting as long as it takes.
    /// - Parameters:
    ///   - progress: called with the number of bytes that were just taken, and what was written in all.
    ///   - isOver: asked while nothing is taken; true: give up.
    /// - Returns: nil when all are written.
    mutating func write(_ batch: Batch, progress: (Int, LogStatistics) -> Void, isOver: () -> Bool) -> Stop?

    /// Ends it: cuts a torn last line off again, where that can be done.
    mutating func close()
}

/// Why writing stopped.
enum Stop: Hashable {
    /// The sink failed with this errno.
    case failure(Int32)
    /// `isOver` said so.
    case isOver
}
