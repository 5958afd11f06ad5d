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
        var code = open(path)
        guard code == 0 else { return outage("cannot open", path, code) }
        let start = lseek(descriptor, 0, SEEK_END)
        code = writeAll(batch.content, to: descriptor)
        if code == 0, fdatasync(descriptor) != 0, errno != EINVAL, errno != EROFS { code = errno }
        guard code == 0 else {
            // Half a batch would come twice, half a line would spoil the next one.
            if start >= 0 { ftruncate(descriptor, start) }
            return outage("cannot write", path, code)
        }
        return .acknowledged(rejected: [])
    }

    package func close() async {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    private func toStandardOutput(_ batch: Batch) -> DeliveryResult {
        let code = writePatiently(batch.content, to: 1)
        guard code != 0 else { return .acknowledged(rejected: []) }
        onClosed()
        return outage("cannot write to", "the standard output", code)
    }

    private func outage(_ what: String, _ path: String, _ code: Int32) -> DeliveryResult {
        // strerror's text is valid until the next call on this thread.
        let meaning = unsafe String(cString: strerror(code))
        let advice =
            switch code {
            case ENOSPC, EDQUOT: ": make room"
            case EACCES, EPERM: ": let tattle-ship's user write there"
            case ENOENT: ": make its folder"
            default: ""
            }
        return .outage(Outage(.passing, "\(what) '\(path)': \(meaning)\(advice)"))
    }

    /// Opens the file that the path leads to now: whoever rotates it renames it.
    private func open(_ path: String) -> Int32 {
        if descriptor >= 0 {
            var (there, held) = (stat(), stat())
            // Both live through the calls, which only write to them.
            if unsafe stat(path, &there) == 0, unsafe fstat(descriptor, &held) == 0, there.st_ino == held.st_ino,
                there.st_dev == held.st_dev
            {
                return 0
            }
            Glibc.close(descriptor)
        }
        // The path is a NUL-terminated copy that lives through the call.
        descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { return errno }
        return cutTornLine()
    }

    /// Takes away what a kill in the midst of a write left behind the last whole line: it comes again.
    private func cutTornLine() -> Int32 {
        var status = stat()
        // Lives through the call, which only writes to it.
        guard unsafe fstat(descriptor, &status) == 0 else { return errno }
        // A device or a pipe has no end to look at.
        guard status.st_mode & S_IFMT == S_IFREG else { return 0 }
        var end = status.st_size
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while end > 0 {
            let start = max(end - off_t(piece.count), 0)
            let length = Int(end - start)
            // Writes at most `length` bytes, for which there is room.
            let count = unsafe piece.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, length, start) }
            guard count == length else { return count < 0 ? errno : EIO }
            if let newline = piece[..<count].lastIndex(of: UInt8(ascii: "\n")) {
                end = start + off_t(newline) + 1
                break
            }
            end = start
        }
        guard end < status.st_size else { return 0 }
        return ftruncate(descriptor, end) == 0 ? 0 : errno
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
