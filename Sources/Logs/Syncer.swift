import Glibc
internal import Threads

/// Synchronizes the file that is being written from time to time, on a thread of its own.
///
/// fdatasync(2) takes as long as the disk needs for what was written meanwhile; the writer goes on.
final class Syncer: Sendable {
    private struct State {
        /// Our own descriptor of the file that is being written; -1: none.
        var current: Int32 = -1
        /// Of files that were ended: to be synchronized and closed.
        var ended: [Int32] = []
        var isStopped = false
        var isFinished = false
    }

    private let state = Monitor(State())
    private let calls: FolderCalls
    private let interval: UInt64
    private let report: @Sendable (Int32) -> Void

    /// Starts the thread.
    /// - Parameters:
    ///   - interval: how often, nanoseconds.
    ///   - report: told an errno when it failed.
    /// - Returns: nil when there is no thread to be had.
    init?(calls: FolderCalls, interval: UInt64, report: @escaping @Sendable (Int32) -> Void) {
        self.calls = calls
        self.interval = interval
        self.report = report
        guard WorkerThread.start(name: "tattle-sync", { self.run() }) == 0 else { return nil }
    }

    /// Goes over to another file; nil: to none.
    func follow(_ descriptor: Int32?) {
        let own = descriptor.map { fcntl($0, F_DUPFD_CLOEXEC, 0) } ?? -1
        state.withLock { state in
            if state.current >= 0 { state.ended.append(state.current) }
            state.current = own
        }
        state.signal()
    }

    /// Ends the thread, and waits for a while until everything is synchronized.
    func stop() {
        follow(nil)
        state.withLock { $0.isStopped = true }
        state.signal()
        _ = state.wait(until: { $0.isFinished }, deadline: monotonicNanoseconds() + interval)
    }

    private func run() {
        var next = monotonicNanoseconds() + interval
        while true {
            _ = state.wait(until: { !$0.ended.isEmpty || $0.isStopped }, deadline: next)
            let (ended, current, isStopped) = state.withLock { state in
                defer { state.ended = [] }
                return (state.ended, state.current, state.isStopped)
            }
            for descriptor in ended {
                synchronize(descriptor)
                close(descriptor)
            }
            // The current one is closed by this thread alone.
            if monotonicNanoseconds() >= next {
                if current >= 0 { synchronize(current) }
                next = monotonicNanoseconds() + interval
            }
            if isStopped { break }
        }
        state.withLock { $0.isFinished = true }
        state.signal()
    }

    private func synchronize(_ descriptor: Int32) {
        let code = calls.synchronize(descriptor)
        if code != 0 { report(code) }
    }
}
