import Glibc
internal import Threads

/// A small file that is replaced as a whole, again and again, from a thread of its own.
///
/// Whoever reads it sees one version or the next, never a part: each is written under a name that begins with a dot, and
/// renamed.
public final class ReplacedFile: Sendable {
    private struct State {
        /// What is to be written; nil: nothing new.
        var next: [UInt8]?
        var failure: Int32?
        var isEnding = false
        var isFinished = false
    }

    /// The path as it was given.
    public let path: String
    private let temporary: String
    private let state = Monitor(State())

    /// Starts the thread.
    /// - Throws: `LogError` when no file can be made there, or there is no thread to be had.
    public init(path: String) throws(LogError) {
        self.path = path
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        temporary = (parts.dropLast() + [".\(parts.last ?? "").tmp"]).joined(separator: "/")
        // Better now than when nobody looks any more.
        let code = Self.write([], to: temporary)
        // The path is a NUL-terminated copy that lives through the call.
        if code == 0 { unsafe unlink(temporary) }
        guard code == 0, !LogFolder.isFolder(path) else {
            throw LogError(.open, path: path, code: code == 0 ? EISDIR : code)
        }
        let started = WorkerThread.start(name: "tattle-metrics") { self.run() }
        if started != 0 { throw LogError(.start, path: path, code: started) }
    }

    /// Replaces the content, soon; never waits.
    ///
    /// What was not written yet is not written at all.
    public func replace(_ bytes: [UInt8]) {
        state.withLock { $0.next = bytes }
        state.signal()
    }

    /// The errno with which the last attempt failed; nil: it did not.
    public var failure: Int32? { state.withLock { $0.failure } }

    /// Writes what is left and ends the thread; waits for it at most so long.
    ///
    /// What is replaced later is not written.
    public func finish(within time: Duration) {
        let (seconds, attoseconds) = max(time, .zero).components
        let nanoseconds = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        state.withLock { $0.isEnding = true }
        state.signal()
        _ = state.wait(until: { $0.isFinished }, deadline: monotonicNanoseconds() + nanoseconds)
    }

    private func run() {
        while true {
            let bytes = state.wait(until: { $0.next != nil || $0.isEnding }) { state in
                defer { state.next = nil }
                return state.next
            }
            guard let bytes else { break }
            var code = Self.write(bytes, to: temporary)
            // Both paths are NUL-terminated copies that live through the calls.
            if code == 0, unsafe rename(temporary, path) != 0 { code = errno }
            if code != 0 { unsafe unlink(temporary) }
            state.withLock { $0.failure = code == 0 ? nil : code }
        }
        state.withLock { $0.isFinished = true }
        state.signal()
    }

    /// Writes a new file that everybody may read, as far as the umask lets them.
    /// - Returns: 0 or an errno.
    private static func write(_ bytes: [UInt8], to path: String) -> Int32 {
        // Something may have been left there. The path is a NUL-terminated copy that lives through the calls.
        unsafe unlink(path)
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let result = SinkCalls().write(descriptor, bytes.span.extracting(droppingFirst: done))
            if result > 0 {
                done += result
            } else if result != -Int(EINTR) {
                return result == 0 ? EIO : Int32(clamping: -result)
            }
        }
        return 0
    }
}
