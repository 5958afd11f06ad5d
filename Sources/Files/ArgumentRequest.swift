public import Model

/// A process of which only the first of its arguments are known.
public struct ArgumentRequest: Sendable {
    /// Which process.
    public var process: ProcessIdentity
    /// How many programs it had executed: tells this request from one for another program of the process; nil: not known.
    public var execID: UInt32?
    /// What the kernel said of its executable at exec.
    public var stamp: FileStamp
    /// The arguments that are known, each ended by NUL, the last one perhaps cut.
    public var firstBytes: [UInt8]
    /// How many bytes of arguments there are in all.
    public var totalBytes: Int

    /// Makes a request.
    public init(
        process: ProcessIdentity, execID: UInt32?, stamp: FileStamp, firstBytes: [UInt8], totalBytes: Int
    ) {
        self.process = process
        self.execID = execID
        self.stamp = stamp
        self.firstBytes = firstBytes
        self.totalBytes = totalBytes
    }

    /// What one answer is about.
    public var key: ArgumentKey { ArgumentKey(process: process, execID: execID) }
}

/// One run of one program by one process.
public struct ArgumentKey: Hashable, Sendable {
    /// Which process.
    public let process: ProcessIdentity
    /// How many programs it had executed; nil: not known.
    public let execID: UInt32?

    /// Makes a key.
    public init(process: ProcessIdentity, execID: UInt32?) {
        self.process = process
        self.execID = execID
    }
}
