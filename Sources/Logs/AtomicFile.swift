internal import Glibc

/// A small file that is replaced as a whole: whoever reads it sees one version or the next, never a part.
///
/// Each is written under a name that begins with a dot, and renamed. Nothing is synchronized: it is for what may be
/// written again at any time.
public struct AtomicFile: Sendable {
    /// The path as it was given.
    public let path: String
    private let temporary: String

    /// Names a file, which need not be there.
    public init(_ path: String) {
        self.path = path
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        temporary = (parts.dropLast() + [".\(parts.last ?? "").tmp"]).joined(separator: "/")
    }

    /// Replaces the content.
    /// - Returns: 0 or an errno; then the content is what it was.
    public func replace(_ bytes: [UInt8]) -> Int32 {
        var code = write(bytes)
        // Both paths are NUL-terminated copies that live through the calls.
        if code == 0, unsafe rename(temporary, path) != 0 { code = errno }
        if code != 0 { unsafe unlink(temporary) }
        return code
    }

    /// Whether it could be replaced now, without doing it.
    /// - Returns: 0 or an errno.
    func probe() -> Int32 {
        let code = write([])
        // The path is a NUL-terminated copy that lives through the call.
        if code == 0 { unsafe unlink(temporary) }
        return code == 0 && LogFolder.isFolder(path) ? EISDIR : code
    }

    /// Writes the temporary file, which everybody may read, as far as the umask lets them.
    private func write(_ bytes: [UInt8]) -> Int32 {
        // Something may have been left there. The path is a NUL-terminated copy that lives through the calls.
        unsafe unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
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
