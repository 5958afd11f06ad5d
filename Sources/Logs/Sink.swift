internal import Bytes
import Glibc

/// The system calls of the writer, so that a test can make every one of them fail.
struct SinkCalls: Sendable {
    /// write(2): how many bytes were taken, or −errno.
    var write: @Sendable (_ descriptor: Int32, _ bytes: Span<UInt8>) -> Int = { descriptor, bytes in
        unsafe bytes.withUnsafeBytes { buffer in
            // The buffer is valid through the call.
            let count = unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            return count < 0 ? -Int(errno) : count
        }
    }
    /// poll(2) for writing, at most so many milliseconds: whether to try now.
    var waitUntilWritable: @Sendable (_ descriptor: Int32, _ milliseconds: Int32) -> Bool = {
        descriptor, milliseconds in
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // One entry that lives through the call. An error is for write to tell.
        return unsafe poll(&entry, 1, milliseconds) > 0
    }
    /// ftruncate(2) to `size`, provided the file still ends where our writing ended.
    var cutBack: @Sendable (_ descriptor: Int32, _ bytes: Int) -> Bool = { descriptor, bytes in
        let end = lseek(descriptor, 0, SEEK_CUR)
        var status = stat()
        // `status` lives through the call, which only writes to it.
        guard unsafe fstat(descriptor, &status) == 0, status.st_size == end, end >= bytes else { return false }
        return ftruncate(descriptor, end - off_t(bytes)) == 0
    }
}

/// Writes bytes completely, knows where the last whole line ended, and stops at the first failure.
struct Sink: ~Copyable, Destination {
    private let file: LogFile
    private let calls: SinkCalls
    /// Whether a write could wait for a reader that does not come: then poll first, and write little.
    private let mayBlock: Bool
    /// What is in the file.
    private(set) var statistics = LogStatistics()
    /// Bytes after the last newline.
    private var tornBytes = 0

    /// A pipe that is writable takes this much without waiting (PIPE_BUF).
    private static let smallPiece = 4096
    /// One call's worth for a file, so that the backlog is seen to fall.
    private static let largePiece = 1 << 20
    /// How often a sink that takes nothing is asked, and the deadline looked at, milliseconds.
    private static let patience: Int32 = 50

    /// Takes over `file`.
    init(_ file: consuming LogFile, calls: SinkCalls) {
        mayBlock = !file.isRegular && fcntl(file.descriptor, F_GETFL) & O_NONBLOCK == 0
        self.calls = calls
        self.file = file
    }

    var isReady: Bool { file.isRegular }

    mutating func write(_ batch: Batch, progress: (Int, LogStatistics) -> Void, isOver: () -> Bool) -> Stop? {
        for (index, piece) in batch.pieces.enumerated() {
            if index > 0, isOver() { return .isOver }
            let stop = piece.bytes.withBytes { write($0, progress: progress, isOver: isOver) }
            if let stop { return stop }
        }
        return nil
    }

    private mutating func write(
        _ bytes: Span<UInt8>, progress: (Int, LogStatistics) -> Void, isOver: () -> Bool
    ) -> Stop? {
        var done = 0
        while done < bytes.count {
            if mayBlock, !calls.waitUntilWritable(file.descriptor, Self.patience) {
                if isOver() { return .isOver }
                continue
            }
            let rest = bytes.extracting(droppingFirst: done)
            let result = calls.write(
                file.descriptor, rest.extracting(first: mayBlock ? Self.smallPiece : Self.largePiece))
            switch Int32(clamping: -result) {
            case EINTR:
                continue
            case EAGAIN:
                if !calls.waitUntilWritable(file.descriptor, Self.patience), isOver() { return .isOver }
            case 1...:
                return .failure(Int32(clamping: -result))
            case 0:
                // Nothing taken and no error: a device that is at its end.
                return .failure(EIO)
            default:
                account(rest.extracting(first: result))
                done += result
                progress(result, statistics)
                if done < bytes.count, isOver() { return .isOver }
            }
        }
        return nil
    }

    mutating func close() {
        guard tornBytes > 0, file.isRegular, calls.cutBack(file.descriptor, tornBytes) else { return }
        statistics.bytesWritten -= UInt64(tornBytes)
        tornBytes = 0
    }

    private mutating func account(_ bytes: Span<UInt8>) {
        statistics.bytesWritten += UInt64(bytes.count)
        statistics.linesWritten += UInt64(newlines(bytes))
        let whole = wholeLines(bytes)
        tornBytes = whole > 0 ? bytes.count - whole : tornBytes + bytes.count
    }
}

/// How many newlines there are.
///
/// By memchr(3): with a loop over each byte this was the function that a flood spent most of its time in.
func newlines(_ bytes: Span<UInt8>) -> Int {
    unsafe bytes.withUnsafeBytes { buffer in
        var rest = unsafe buffer
        var count = 0
        // Reads `rest.count` bytes; a hit lies within them.
        while let start = rest.baseAddress, let hit = unsafe memchr(start, 0x0a, rest.count) {
            count += 1
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[(UnsafeRawPointer(hit) - start + 1)...])
        }
        return count
    }
}

/// How many bytes, from the beginning, are whole lines.
func wholeLines(_ bytes: Span<UInt8>) -> Int {
    var end = bytes.count
    while end > 0, bytes[end - 1] != UInt8(ascii: "\n") { end -= 1 }
    return end
}
