internal import Glibc
internal import Logs

/// Why the log cannot be read now; it is tried again.
public struct FollowingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The folder or the file.
    public let path: String
    /// The errno.
    public let code: Int32

    /// Makes an error.
    public init(path: String, code: Int32) { (self.path, self.code) = (path, code) }

    init(_ error: LogError) { self.init(path: error.path, code: error.code) }

    /// One line: what cannot be read and what to do.
    public var description: String {
        // strerror's text is valid until the next call on this thread.
        let meaning = unsafe String(cString: strerror(code))
        let advice =
            switch code {
            case EACCES: ": let tattle-ship's user be in the group that owns it (docs/SHIP.md)"
            case ENOENT: ": does tattle write there?"
            default: ""
            }
        return "cannot read '\(path)': \(meaning)\(advice)"
    }
}
