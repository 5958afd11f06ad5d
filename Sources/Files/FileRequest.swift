public import Model

/// A process, and the executable that is to be looked at.
public struct FileRequest: Sendable {
    /// Thread group id in the namespace of tattle's /proc.
    public var pid: UInt32
    /// The process's start, nanoseconds of CLOCK_BOOTTIME; 0: not known.
    public var startBootNanoseconds: UInt64
    /// Real path in the process's mount namespace; only used when it begins with `/`.
    public var path: [UInt8]
    /// What the kernel said of the file at exec.
    public var stamp: FileStamp
    /// Whether the process is in tattle's own mount namespace.
    ///
    /// In another one, dpkg's database is only asked when `path` leads to the very file here too.
    public var isInHostMountNamespace: Bool

    /// Makes a request.
    public init(
        pid: UInt32, startBootNanoseconds: UInt64, path: [UInt8], stamp: FileStamp, isInHostMountNamespace: Bool
    ) {
        self.pid = pid
        self.startBootNanoseconds = startBootNanoseconds
        self.path = path
        self.stamp = stamp
        self.isInHostMountNamespace = isInHostMountNamespace
    }

    /// What one verdict is about: requests with the same key get the same one.
    public var key: FileKey { FileKey(self) }
}

/// What one verdict is about: a file by its stamp and path, or, where the stamp is not known, a process.
///
/// The path belongs to it because a package does: two links to one file have the same stamp.
public struct FileKey: Hashable, Sendable {
    /// What the kernel said of the file.
    public let stamp: FileStamp
    /// The path of the requests.
    public let path: [UInt8]
    /// Whether the path is one of tattle's own mount namespace.
    public let isInHostMountNamespace: Bool
    private let pid: UInt32
    private let startBootNanoseconds: UInt64

    init(_ request: FileRequest) {
        let isComplete = request.stamp.isComplete
        stamp = request.stamp
        path = request.path
        isInHostMountNamespace = request.isInHostMountNamespace
        pid = isComplete ? 0 : request.pid
        startBootNanoseconds = isComplete ? 0 : request.startBootNanoseconds
    }
}
