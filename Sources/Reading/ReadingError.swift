internal import Glibc

/// Why a log could not be read.
public struct ReadingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Reason: Hashable, Sendable {
        /// A system call failed with this errno.
        case system(code: Int32)
        /// What was compressed is damaged, or cut off.
        case compression(String)
        /// A folder has none of tattle's files.
        case empty
        /// A file that is followed has less in it than was read: it was cut in place.
        case cut
    }

    /// The file or folder.
    public let path: String
    /// What went wrong.
    public let reason: Reason

    /// Makes an error.
    public init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }

    /// What could not be done and why, in words.
    public var description: String {
        switch reason {
        case .system(let code):
            // strerror's text is valid until the next call on this thread.
            "cannot read '\(path)': \(unsafe String(cString: strerror(code)))"
        case .compression(let problem): "cannot read '\(path)' to its end: \(problem)"
        case .empty: "no log of tattle's in the folder '\(path)'"
        case .cut: "'\(path)' was cut in place: what was not read yet is gone, and it goes on at the beginning"
        }
    }
}
