internal import Threads

/// The writer's thread: takes what waits, writes it, tells.
final class LogWorker<Output: Destination & ~Copyable> {
    private var sink: Output
    private let state: Monitor<LogWriter.State>
    private let notification: Notification
    private let limit: Int

    /// A drained array keeps its memory up to this size, bytes.
    private static var keptCapacity: Int { 4 << 20 }

    /// Makes a thread's body; nothing runs yet.
    init(sink: consuming Output, state: Monitor<LogWriter.State>, notification: Notification, limit: Int) {
        self.sink = sink
        self.state = state
        self.notification = notification
        self.limit = limit
    }

    /// Starts the thread, detached: `isFinished` tells of its end.
    /// - Returns: 0 or an errno.
    func start() -> Int32 {
        // The thread is the only one that uses it from here on.
        nonisolated(unsafe) let worker = self
        return WorkerThread.start(name: "tattle-writer") { unsafe worker.run() }
    }

    private func run() {
        var batch = Batch()
        while true {
            let hasLines = state.wait(until: { !$0.incoming.isEmpty || $0.deadline != nil }) { state in
                swap(&state.incoming, &batch)
                return !batch.isEmpty
            }
            guard hasLines else { return end() }
            let before = sink.statistics
            let stop = sink.write(batch, progress: wrote) { [state] in
                state.withLock { $0.deadline.map { $0 <= monotonicNanoseconds() } ?? false }
            }
            if let stop { return end(stop, batch, before) }
            batch.removeAll(keeping: Self.keptCapacity)
        }
    }

    /// Takes `count` bytes off the backlog.
    private func wrote(_ count: Int, _ statistics: LogStatistics) {
        let isRelieved = state.withLock { state in
            state.backlog -= count
            state.statistics.bytesWritten = statistics.bytesWritten
            state.statistics.linesWritten = statistics.linesWritten
            guard state.wasOverLimit, state.backlog < limit / 2 || state.backlog == 0 else { return false }
            state.wasOverLimit = false
            return true
        }
        if isRelieved { notification.post() }
    }

    /// Ends with everything written.
    private func end() {
        sink.close()
        state.withLock { $0.isFinished = true }
        state.signal()
    }

    /// Ends with `batch` not written to its end, and tells what is missing.
    /// - Parameter before: what was written before the first of them.
    private func end(_ stop: Stop, _ batch: Batch, _ before: LogStatistics) {
        sink.close()
        let after = sink.statistics
        let bytes = after.bytesWritten - before.bytesWritten
        let count = after.linesWritten - before.linesWritten
        state.withLock { state in
            if case .failure(let code) = stop { state.failure = code }
            state.statistics.bytesWritten = after.bytesWritten
            state.statistics.linesWritten = after.linesWritten
            state.statistics.bytesNotWritten += UInt64(batch.bytes.count + state.incoming.bytes.count) - bytes
            state.statistics.linesNotWritten += UInt64(batch.lineCount + state.incoming.lineCount) - count
            state.incoming = Batch()
            state.backlog = 0
            state.isFinished = true
        }
        state.signal()
        notification.post()
    }
}
