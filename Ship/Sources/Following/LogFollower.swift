internal import Glibc
internal import Logs

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
    private let folder: String
    private var files: FolderFiles
    private var file: LogFile?
    /// Whether all of the file at ``position`` was taken, and another one follows.
    private var isFileDone = false
    /// What is missing in front of the next passage.
    private var skipped: SkippedRecords?
    /// A file that could not be read to its end.
    private var damagedFile: LogFileName?

    /// Makes one that begins behind `position`; nil: with the oldest file.
    public init(folder: String, position: LogPosition?) {
        self.folder = folder
        self.position = position
        files = FolderFiles(folder)
    }

    /// What comes next, the same again until it is taken, or more of it; nil: nothing yet.
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
            if file.takeDropped() > 0, skipped == nil {
                skipped = SkippedRecords(
                    cause: .tooLong, records: 1, isExact: false, run: position?.run, after: position,
                    before: file.name.plain)
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
            place.endsRun = position.endsRun
        }
        return place
    }

    private func hasNewer() throws(FollowingError) -> Bool {
        guard let file, let newest = try files.current().last else { return false }
        return file.name.plain < newest.name.plain
    }
}

// MARK: - The next file

extension LogFollower {
    /// Opens the file at the position, or the one behind it; false: there is none with a line in it.
    private func open() throws(FollowingError) -> Bool {
        let there = try files.current()
        guard let position else { return try openFirst(of: there) != nil }
        if !isFileDone, let same = there.first(where: { $0.name.plain == position.file }) {
            if let opened = try open(same.name), fingerprint(opened.firstLine) == position.firstLine {
                guard try opened.seek(to: position.offset) else {
                    damagedFile = position.file
                    isFileDone = true
                    return try open()
                }
                file = opened
                return true
            }
            // Nobody but a stranger gives another file the same name. From its beginning then: twice is better than never.
            self.position?.offset = 0
            return try openFirst(of: there.filter { $0.name.plain >= position.file }) != nil
        }
        guard let opened = try openFirst(of: there.filter { $0.name.plain > position.file }) else { return false }
        skipped = missing(before: opened)
        isFileDone = false
        damagedFile = nil
        return true
    }

    /// Opens the first of some files that has a line in it.
    private func openFirst(of candidates: [StoredFile]) throws(FollowingError) -> LogFile? {
        for candidate in candidates {
            guard let opened = try open(candidate.name) else { continue }
            file = opened
            return opened
        }
        return nil
    }

    private func open(_ name: LogFileName) throws(FollowingError) -> LogFile? {
        do throws(FollowingError) {
            return try LogFile(name, in: folder)
        } catch {
            // Compressed or removed since it was listed.
            guard error.code == ENOENT else { throw error }
            files.forget()
            return nil
        }
    }

    /// What is missing between the position and a file that was just opened.
    private func missing(before opened: LogFile) -> SkippedRecords? {
        guard let position else { return nil }
        let first = LineFacts(opened.firstLine[...])
        let name = opened.name.plain
        var skipped = SkippedRecords(
            cause: damagedFile == nil ? .deleted : .damaged, records: 0, isExact: false, run: position.run,
            after: position, before: name)
        if let run = first.run, run == position.run {
            // Numbers of a run have no hole.
            guard let next = sequence(of: opened, first), let last = position.sequence, next > last,
                next - last > 1
            else {
                return nil
            }
            (skipped.records, skipped.isExact) = (next - last - 1, true)
            return skipped
        }
        // Of the next run everything before its file; of the last one what followed, unless it had said its last word.
        skipped.run = nil
        skipped.records = name.sequence > 0 ? first.sequence ?? 0 : 0
        skipped.isExact = isFileDone && damagedFile == nil || position.endsRun
        return skipped.records > 0 || !skipped.isExact ? skipped : nil
    }

    /// The number of the first record of a file that was not in the one before.
    private func sequence(of file: LogFile, _ first: LineFacts) -> UInt64? {
        guard LineFacts.replacesAnother(file.firstLine[...]) else { return first.sequence }
        // The first line is newer than the ones that waited.
        guard case .lines(let lines, _)? = try? file.lines(records: 2, bytes: LogFile.longestLine),
            lines.count > file.firstLine.count
        else { return nil }
        return LineFacts(lines[file.firstLine.count...].dropLast()).sequence
    }
}
