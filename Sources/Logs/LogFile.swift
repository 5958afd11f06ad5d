import Glibc

/// The file, pipe or terminal that a log goes to, open for appending.
///
/// Closed when it is dropped.
public struct LogFile: ~Copyable {
    /// The path as it was given; `-` is standard output.
    public let path: String
    /// The descriptor.
    let descriptor: Int32
    /// Whether it is a regular file: what was written to it can be taken back.
    let isRegular: Bool
    private let isOwned: Bool

    private init(path: String, descriptor: Int32, isOwned: Bool) throws(LogError) {
        var status = stat()
        // `status` lives through the call, which only writes to it.
        guard unsafe fstat(descriptor, &status) == 0 else {
            let code = errno
            if isOwned { close(descriptor) }
            throw LogError(.open, path: path, code: code)
        }
        self.path = path
        self.descriptor = descriptor
        self.isOwned = isOwned
        isRegular = status.st_mode & S_IFMT == S_IFREG
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// Opens `path` for appending, or takes standard output for `-`.
    ///
    /// A file that exists is kept and appended to; should its last line be torn, it is ended first.
    /// A new one gets mode 0640 less the umask. Symbolic links are followed: `/dev/stdout` is one, and
    /// people link their logs elsewhere. Opening a FIFO waits for its reader.
    /// - Throws: `LogError` with what `open` said; EISDIR for a directory.
    public static func open(_ path: String) throws(LogError) -> LogFile {
        if path == "-" { return try LogFile(path: path, descriptor: STDOUT_FILENO, isOwned: false) }
        var descriptor: Int32
        repeat {
            // The path is a NUL-terminated copy that lives through the call.
            descriptor = unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0o640)
        } while descriptor < 0 && errno == EINTR
        guard descriptor >= 0 else { throw LogError(.open, path: path, code: errno) }
        let file = try LogFile(path: path, descriptor: descriptor, isOwned: true)
        try file.mend()
        return file
    }

    /// Ends the last line if something was torn while it wrote it.
    private borrowing func mend() throws(LogError) {
        guard isRegular, !endsWithNewline() else { return }
        var newline = UInt8(ascii: "\n")
        var written: Int
        repeat {
            // One byte from a variable that lives through the call.
            written = unsafe write(descriptor, &newline, 1)
        } while written < 0 && errno == EINTR
        if written != 1 { throw LogError(.mend, path: path, code: written < 0 ? errno : ENOSPC) }
    }

    /// Whether a line could begin here.
    ///
    /// Unsure means no: an empty line does less harm than a torn one.
    private borrowing func endsWithNewline() -> Bool {
        let end = lseek(descriptor, 0, SEEK_END)
        if end == 0 { return true }
        // It is open for writing only: open the same file once more, whatever its name has become.
        let reader = unsafe Glibc.open("/proc/self/fd/\(descriptor)", O_RDONLY | O_CLOEXEC)
        guard reader >= 0 else { return false }
        defer { close(reader) }
        var last: UInt8 = 0
        // One byte into a variable that lives through the call.
        return unsafe pread(reader, &last, 1, end - 1) == 1 && last == UInt8(ascii: "\n")
    }
}
