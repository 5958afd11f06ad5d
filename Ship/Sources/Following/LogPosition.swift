public import Logs

/// Where in a folder's log something is: behind a record, of which it knows what tells the next one from it.
public struct LogPosition: Sendable, Hashable {
    /// The file, by the name that it has without compression.
    public var file: LogFileName
    /// Which file of that name: FNV-1a of its first line.
    public var firstLine: UInt64
    /// Bytes before it, uncompressed: always the end of a line, or 0.
    public var offset: UInt64
    /// The run that wrote the last record before it; nil: the record does not say.
    public var run: String?
    /// Its number in that run; nil: the record does not say.
    public var sequence: UInt64?
    /// When that record happened, as it says; nil: it does not.
    public var time: String?

    /// Makes a position.
    public init(file: LogFileName, firstLine: UInt64, offset: UInt64) {
        (self.file, self.firstLine, self.offset) = (file.plain, firstLine, offset)
    }

    /// The position behind some lines that begin here.
    func advanced(over lines: [UInt8]) -> LogPosition {
        var position = self
        position.offset += UInt64(lines.count)
        let end = lines.last == UInt8(ascii: "\n") ? lines.count - 1 : lines.count
        let start = lines[..<end].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let facts = LineFacts(lines[start..<end])
        (position.run, position.sequence, position.time) = (facts.run, facts.sequence, facts.time)
        return position
    }
}

/// Records that were in the log and will never be delivered.
public struct SkippedRecords: Sendable, Hashable {
    /// Why.
    public enum Cause: String, Sendable, Hashable {
        /// Files were removed before they were delivered.
        case deleted
        /// A file cannot be read to its end: what compressed it is damaged.
        case damaged
        /// A line is longer than any record.
        case tooLong = "too_long"
    }

    /// Why.
    public var cause: Cause
    /// How many, at least.
    public var records: UInt64
    /// Whether ``records`` is all; else nobody knows how many more.
    public var isExact: Bool
    /// Of which run they were, if of one; nil: nobody knows.
    public var run: String?
    /// The position that they followed; nil: the beginning.
    public var after: LogPosition?
    /// The file that is read next.
    public var before: LogFileName

    /// Makes one.
    public init(
        cause: Cause, records: UInt64, isExact: Bool, run: String?, after: LogPosition?, before: LogFileName
    ) {
        (self.cause, self.records, self.isExact) = (cause, records, isExact)
        (self.run, self.after, self.before) = (run, after, before)
    }
}

/// FNV-1a, 64 bits: tells files apart, and a damaged checkpoint from a whole one; no protection against anybody.
public func fingerprint(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
}
