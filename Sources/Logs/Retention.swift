/// A file in a log's folder.
public struct StoredFile: Sendable, Hashable {
    /// Its name.
    public var name: LogFileName
    /// Its length, bytes.
    public var bytes: UInt64
    /// When it was last written to, nanoseconds since 1970.
    public var modifiedUnixNanoseconds: UInt64

    /// Makes one.
    public init(name: LogFileName, bytes: UInt64, modifiedUnixNanoseconds: UInt64) {
        self.name = name
        self.bytes = bytes
        self.modifiedUnixNanoseconds = modifiedUnixNanoseconds
    }
}

/// Which files of a log are kept: those that every limit allows.
public struct RetentionPolicy: Sendable, Hashable {
    /// So many files, the one that is being written among them; nil: however many.
    public var files: Int?
    /// So many bytes in all, compressed as they are; nil: however many.
    public var bytes: UInt64?
    /// Whatever was last written to within so many nanoseconds; nil: however old.
    public var nanoseconds: UInt64?

    /// Makes a policy; by default everything is kept.
    public init(files: Int? = nil, bytes: UInt64? = nil, nanoseconds: UInt64? = nil) {
        self.files = files
        self.bytes = bytes
        self.nanoseconds = nanoseconds
    }

    /// The files that are not to be kept, the oldest first.
    ///
    /// - Parameters:
    ///   - stored: all that are there.
    ///   - current: the one that is being written, which always is kept, as is what is newer.
    ///   - now: nanoseconds since 1970.
    public func expendable(_ stored: [StoredFile], current: LogFileName, now: UInt64) -> [StoredFile] {
        let sorted = stored.sorted { $0.name < $1.name }
        let settled = sorted.prefix { $0.name < current }
        var count = sorted.count
        var total = sorted.reduce(UInt64(0)) { $0 &+ $1.bytes }
        // The oldest go first, so what is left has no holes; a file that is old goes with all that are older.
        let oldest = settled.lastIndex { file in
            nanoseconds.map { file.modifiedUnixNanoseconds < now - min($0, now) } ?? false
        }
        return settled.enumerated().prefix { index, file in
            let isTooMuch =
                files.map { count > $0 } ?? false || bytes.map { total > $0 } ?? false
                || oldest.map { index <= $0 } ?? false
            count -= 1
            total &-= file.bytes
            return isTooMuch
        }.map(\.element)
    }
}
