internal import DequeModule
internal import Synchronization

/// What there is to do for a thread, and what it has done.
protocol WorkState: Sendable {
    associatedtype Request: Sendable
    associatedtype Answer: Sendable

    /// What the thread has not taken yet.
    var waiting: Deque<Request> { get set }
    /// Answers that nobody has taken yet.
    var finished: [Answer] { get set }
    /// Whether the thread is to end.
    var isStopped: Bool { get set }
}

/// What a thread and its owner share, and how they wake each other.
final class WorkQueue<State: WorkState>: Sendable {
    private let state: Mutex<State>
    private let wake: EventDescriptor
    private let notification: EventDescriptor

    /// Makes one; no thread runs yet.
    /// - Throws: `FilesError` when there is no descriptor to be had.
    init(_ state: State) throws(FilesError) {
        self.state = Mutex(state)
        wake = try EventDescriptor(isWaiting: true)
        notification = try EventDescriptor(isWaiting: false)
    }

    /// Readable when there are answers, until `acknowledge`.
    var notificationDescriptor: Int32 { notification.descriptor }

    /// Calls `body` with the state, alone; `body` must not wait.
    func withLock<Result: Sendable>(_ body: (inout sending State) -> sending Result) -> sending Result {
        state.withLock(body)
    }

    /// Wakes the thread: something is in `waiting`.
    func wakeThread() { wake.post() }

    /// For the thread: waits until it is woken.
    func waitForWork() { wake.clear() }

    /// For the thread, under the lock: gives an answer.
    func finish(_ answer: State.Answer, in state: inout State) {
        state.finished.append(answer)
        // Under the lock, as it is cleared: never readable with nothing to take.
        notification.post()
    }

    /// The answers that came since the last call; makes `notificationDescriptor` unreadable.
    func acknowledge() -> [State.Answer] {
        state.withLock { state in
            notification.clear()
            defer { state.finished = [] }
            return state.finished
        }
    }

    /// Tells the thread to end, and forgets what waits.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.waiting = []
        }
        wake.post()
    }
}
