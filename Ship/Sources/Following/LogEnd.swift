internal import Glibc
internal import Logs

/// Where a log ended when somebody looked.
public struct LogEnd: Sendable, Hashable {
    private let file: LogFileName
    /// Bytes of that file, uncompressed; of a compressed one more than it has.
    private let offset: UInt64

    init(file: LogFileName, offset: UInt64) { (self.file, self.offset) = (file.plain, offset) }

    /// Whether nothing of what was there then stands behind a position.
    public func isReached(by position: LogPosition?) -> Bool {
        guard let position else { return false }
        return position.file == file ? position.offset >= offset : file < position.file
    }

    /// Whether all of a passage came later.
    public func isBefore(_ passage: Passage) -> Bool { file < passage.end.file }
}

extension LogFollower {
    /// Where the log ends now; nil: there is none.
    ///
    /// - Throws: `FollowingError`: the folder cannot be read now.
    public func end() throws(FollowingError) -> LogEnd? {
        guard let newest = try files.current().last else { return nil }
        guard newest.name.compression == nil else { return LogEnd(file: newest.name, offset: .max) }
        var status = stat()
        // Lives through the call, which only writes to it; the path is a NUL-terminated copy.
        let isThere = unsafe stat("\(folder)/\(newest.name)", &status) == 0
        return LogEnd(file: newest.name, offset: isThere ? UInt64(max(status.st_size, 0)) : .max)
    }
}
