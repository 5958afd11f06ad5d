internal import DequeModule
internal import Glibc
internal import Threads

/// Reads from /proc what the kernel had cut of a process's arguments, on a thread of its own.
///
/// That may wait for as long as the process likes: its memory may be a file of a file system that does not answer. So
/// neither the thread of the events reads it, nor the one that hashes. The thread starts when it is first needed.
public final class ArgumentReader: Sendable {
    /// The arguments of one process, as far as they were asked for; `bytes` nil: they are not to be had.
    public struct Answer: Sendable {
        /// Whose.
        public let key: ArgumentKey
        /// Each ended by NUL.
        public let bytes: [UInt8]?
    }

    private struct State: WorkState {
        var waiting: Deque<ArgumentRequest> = []
        /// Asked for and not answered.
        var open: Set<ArgumentKey> = []
        var finished: [Answer] = []
        /// When the thread began with the process that it reads, nanoseconds of CLOCK_MONOTONIC; nil: with none.
        var busySince: UInt64?
        var isStarted = false
        var isStopped = false
    }

    /// How long a process may keep the thread before nothing more is asked, nanoseconds.
    private static let patience: UInt64 = 1_000_000_000
    private let queue: WorkQueue<State>
    private let search: ArgumentSearch
    private let queueLimit: Int

    /// Makes a reader.
    /// - Parameters:
    ///   - limitBytes: how much of one process's arguments is read.
    ///   - queueLimit: how many processes may wait to be read.
    /// - Throws: `FilesError` when there is no descriptor to be had.
    public convenience init(limitBytes: Int = 32 << 10, queueLimit: Int = 64) throws(FilesError) {
        try self.init(search: ArgumentSearch(limitBytes: limitBytes), queueLimit: queueLimit)
    }

    init(search: ArgumentSearch, queueLimit: Int) throws(FilesError) {
        self.search = search
        self.queueLimit = queueLimit
        queue = try WorkQueue(State())
    }

    deinit { stop() }

    /// Readable when there are answers, until `acknowledge`.
    ///
    /// For epoll; this object closes it.
    public var notificationDescriptor: Int32 { queue.notificationDescriptor }

    /// How many bytes of one process's arguments are read at most.
    public var limitBytes: Int { search.limitBytes }

    /// Asks for the arguments of a process; never waits.
    /// - Returns: whether an answer will come: not when too many wait, a process keeps the thread, or after `stop`.
    public func ask(_ request: ArgumentRequest) -> Bool {
        let now = Self.now()
        let (willCome, isNew) = queue.withLock { state -> (Bool, Bool) in
            if state.open.contains(request.key) { return (true, false) }
            if let since = state.busySince, now &- since > Self.patience { return (false, false) }
            guard !state.isStopped, state.open.count < queueLimit, startThread(&state) else { return (false, false) }
            state.open.insert(request.key)
            state.waiting.append(request)
            return (true, true)
        }
        if isNew { queue.wakeThread() }
        return willCome
    }

    /// The answers that came since the last call.
    ///
    /// Makes `notificationDescriptor` unreadable.
    public func acknowledge() -> [Answer] { queue.acknowledge() }

    /// Ends the thread after the process that it reads; does not wait for it.
    public func stop() { queue.stop() }

    private func startThread(_ state: inout State) -> Bool {
        if state.isStarted { return true }
        let (queue, search) = (queue, search)
        state.isStarted = WorkerThread.start(name: "tattle-args") { Self.run(queue, search) } == 0
        return state.isStarted
    }

    /// The thread's work; holds no reference to the reader, so that this can go.
    private static func run(_ queue: WorkQueue<State>, _ search: ArgumentSearch) {
        while true {
            let now = now()
            let (isStopped, request) = queue.withLock { state -> (Bool, ArgumentRequest?) in
                let next = state.waiting.popFirst()
                state.busySince = next == nil ? nil : now
                return (state.isStopped, next)
            }
            if isStopped { return }
            guard let request else {
                queue.waitForWork()
                continue
            }
            let answer = Answer(key: request.key, bytes: search.find(request))
            queue.withLock { state in
                state.busySince = nil
                state.open.remove(answer.key)
                queue.finish(answer, in: &state)
            }
        }
    }

    private static func now() -> UInt64 {
        var time = timespec()
        // `time` lives through the call; this clock always exists.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
