/// What a writer did so far.
public struct LogStatistics: Sendable, Hashable {
    /// Bytes that are in the file; a line that was cut off again is not among them.
    public var bytesWritten: UInt64
    /// Whole lines that are in the file.
    public var linesWritten: UInt64
    /// Bytes that were appended and are not in the file: the sink failed, or the time was over.
    public var bytesNotWritten: UInt64
    /// Lines that were appended and are not whole in the file.
    public var linesNotWritten: UInt64

    /// Makes statistics; nothing yet where nothing is said.
    public init(
        bytesWritten: UInt64 = 0, linesWritten: UInt64 = 0, bytesNotWritten: UInt64 = 0, linesNotWritten: UInt64 = 0
    ) {
        self.bytesWritten = bytesWritten
        self.linesWritten = linesWritten
        self.bytesNotWritten = bytesNotWritten
        self.linesNotWritten = linesNotWritten
    }
}
