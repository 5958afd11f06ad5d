package import Delivery
internal import Glibc

/// Appends lines to a file that is its own, or writes them to the standard output.
package actor FileReceiver: Receiver {
    package nonisolated let name: String
    package nonisolated let limits: BatchLimits
    private let executor: QueueExecutor
    /// nil: the standard output.
    private let path: String?
    private let onClosed: @Sendable () -> Void
    private var descriptor: Int32 = -1
    /// Whether the standard output is a terminal, as of the first batch.
    private lazy var isTerminal = isatty(1) == 1

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Makes one; nothing is opened.
    ///
    /// - Parameters:
    ///   - path: nil: the standard output.
    ///   - onClosed: called when nobody reads the standard output any more.
    package init(name: String, path: String?, limits: BatchLimits, onClosed: @escaping @Sendable () -> Void = {}) {
        executor = QueueExecutor("receiver \(name)")
        (self.name, self.path, self.limits, self.onClosed) = (name, path, limits, onClosed)
    }

    package func deliver(_ batch: Batch) async -> DeliveryResult {
        guard let path else { return toStandardOutput(batch) }
        if let outage = open(path) { return .outage(outage) }
        let start = lseek(descriptor, 0, SEEK_END)
        var code = writeAll(batch.content, to: descriptor)
        if code == 0, fdatasync(descriptor) != 0, errno != EINVAL, errno != EROFS { code = errno }
        guard code == 0 else {
            // Half a batch would come twice, half a line would spoil the next one.
            if start >= 0 { ftruncate(descriptor, start) }
            return .outage(Outage(.passing, "cannot write '\(path)': \(writingFailure(code))"))
        }
        return .acknowledged(rejected: [])
    }

    package func close() async {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    private func toStandardOutput(_ batch: Batch) -> DeliveryResult {
        _ = isTerminal
        let start = lseek(1, 0, fcntl(1, F_GETFL) & O_APPEND == 0 ? SEEK_CUR : SEEK_END)
        let code = writePatiently(batch.content, to: 1)
        guard code != 0 else { return .acknowledged(rejected: []) }
        // A terminal that is gone takes nothing any more.
        if code == EPIPE || code == EIO && isTerminal { onClosed() }
        var status = stat()
        // Half a batch in a file would come twice; what others wrote behind it stays. Fills `status`.
        if start >= 0, unsafe fstat(1, &status) == 0, status.st_size == lseek(1, 0, SEEK_CUR), ftruncate(1, start) == 0
        {
            lseek(1, start, SEEK_SET)
        }
        return .outage(Outage(.passing, "cannot write to the standard output: \(writingFailure(code))"))
    }

    /// Opens the file that the path leads to now: whoever rotates it renames it.
    private func open(_ path: String) -> Outage? {
        var (there, held) = (stat(), stat())
        if descriptor >= 0 {
            // Both live through the calls, which only write to them.
            if unsafe stat(path, &there) == 0, unsafe fstat(descriptor, &held) == 0, there.st_ino == held.st_ino,
                there.st_dev == held.st_dev
            {
                return nil
            }
            Glibc.close(descriptor)
        }
        // The path is a NUL-terminated copy that lives through the call.
        descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o640)
        guard descriptor >= 0 else {
            let code = errno
            let isLasting = code == EISDIR || code == ELOOP || code == ENXIO
            return Outage(isLasting ? .lasting : .passing, "cannot open '\(path)': \(writingFailure(code))")
        }
        // Lives through the call, which only writes to it.
        var code = unsafe fstat(descriptor, &held) == 0 ? 0 : errno
        let isPipe = held.st_mode & S_IFMT == S_IFIFO
        if code == 0, !isPipe { code = cutTornLine(of: descriptor) }
        guard isPipe || code != 0 else { return nil }
        Glibc.close(descriptor)
        descriptor = -1
        guard isPipe else { return Outage(.passing, "cannot use '\(path)': \(writingFailure(code))") }
        return Outage(.lasting, "'\(path)' is a pipe, where nothing is kept: let --to - write to it")
    }
}

extension Batch {
    /// The lines, each with its line feed, and nothing between them.
    var content: [UInt8] {
        length == bytes.count ? bytes : lines.flatMap { bytes[$0] + [UInt8(ascii: "\n")] }
    }
}

/// Writes to what somebody reads who may stop reading: ends when the task is cancelled, with ECANCELED.
func writePatiently(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    var done = 0
    while done < bytes.count {
        var question = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // Fills `question`.
        let count = unsafe poll(&question, 1, 200)
        if Task.isCancelled { return ECANCELED }
        guard count > 0 else {
            if count < 0, errno != EINTR { return errno }
            continue
        }
        // A pipe that says it has room has room for so many.
        let end = min(done + 4096, bytes.count)
        let code = writeAll(bytes, done..<end, to: descriptor)
        guard code == 0 else { return code }
        done = end
    }
    return 0
}

/// Writes all of some bytes: 0 or an errno.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    writeAll(bytes, bytes.indices, to: descriptor)
}

/// The same of a part of them.
private func writeAll(_ bytes: [UInt8], _ range: Range<Int>, to descriptor: Int32) -> Int32 {
    var done = range.lowerBound
    while done < range.upperBound {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            // What is left of the range, in a buffer that is valid through the call.
            let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done..<range.upperBound])
            return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return count < 0 ? errno : EIO }
        done += count
    }
    return 0
}
