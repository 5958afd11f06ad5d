internal import Model
internal import Reading
internal import Records

/// Logs as the table that a trace shows.
public struct LogTable {
    /// Columns to which lines are cut; nil: not at all.
    public var width: Int?
    /// Whether to send colours.
    public var usesColor = false
    /// How far local time is ahead of UTC, seconds.
    public var utcOffsetSeconds: Int32 = 0
    /// Whether heartbeats are shown even if nothing is missing.
    public var showsHeartbeats = false

    /// Makes a table of plain text, in UTC.
    public init() {}

    /// Reads logs to their end and writes what is wanted of them.
    ///
    /// - Parameters:
    ///   - isFollowing: whether to wait for more at the end.
    ///   - complain: called with what cannot be read, in words.
    /// - Returns: whether all of it could be read.
    public func write(
        _ paths: [String], isFollowing: Bool, filter: LogFilter, to output: inout LogOutput,
        complain: (String) -> Void
    ) throws(LogOutput.Closed) -> Bool {
        var entries = LogEntries(paths, isFollowing: isFollowing)
        var writer = TableWriter(
            clock: WallClock(offsetNanoseconds: 0), utcOffsetSeconds: utcOffsetSeconds, width: width,
            usesColor: usesColor, names: { [names = entries.names] in names[$0] })
        writer.showsHeartbeats = showsHeartbeats
        writer.writeHeader(into: &output.buffer)
        while let record = entries.next(complain: complain) {
            guard let event = record.event, filter.admits(event, names: entries.names) else { continue }
            writer.clock = record.clock
            writer.write(event, into: &output.buffer)
            // Who follows wants to see it now.
            if isFollowing { try output.flush() } else { try output.flushIfFull() }
        }
        try output.flush()
        return entries.isComplete
    }
}
