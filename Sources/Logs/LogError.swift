import Glibc

/// Why a log could not be opened or its writer not be started.
public struct LogError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was attempted.
    public enum Operation: String, Sendable, Hashable {
        /// The file was to be opened or looked at.
        case open = "cannot write to"
        /// A torn last line was to be ended or cut off.
        case mend = "cannot end the torn last line of"
        /// The folder was to be opened, or made, or written to.
        case folder = "cannot write into the folder"
        /// A folder of somebody else was to be read.
        case read = "cannot read the folder"
        /// The folder was to be locked, and another one had it.
        case lock = "another tattle writes into the folder"
        /// The writer's thread or its pipe was to be made.
        case start = "cannot start the writer of"
    }

    /// What was attempted.
    public let operation: Operation
    /// The path as it was given.
    public let path: String
    /// The errno.
    public let code: Int32

    /// Makes an error.
    public init(_ operation: Operation, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// A sentence for the person who gave the path: `cannot write to '/x/y': No such file or directory`.
    public var description: String {
        // The errno would be "Resource temporarily unavailable", which is not what it means.
        if operation == .lock { return "\(operation.rawValue) '\(path)'" }
        // strerror returns a string for every number; since glibc 2.32 it may be called from any thread.
        let meaning = unsafe String(cString: strerror(code))
        return "\(operation.rawValue) '\(path)': \(meaning)"
    }
}
