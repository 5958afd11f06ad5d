internal import Synchronization

/// The end of a delivery: what only waits is cancelled at once, what is in flight when its time is over.
public final class Halt: Sendable {
    private struct State {
        var isStopping = false
        var isOver = false
        var waiting: [Int: @Sendable () -> Void] = [:]
        var inFlight: [Int: @Sendable () -> Void] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// Nobody has asked to stop.
    public init() {}

    /// Whether it is to stop.
    public var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Nothing is begun any more; what only waits ends.
    public func stop() {
        let waiting = state.withLock { state in
            state.isStopping = true
            return Array(state.waiting.values)
        }
        for cancel in waiting { cancel() }
    }

    /// Its time is over: what is in flight ends too.
    public func end() {
        stop()
        let inFlight = state.withLock { state in
            state.isOver = true
            return Array(state.inFlight.values)
        }
        for cancel in inFlight { cancel() }
    }

    /// What a task comes to, which ``stop()`` cancels.
    func waiting<Value: Sendable>(for task: Task<Value, Never>) async -> Value {
        let (number, isStopping) = state.withLock { state in
            state.next += 1
            state.waiting[state.next] = { task.cancel() }
            return (state.next, state.isStopping)
        }
        if isStopping { task.cancel() }
        defer { state.withLock { $0.waiting[number] = nil } }
        return await task.value
    }

    /// What a task comes to, which ``end()`` cancels.
    func inFlight<Value: Sendable>(_ task: Task<Value, Never>) async -> Value {
        let (number, isOver) = state.withLock { state in
            state.next += 1
            state.inFlight[state.next] = { task.cancel() }
            return (state.next, state.isOver)
        }
        if isOver { task.cancel() }
        defer { state.withLock { $0.inFlight[number] = nil } }
        return await task.value
    }
}
