public import Compression
import Glibc
internal import Threads

/// What becomes of a log's files after they were written.
public struct ArchivePolicy: Sendable, Hashable {
    /// How they are compressed; nil: they are not.
    public var compression: CompressionMethod?
    /// How many of the newest stay as they are, the one that is being written among them; at least 1.
    public var plainFiles: Int
    /// Which are kept.
    public var retention: RetentionPolicy

    /// Makes a policy; by default nothing becomes of them.
    public init(compression: CompressionMethod? = nil, plainFiles: Int = 1, retention: RetentionPolicy = .init()) {
        self.compression = compression
        self.plainFiles = plainFiles
        self.retention = retention
    }
}

/// Why an old file could not be compressed or removed.
public struct ArchiveFailure: Sendable, Hashable {
    /// The path.
    public var path: String
    /// The errno.
    public var code: Int32
}

/// Compresses and removes old files, on a thread of its own that gives way to every other.
///
/// It looks at what is in the folder and does what is missing: it may be stopped at any moment, by SIGKILL too, and
/// the next one goes on.
final class Archive: Sendable {
    private struct State {
        var current: LogFileName?
        var isChanged = false
        var isStopped = false
        var isFinished = false
    }

    private let folder: LogFolder
    private let policy: ArchivePolicy
    private let calls: FolderCalls
    private let report: @Sendable (ArchiveFailure) -> Void
    private let state = Monitor(State())

    /// Files grow old without a new one: so often it is looked, nanoseconds.
    private static let interval: UInt64 = 60_000_000_000
    /// How long a disk may take for the last file, nanoseconds.
    private static let patience: UInt64 = 5_000_000_000

    /// Starts the thread.
    /// - Returns: nil when there is no thread to be had.
    init?(
        _ folder: LogFolder, policy: ArchivePolicy, calls: FolderCalls,
        report: @escaping @Sendable (ArchiveFailure) -> Void
    ) {
        self.folder = folder
        self.policy = policy
        self.calls = calls
        self.report = report
        guard WorkerThread.start(name: "tattle-archive", { self.run() }) == 0 else { return nil }
    }

    /// A file was begun: those before it are not written to any more.
    func filesChanged(current: LogFileName) {
        state.withLock { state in
            state.current = current
            state.isChanged = true
        }
        state.signal()
    }

    /// Ends the thread, and waits for it for a while; the file that it is at stays as it was, or is done.
    func stop() {
        state.withLock { $0.isStopped = true }
        state.signal()
        _ = state.wait(until: { $0.isFinished }, deadline: monotonicNanoseconds() + Self.patience)
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func run() {
        // Of this thread alone: gettid(2) is what 0 means to Linux. Also the least of best-effort I/O: ionice(1).
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
        while true {
            _ = state.wait(
                until: { $0.isChanged || $0.isStopped }, deadline: monotonicNanoseconds() + Self.interval)
            let (current, isStopped) = state.withLock { state in
                defer { state.isChanged = false }
                return (state.current, state.isStopped)
            }
            if isStopped { break }
            if let current { tidy(current) }
        }
        state.withLock { $0.isFinished = true }
        state.signal()
    }

    /// Removes what is not to be kept, compresses what is, and looks again at what is left.
    private func tidy(_ current: LogFileName) {
        removeExpendable(current)
        guard let method = policy.compression else { return }
        let stored = folder.files()
        let copies = LogFolder.copies(among: stored)
        let plain = stored.filter { $0.name.compression == nil && $0.name < current }
        // With the one that is being written, so many are left alone.
        for file in plain.dropLast(max(policy.plainFiles, 1) - 1) {
            if isStopped { return }
            // It was compressed, and tattle ended before this one was removed; or somebody else compressed it.
            switch folder.settle(file.name, copies: copies[file.name] ?? [], calls: calls, isStopped: { isStopped }) {
            case .compressed, .both(_, ECANCELED): break
            case .both(let copy, let code): report(ArchiveFailure(path: folder.path(of: copy), code: code))
            case .plain:
                let code = FileCompressor(folder: folder, method: method, calls: calls)
                    .compress(file.name) { isStopped }
                if code != 0 { report(ArchiveFailure(path: folder.path(of: file.name), code: code)) }
            }
        }
        removeExpendable(current)
    }

    private func removeExpendable(_ current: LogFileName) {
        var now = timespec()
        // `now` lives through the call; this clock always exists.
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        let nanoseconds = UInt64(max(now.tv_sec, 0)) * 1_000_000_000 + UInt64(now.tv_nsec)
        for file in policy.retention.expendable(folder.files(), current: current, now: nanoseconds) {
            let path = folder.path(of: file.name)
            let code = calls.remove(path)
            if code != 0, code != ENOENT { report(ArchiveFailure(path: path, code: code)) }
        }
    }
}
