internal import Glibc
internal import Logs

/// How much of the log is not delivered.
public struct Backlog: Sendable, Hashable {
    /// Bytes, of compressed files those on the disk.
    public var bytes: UInt64 = 0
    /// Records; nil: another run follows, or lines do not say.
    public var records: UInt64?
    /// Seconds between the last record that was delivered, or the oldest one, and the newest one, by the records' own times;
    /// nil: not known.
    public var seconds: UInt64?

    /// Nothing.
    public init() {}
}

/// Measures what is behind positions of one folder's log.
public struct BacklogReader {
    private let folder: String
    private var files: FolderFiles

    /// Nothing is touched.
    public init(folder: String) {
        self.folder = folder
        files = FolderFiles(folder)
    }

    /// What is behind a position; nil: everything.
    ///
    /// - Throws: `FollowingError`: the folder or a file cannot be read now.
    public mutating func backlog(behind position: LogPosition?) throws(FollowingError) -> Backlog {
        var backlog = Backlog()
        let there = try files.current()
        for file in there {
            guard let position, file.name.plain <= position.file else {
                // Those that are in the list have the size that they had when it was made.
                backlog.bytes += size(of: file)
                continue
            }
            guard file.name.plain == position.file else { continue }
            let size = size(of: file)
            backlog.bytes += file.name.compression == nil ? size - min(size, position.offset) : 0
        }
        guard backlog.bytes > 0 else {
            (backlog.records, backlog.seconds) = (0, 0)
            return backlog
        }
        guard let newest = there.last, let last = lastLine(of: newest) else { return backlog }
        if let run = last.run, run == position?.run, let number = last.sequence, let delivered = position?.sequence {
            backlog.records = number - min(number, delivered)
        }
        let start = position == nil ? try firstTime(there) : position?.time
        if let end = last.time.flatMap(Self.seconds), let start = start.flatMap(Self.seconds) {
            backlog.seconds = UInt64(max(end - start, 0))
        }
        return backlog
    }

    /// When the oldest record happened; nil: none says.
    private func firstTime(_ there: [StoredFile]) throws(FollowingError) -> String? {
        for file in there {
            guard case .file(let opened) = try LogFile.open(file.name, in: folder) else { continue }
            return LineFacts(opened.firstLine[...]).time
        }
        return nil
    }

    private func size(of file: StoredFile) -> UInt64 {
        var status = stat()
        // Lives through the call, which only writes to it; the path is a NUL-terminated copy.
        guard unsafe stat("\(folder)/\(file.name)", &status) == 0 else { return file.bytes }
        return UInt64(max(status.st_size, 0))
    }

    private func lastLine(of file: StoredFile) -> LineFacts? {
        guard file.name.compression == nil else { return nil }
        // The path is a NUL-terminated copy that lives through the call.
        let descriptor = unsafe open("\(folder)/\(file.name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let end = lseek(descriptor, 0, SEEK_END)
        // Two of the longest lines.
        var bytes = [UInt8](repeating: 0, count: 128 << 10)
        let start = max(end - off_t(bytes.count), 0)
        // Writes at most bytes.count bytes.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, start) }
        guard count > 0, let last = bytes[..<count].lastIndex(of: UInt8(ascii: "\n")) else { return nil }
        let first = bytes[..<last].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
        guard let first = first ?? (start == 0 ? 0 : nil) else { return nil }
        return LineFacts(bytes[first..<last])
    }

    /// A record's time, seconds since 1970; nil: it is none.
    private static func seconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T"), bytes.last == UInt8(ascii: "Z") else { return nil }
        return secondsSince1970(of: bytes, at: [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19])
    }
}
