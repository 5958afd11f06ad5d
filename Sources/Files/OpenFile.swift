internal import CLinux
internal import Glibc

/// The errno of a call that failed.
struct CallError: Error, Hashable {
    let code: Int32
}

/// A descriptor that is closed when nobody needs it any more; one system call behind each method.
final class OpenFile: Sendable {
    private let descriptor: Int32

    /// Flag O_PATH: the file is only to be looked at.
    static let place = tattle_open_place

    /// Opens a path, close-on-exec, and never waits for the other end of a FIFO.
    ///
    /// The corresponding C function is `open`.
    init(_ path: [UInt8], flags: Int32) throws(CallError) {
        guard !path.contains(0) else { throw CallError(code: EINVAL) }
        // NUL-terminated, and valid through the call.
        descriptor = unsafe (path + [0]).withUnsafeBytes { bytes in
            unsafe open(bytes.baseAddress!.assumingMemoryBound(to: CChar.self), flags | O_CLOEXEC | O_NONBLOCK)
        }
        if descriptor < 0 { throw CallError(code: errno) }
    }

    convenience init(_ path: String, flags: Int32) throws(CallError) {
        try self.init(Array(path.utf8), flags: flags)
    }

    deinit { close(descriptor) }

    /// Opens the same file for reading: for one that was opened with `place`.
    func reopened() throws(CallError) -> OpenFile {
        try OpenFile("/proc/thread-self/fd/\(descriptor)", flags: O_RDONLY)
    }

    /// The corresponding C function is `fstat`.
    func status() throws(CallError) -> stat {
        var status = stat()
        // `status` lives through the call.
        guard unsafe fstat(descriptor, &status) == 0 else { throw CallError(code: errno) }
        return status
    }

    /// Reads into the buffer from an index on, up to its length; 0 at the end.
    ///
    /// The corresponding C function is `read`.
    func read(into buffer: inout [UInt8], from start: Int = 0) throws(CallError) -> Int {
        precondition(start < buffer.count)
        while true {
            // The kernel writes at most what is left of the buffer.
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(descriptor, bytes.baseAddress! + start, bytes.count - start)
            }
            if count >= 0 { return count }
            if errno != EINTR { throw CallError(code: errno) }
        }
    }

    /// How many bytes there are from an offset on, at most `limit`.
    ///
    /// The corresponding C function is `pread`.
    func length(from offset: Int, upTo limit: Int) throws(CallError) -> Int {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            // The kernel writes at most the length of the buffer.
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe pread(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
            }
            if count >= 0 { return count }
            if errno != EINTR { throw CallError(code: errno) }
        }
    }

    /// Everything from here to the end.
    func contents() throws(CallError) -> [UInt8] {
        // Files in /proc say that they are empty.
        var bytes = [UInt8](repeating: 0, count: max(4096, Int(clamping: try status().st_size) + 1))
        var count = 0
        while true {
            let got = try read(into: &bytes, from: count)
            if got == 0 { break }
            count += got
            if count == bytes.count { bytes += [UInt8](repeating: 0, count: count) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Says that it will be read once, from the front.
    ///
    /// The corresponding C function is `posix_fadvise`.
    func willBeReadOnce() {
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    /// Whether somebody else has locked the file from `fcntl`, as dpkg does.
    ///
    /// The corresponding C function is `fcntl` with F_GETLK.
    func isLocked() -> Bool {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        // `lock` lives through the call.
        return unsafe fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
    }
}
