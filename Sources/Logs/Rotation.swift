/// When a log's file is ended and the next one begun.
public struct RotationPolicy: Sendable, Hashable {
    /// The length at which a file is ended, bytes; nil: however long.
    ///
    /// The line that reaches it is its last.
    public var bytes: Int?
    /// The age at which a file is ended, nanoseconds; nil: however old.
    public var nanoseconds: UInt64?

    /// Makes a policy; by default neither.
    public init(bytes: Int? = nil, nanoseconds: UInt64? = nil) {
        self.bytes = bytes
        self.nanoseconds = nanoseconds
    }
}

/// How far the file that is being written has come.
public struct Rotation: Sendable {
    private let policy: RotationPolicy
    private var bytes = 0
    private var headBytes = 0
    private var begun: UInt64 = 0

    /// Begins with no file.
    public init(_ policy: RotationPolicy) { self.policy = policy }

    /// A file was begun, with so many bytes in it.
    /// - Parameter now: nanoseconds of a clock that nobody sets.
    public mutating func begin(headBytes: Int, now: UInt64) {
        bytes = headBytes
        self.headBytes = headBytes
        begun = now
    }

    /// Lines were written to it.
    public mutating func add(bytes count: Int) { bytes += count }

    /// How many bytes may still come before it is full; 0 or less: none.
    public var bytesLeft: Int { policy.bytes.map { $0 - bytes } ?? .max }

    /// Whether it is as long as it may be, and is more than its head.
    public var isFull: Bool { bytesLeft <= 0 && bytes > headBytes }

    /// When it will be too old; nil: never, or not before something is in it.
    public var deadline: UInt64? {
        guard bytes > headBytes, let age = policy.nanoseconds else { return nil }
        let (deadline, isNever) = begun.addingReportingOverflow(age)
        return isNever ? nil : deadline
    }

    /// Whether it is too old.
    public func isOld(now: UInt64) -> Bool { deadline.map { $0 <= now } ?? false }
}
