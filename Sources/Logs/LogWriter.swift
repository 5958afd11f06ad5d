public import Bytes
internal import Glibc

/// Writes whole lines to a file, a pipe or a terminal from a thread of its own.
///
/// `append` never waits for the thread, a reader or a lock of the log's folder. What was not yet written is the backlog;
/// when it is over the limit, stop appending until `notificationDescriptor` becomes readable. A sink that failed stays
/// failed: what is appended later is counted and dropped.
///
/// A line that comes by itself for a regular file is written by `append` itself, where nothing waits before it: two
/// threads that wake each other cost more than the write, which only copies. When that takes long once, because the disk
/// is slow or too much is dirty, it is the thread's again for a while.
///
/// A reader who leaves is a failure with EPIPE. SIGPIPE is blocked in the thread, so that it ends nothing.
public final class LogWriter: Sendable {
    /// What the thread and its owner share.
    struct State {
        /// Whole lines that wait.
        ///
        /// Whoever writes takes all of them at once and leaves an empty batch.
        var incoming = Batch()
        /// Memory for more.
        var spare = SparePieces()
        /// Whether somebody has the sink, and writes.
        var isBusy = false
        /// Who writes on the appending thread, as long as the sink lives.
        var lineWriter: (any LineWriter)?
        /// Whether the sink takes lines at once, so that they need not go through the thread.
        var isReady = false
        /// When that is so again after a write that took long, nanoseconds of CLOCK_MONOTONIC; 0: now.
        var directAfter: UInt64 = 0
        /// Bytes that were appended and not yet written.
        var backlog = 0
        /// Whether the backlog went over the limit, and nobody was told yet that it fell.
        var wasOverLimit = false
        var failure: Int32?
        /// Why a folder cannot be written to at the moment, an errno; nil: it can.
        var trouble: Int32?
        /// How often that was so.
        var troubleCount: UInt64 = 0
        var archiveFailure: ArchiveFailure?
        /// Whether the thread waits for `replacement`.
        var isFileNeeded = false
        /// A file in the place of one that cannot be written any more.
        var replacement: (start: FileStart, head: [UInt8])?
        /// Lines of all such files' heads so far.
        var replacementLines: UInt64 = 0
        /// When to give up, nanoseconds of CLOCK_MONOTONIC; nil: not yet to end.
        var deadline: UInt64?
        var isFinished = false
        var statistics = LogStatistics()

        /// Whether the thread has something to do.
        var isWorkThere: Bool { isFinished || !isBusy && (!incoming.isEmpty || deadline != nil) }
    }

    /// More at once goes through the thread, so that whoever appends can go on meanwhile, bytes.
    private static let directBytes = 32 << 10

    /// The path as it was given.
    public let path: String
    /// Backlog in bytes at which `isOverLimit` begins to hold.
    public let limit: Int
    let state: Monitor<State>
    private let notification: Notification
    /// Starts the thread.
    /// - Parameters:
    ///   - file: where to; closed when the thread has ended.
    ///   - limit: backlog in bytes that is too much.
    /// - Throws: `LogError` when there is no pipe or no thread to be had.
    public convenience init(file: consuming LogFile, limit: Int = 64 << 20) throws(LogError) {
        try self.init(file: file, limit: limit, calls: SinkCalls())
    }

    convenience init(file: consuming LogFile, limit: Int, calls: SinkCalls) throws(LogError) {
        try self.init(path: file.path, limit: limit)
        try start(Sink(file, calls: calls))
    }

    /// Makes what the thread and its owner share; ``start(_:)`` comes next.
    init(path: String, limit: Int) throws(LogError) {
        self.path = path
        self.limit = max(limit, 1)
        guard let notification = Notification() else { throw LogError(.start, path: path, code: errno) }
        self.notification = notification
        state = Monitor(State())
    }

    /// Starts the thread.
    func start<Output: Destination & ~Copyable>(_ output: consuming Output) throws(LogError) {
        let worker = LogWorker(sink: output, state: state, notification: notification, limit: limit)
        state.withLock { $0.lineWriter = worker }
        let code = worker.start()
        guard code != 0 else { return }
        // Nobody will end what was not begun.
        state.withLock {
            $0.lineWriter = nil
            $0.isFinished = true
        }
        throw LogError(.start, path: path, code: code)
    }

    /// What the thread of a folder tells and asks through.
    var link: FolderLink { FolderLink(state: state, notification: notification) }

    deinit {
        finish(within: .zero)
    }

    /// Takes whole lines, and leaves empty memory in their place; never waits.
    ///
    /// Mostly it is other memory: they are written from where they are. They are taken even over the limit: the caller is
    /// to stop, not to lose some.
    /// - Returns: whether more may come now.
    @discardableResult
    public func append(_ lines: inout ByteMemory) -> Bool {
        let (isForThread, writer, mayContinue) = state.withLock { state -> (Bool, (any LineWriter)?, Bool) in
            let count = lines.count
            guard state.failure == nil, state.deadline == nil else {
                state.statistics.bytesNotWritten += UInt64(count)
                state.statistics.linesNotWritten += UInt64(lines.withBytes(newlines))
                lines.removeAll()
                return (false, nil, false)
            }
            let wasIdle = state.incoming.isEmpty
            state.incoming.take(&lines, &state.spare)
            state.backlog += count
            if state.backlog >= limit { state.wasOverLimit = true }
            guard wasIdle, count <= Self.directBytes, Self.isDirect(&state), let writer = state.lineWriter else {
                return (wasIdle, nil, state.backlog < limit)
            }
            writer.take(&state)
            return (false, writer, state.backlog < limit)
        }
        if isForThread { state.signal() }
        writer?.writeTaken()
        return mayContinue
    }

    /// Whether what comes now may be written at once.
    private static func isDirect(_ state: inout State) -> Bool {
        guard state.isReady, !state.isBusy else { return false }
        if state.directAfter == 0 { return true }
        guard state.directAfter <= monotonicNanoseconds() else { return false }
        state.directAfter = 0
        return true
    }

    /// Bytes that were appended and not yet written.
    public var backlogBytes: Int { state.withLock { $0.backlog } }

    /// Whether the backlog is at its limit: stop appending until it is below half of it.
    public var isOverLimit: Bool { state.withLock { $0.backlog >= limit } }

    /// ``failure`` and ``isOverLimit`` at once.
    public var condition: (failure: Int32?, isOverLimit: Bool) {
        state.withLock { ($0.failure, $0.backlog >= limit) }
    }

    /// The errno with which the sink failed; EPIPE: whoever read it has gone.
    ///
    /// Nil: it works.
    public var failure: Int32? { state.withLock { $0.failure } }

    /// What was written so far, and what was not.
    public var statistics: LogStatistics { state.withLock { $0.statistics } }

    /// Readable when the backlog fell below half of the limit after it had been over it, and when the sink failed.
    ///
    /// For epoll; this object closes it.
    public var notificationDescriptor: Int32 { notification.descriptor }

    /// Makes `notificationDescriptor` unreadable again; then look at `failure` and `isOverLimit`.
    public func acknowledge() { notification.acknowledge() }

    /// Writes what is left and ends the thread; waits for it at most so long.
    ///
    /// What was not written then is counted. May be called more than once.
    /// - Returns: what was written in all, and what was not.
    @discardableResult
    public func finish(within time: Duration) -> LogStatistics {
        let (seconds, attoseconds) = max(time, .zero).components
        let nanoseconds = UInt64(clamping: min(seconds, 1 << 32)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        let deadline = monotonicNanoseconds() + nanoseconds
        state.withLock { if $0.deadline == nil { $0.deadline = deadline } }
        state.signal()
        // The thread looks at the deadline itself. It is left behind only where the kernel holds it.
        if state.wait(until: { $0.isFinished }, deadline: deadline + 1_000_000_000) { return statistics }
        return state.withLock { state in
            var statistics = state.statistics
            statistics.bytesNotWritten += UInt64(state.backlog)
            return statistics
        }
    }
}
