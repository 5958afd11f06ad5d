internal import Glibc

/// Why executables can't be looked at.
public struct FilesError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was attempted.
    public enum Operation: String, Sendable, Hashable {
        /// A descriptor for notifications was to be made.
        case notify = "cannot make an eventfd to tell of executables"
        /// The thread was to be started.
        case start = "cannot start the thread that reads executables"
    }

    /// What was attempted.
    public let operation: Operation
    /// The errno.
    public let code: Int32

    /// Makes an error.
    public init(_ operation: Operation, code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// A sentence: `cannot start the thread that reads executables: Resource temporarily unavailable`.
    public var description: String {
        // strerror returns a string for every number; since glibc 2.32 it may be called from any thread.
        let meaning = unsafe String(cString: strerror(code))
        return "\(operation.rawValue): \(meaning)"
    }
}
