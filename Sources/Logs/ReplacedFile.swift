internal import Threads

/// An `AtomicFile` that is replaced again and again, from a thread of its own.
public final class ReplacedFile: Sendable {
    private struct State {
        /// What is to be written; nil: nothing new.
        var next: [UInt8]?
        var failure: Int32?
        var isEnding = false
        var isFinished = false
    }

    private let file: AtomicFile
    private let state = Monitor(State())

    /// The path as it was given.
    public var path: String { file.path }

    /// Starts the thread.
    /// - Throws: `LogError` when no file can be made there, or there is no thread to be had.
    public init(path: String) throws(LogError) {
        file = AtomicFile(path)
        // Better now than when nobody looks any more.
        let code = file.probe()
        guard code == 0 else { throw LogError(.open, path: path, code: code) }
        let started = WorkerThread.start(name: "tattle-metrics") { self.run() }
        if started != 0 { throw LogError(.start, path: path, code: started) }
    }

    /// Replaces the content, soon; never waits.
    ///
    /// What was not written yet is not written at all.
    public func replace(_ bytes: [UInt8]) {
        state.withLock { $0.next = bytes }
        state.signal()
    }

    /// The errno with which the last attempt failed; nil: it did not.
    public var failure: Int32? { state.withLock { $0.failure } }

    /// Writes what is left and ends the thread; waits for it at most so long.
    ///
    /// What is replaced later is not written.
    public func finish(within time: Duration) {
        let (seconds, attoseconds) = max(time, .zero).components
        let nanoseconds = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        state.withLock { $0.isEnding = true }
        state.signal()
        _ = state.wait(until: { $0.isFinished }, deadline: monotonicNanoseconds() + nanoseconds)
    }

    private func run() {
        while true {
            let bytes = state.wait(until: { $0.next != nil || $0.isEnding }) { state in
                defer { state.next = nil }
                return state.next
            }
            guard let bytes else { break }
            let code = file.replace(bytes)
            state.withLock { $0.failure = code == 0 ? nil : code }
        }
        state.withLock { $0.isFinished = true }
        state.signal()
    }
}
