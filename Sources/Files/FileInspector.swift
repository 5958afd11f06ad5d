internal import DequeModule
public import Model

/// Says what the executables behind processes really are: their hash, and the package that they came with.
///
/// `verdict` never waits; a thread of its own opens, reads and hashes. When verdicts are ready,
/// `notificationDescriptor` becomes readable and `acknowledge` returns them. What could be said for certain is
/// remembered, so one file is read once however many processes run it.
public final class FileInspector: Sendable {
    /// What the thread and its owner share.
    struct State: WorkState {
        /// Keys that the thread has not taken yet.
        var waiting: Deque<FileKey> = []
        /// Who asked, for each key that waits or is being looked at.
        var requests: [FileKey: [FileRequest]] = [:]
        /// Verdicts that nobody has taken yet.
        var finished: [(key: FileKey, verdict: FileVerdict)] = []
        var cache: RecentCache<FileKey, FileVerdict>
        var isStopped = false
    }

    /// At most so many processes are remembered for one key: any of them leads to the file.
    static let requestLimit = 16
    private let queue: WorkQueue<State>
    private let queueLimit: Int

    /// Starts the thread.
    /// - Parameters:
    ///   - hashLimitBytes: longer files are not read.
    ///   - queueLimit: how many files may wait, be looked at and be ready in all.
    ///   - cacheLimit: how many verdicts are remembered at most.
    ///   - packages: dpkg's database; nil: packages are not spoken of.
    /// - Throws: `FilesError` when there is no descriptor or no thread to be had.
    public init(
        hashLimitBytes: UInt64 = 256 << 20, queueLimit: Int = 1024, cacheLimit: Int = 4096, packages: PackageDatabase?
    ) throws(FilesError) {
        self.queueLimit = max(1, queueLimit)
        queue = try WorkQueue(State(cache: RecentCache(limit: cacheLimit)))
        let worker = FileWorker(
            queue: queue, reader: FileReader(limitBytes: hashLimitBytes), packages: packages, contentLimit: cacheLimit)
        let code = worker.start()
        if code != 0 { throw FilesError(.start, code: code) }
    }

    deinit { stop() }

    /// Readable when verdicts are ready, until `acknowledge`.
    ///
    /// For epoll; this object closes it.
    public var notificationDescriptor: Int32 { queue.notificationDescriptor }

    /// Answers from what is remembered, or asks the thread; never waits.
    ///
    /// Requests with one key share one answer. With too much waiting already, and after `stop`, the answer is
    /// `busy`.
    /// - Returns: nil when the verdict is to come, by `acknowledge`.
    public func verdict(for request: FileRequest) -> FileVerdict? {
        let key = request.key
        let (verdict, isNew) = queue.withLock { state -> (FileVerdict?, Bool) in
            if let verdict = state.cache.value(for: key) { return (verdict, false) }
            if state.isStopped { return (FileVerdict(failure: .busy), false) }
            if let others = state.requests[key] {
                if others.count < Self.requestLimit, !others.contains(where: { $0.pid == request.pid }) {
                    state.requests[key]?.append(request)
                }
                return (nil, false)
            }
            guard state.requests.count + state.finished.count < queueLimit else {
                return (FileVerdict(failure: .busy), false)
            }
            state.requests[key] = [request]
            state.waiting.append(key)
            return (nil, true)
        }
        if isNew { queue.wakeThread() }
        return verdict
    }

    /// The verdicts that became ready since the last call, each with the `key` of its requests.
    ///
    /// Makes `notificationDescriptor` unreadable.
    public func acknowledge() -> [(key: FileKey, verdict: FileVerdict)] { queue.acknowledge() }

    /// Ends the thread at its next block; does not wait for it, as a file system may hold it.
    ///
    /// What was asked for is not answered any more. May be called more than once.
    public func stop() { queue.stop() }
}
