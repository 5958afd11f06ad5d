internal import Glibc
public import Logs

/// How much is read at once.
public struct PassageLimits: Sendable {
    /// Records, at least 1.
    public var records: Int
    /// Bytes; a longer record is read alone.
    public var bytes: Int

    /// Makes limits.
    public init(records: Int, bytes: Int) { (self.records, self.bytes) = (records, bytes) }
}

/// Lines of one file of the log, one after the other as they stand there.
public struct Passage: Sendable {
    /// Whole lines, at least one.
    public let bytes: [UInt8]
    /// Where they end.
    public let end: LogPosition
    /// What is missing in front of them; nil: nothing.
    public let skipped: SkippedRecords?
    /// The first line of their file, which says what its records have in common.
    public let firstLine: [UInt8]
    /// Whether nothing is behind them yet: waiting a little makes more of them.
    public let isTail: Bool
}

/// Reads the log of a folder that tattle writes, from a position on, across files; read only and without locks.
///
/// For one task. Nothing of it waits for records: it says that there are none.
public final class LogFollower {
    /// Behind what was taken; nil: nothing was, and there was no checkpoint.
    public private(set) var position: LogPosition?
    let folder: String
    var files: FolderFiles
    var file: LogFile?
    /// Whether all of the file at ``position`` was taken, and another one follows.
    var isFileDone = false
    /// What is missing in front of the next passage.
    var skipped: SkippedRecords?
    /// A file that could not be read to its end, of which the next passage tells that follows it; nil: none.
    public internal(set) var damagedFile: LogFileName?

    /// Makes one that begins behind `position`; nil: with the oldest file.
    public convenience init(folder: String, position: LogPosition?) {
        self.init(folder: folder, position: position, files: FolderFiles(folder))
    }

    /// Also says how the folder is listed.
    init(folder: String, position: LogPosition?, files: FolderFiles) {
        (self.folder, self.position, self.files) = (folder, position, files)
    }

    /// What comes next, the same again until it is taken, or more of it; nil: nothing yet.
    ///
    /// - Throws: `FollowingError`: the folder or a file cannot be read now. Nothing is lost by it; to be tried again.
    public func next(_ limits: PassageLimits) throws(FollowingError) -> Passage? {
        while true {
            guard file != nil else {
                guard try open() else { return nil }
                continue
            }
            if let passage = try passage(limits) { return passage }
            guard try hasNewer() else { return nil }
            // What was written between the end that was seen and the beginning of the next file.
            if let passage = try passage(limits) { return passage }
            file = nil
            isFileDone = true
        }
    }

    /// Goes on behind a passage.
    public func take(_ passage: Passage) {
        file?.advance(over: passage.bytes.count)
        position = passage.end
        skipped = nil
    }

    private func passage(_ limits: PassageLimits) throws(FollowingError) -> Passage? {
        guard let file else { return nil }
        switch try file.lines(records: limits.records, bytes: limits.bytes) {
        case .nothing: return nil
        case .damaged:
            damagedFile = file.name.plain
            return nil
        case .lines(let bytes, let isAtEnd):
            let start = place(in: file)
            if file.takeDropped() > 0 {
                var more =
                    skipped
                    ?? SkippedRecords(
                        cause: .tooLong, records: 0, isExact: false, run: position?.run, after: position,
                        before: file.name.plain)
                more.records = min(more.records, .max - 1) + 1
                more.isExact = false
                skipped = more
            }
            let isTail = isAtEnd && file.name.compression == nil ? try !hasNewer() : false
            return Passage(
                bytes: bytes, end: start.advanced(over: bytes), skipped: skipped, firstLine: file.firstLine,
                isTail: isTail)
        }
    }

    /// Where an open file is, with what is known of the record before.
    private func place(in file: LogFile) -> LogPosition {
        var place = LogPosition(
            file: file.name, firstLine: fingerprint(file.firstLine), offset: file.offset)
        if let position {
            (place.run, place.sequence, place.time) = (position.run, position.sequence, position.time)
        }
        return place
    }

    private func hasNewer() throws(FollowingError) -> Bool {
        guard let file, let newest = try files.current().last else { return false }
        return file.name.plain < newest.name.plain
    }
}
