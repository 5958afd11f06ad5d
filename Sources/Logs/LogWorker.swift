import Threads

/// Takes what waits, writes it, tells: on the writer's thread, or for a lone line on that of whoever appends.
///
/// Whoever has set `isBusy` of the state has the sink and the batch for itself until it takes it back.
final class LogWorker<Output: Destination & ~Copyable>: LineWriter {
    private var sink: Output
    /// What is being written; empty in between.
    private var batch = Batch()
    /// `replacementLines` of the state as the batch was taken.
    private var takenReplacementLines: UInt64 = 0
    private let state: Monitor<LogWriter.State>
    private let notification: Notification
    private let limit: Int

    /// How long memory of a burst is kept for the next one, nanoseconds.
    private static var calmNanoseconds: UInt64 { 1_000_000_000 }
    /// A write that takes longer than this is one that waits for the disk, nanoseconds.
    private static var slowNanoseconds: UInt64 { 50_000_000 }
    /// How long nothing is written on the appending thread after such a one, nanoseconds.
    private static var slowRestNanoseconds: UInt64 { 1_000_000_000 }

    /// Makes a thread's body; nothing runs yet.
    init(sink: consuming Output, state: Monitor<LogWriter.State>, notification: Notification, limit: Int) {
        self.sink = sink
        self.state = state
        self.notification = notification
        self.limit = limit
        let isReady = self.sink.isReady
        state.withLock { $0.isReady = isReady }
    }

    /// Starts the thread, detached: `isFinished` tells of its end.
    /// - Returns: 0 or an errno.
    func start() -> Int32 {
        // The thread uses it only while `isBusy` is its own.
        nonisolated(unsafe) let worker = self
        return WorkerThread.start(name: "tattle-writer") { unsafe worker.run() }
    }

    private func run() {
        while true {
            waitForCalm()
            let hasLines = state.wait(until: { $0.isWorkThere }) { state in
                guard !state.isFinished else { return false }
                take(&state)
                return !batch.isEmpty
            }
            guard hasLines else { return end() }
            let before = self.before
            let stop = sink.write(batch, progress: wrote) { [state] in
                state.withLock { $0.deadline.map { $0 <= monotonicNanoseconds() } ?? false }
            }
            if let stop { return end(stop, before) }
            release()
        }
    }

    /// After a burst, gives its memory back once nothing came for a while.
    private func waitForCalm() {
        guard state.withLock({ $0.spare.isLarge }) else { return }
        if state.wait(until: { $0.isWorkThere }, deadline: monotonicNanoseconds() + Self.calmNanoseconds) { return }
        state.withLock { $0.spare.shrink() }
    }

    /// Under the lock: takes what waits, so that ``writeTaken()`` is to follow on this thread.
    func take(_ state: inout LogWriter.State) {
        state.isBusy = true
        takenReplacementLines = state.replacementLines
        swap(&state.incoming, &batch)
    }

    /// Writes what was taken as far as it can be written at once; the rest is for the thread.
    func writeTaken() {
        let before = self.before
        let start = monotonicNanoseconds()
        let stop = sink.write(batch, progress: wrote) { true }
        let now = monotonicNanoseconds()
        switch stop {
        case .failure: return end(stop, before)
        case .isOver:
            state.withLock { state in
                state.incoming.prepend(batch, after: Int(sink.statistics.bytesWritten - before.bytesWritten))
            }
        case nil: break
        }
        release(restingUntil: now - start > Self.slowNanoseconds ? now + Self.slowRestNanoseconds : nil)
    }

    /// Lets go of the sink.
    private func release(restingUntil rest: UInt64? = nil) {
        let isReady = sink.isReady
        let hasMore = state.withLock { state in
            batch.removeAll(&state.spare)
            state.isBusy = false
            state.isReady = isReady
            if let rest { state.directAfter = rest }
            return !state.incoming.isEmpty || state.deadline != nil
        }
        if hasMore { state.signal() }
    }

    /// What was written and asked for before a batch.
    private struct Before {
        var bytesWritten, linesWritten, replacementLines: UInt64
    }

    private var before: Before {
        let statistics = sink.statistics
        return Before(
            bytesWritten: statistics.bytesWritten, linesWritten: statistics.linesWritten,
            replacementLines: takenReplacementLines)
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
        guard state.withLock({ !$0.isFinished }) else { return }
        sink.close()
        state.withLock {
            $0.lineWriter = nil
            $0.isFinished = true
        }
        state.signal()
    }

    /// Ends with the batch not written to its end, and tells what is missing.
    /// - Parameter before: what was written before the first of it.
    private func end(_ stop: Stop?, _ before: Before) {
        sink.close()
        let after = sink.statistics
        state.withLock { state in
            if case .failure(let code) = stop { state.failure = code }
            // The backlog, and what was cut off again of a torn line.
            state.statistics.bytesNotWritten +=
                UInt64(state.backlog) + state.statistics.bytesWritten - after.bytesWritten
            // Files that were begun in the place of others had lines that are of no batch.
            let heads = state.replacementLines - before.replacementLines
            state.statistics.linesNotWritten +=
                UInt64(batch.lineCount + state.incoming.lineCount) + heads - (after.linesWritten - before.linesWritten)
            state.statistics.bytesWritten = after.bytesWritten
            state.statistics.linesWritten = after.linesWritten
            batch = Batch()
            state.incoming = Batch()
            state.backlog = 0
            state.isBusy = false
            state.lineWriter = nil
            state.isFinished = true
        }
        state.signal()
        notification.post()
    }
}

/// Writes lines on the thread of whoever appends them.
protocol LineWriter: AnyObject {
    /// Under the lock: takes what waits.
    func take(_ state: inout LogWriter.State)
    /// Writes what was taken.
    func writeTaken()
}
