import Glibc

/// How the files of a folder are written, and what becomes of them.
public struct LogFolderOptions: Sendable, Hashable {
    /// When what was written is made to outlive a power failure.
    public var durability: Durability
    /// What becomes of files after they were written.
    public var archive: ArchivePolicy

    /// Makes options.
    public init(durability: Durability = .interval, archive: ArchivePolicy = .init()) {
        self.durability = durability
        self.archive = archive
    }
}

extension LogWriter {
    /// How often a file is synchronized, nanoseconds: ``Durability/interval``.
    private static let syncInterval: UInt64 = 5_000_000_000

    /// Starts the threads that write into a folder.
    ///
    /// The first that comes must be ``beginFile(sequence:unixNanoseconds:head:)``. A folder that fails does not fail
    /// for good: it is tried until it works, and `trouble` says why it does not.
    /// - Parameters:
    ///   - folder: where to; its lock ends when the thread has ended.
    ///   - limit: backlog in bytes that is too much.
    /// - Throws: `LogError` when there is no pipe or no thread to be had.
    public convenience init(folder: LogFolder, options: LogFolderOptions, limit: Int = 64 << 20) throws(LogError) {
        try self.init(folder: folder, options: options, limit: limit, calls: FolderCalls())
    }

    convenience init(
        folder: LogFolder, options: LogFolderOptions, limit: Int, calls: FolderCalls, patience: UInt64? = nil
    ) throws(LogError) {
        try self.init(path: folder.path, limit: limit)
        var link = link
        if let patience { link.patience = patience }
        let reports = link
        let syncer =
            options.durability == .interval
            ? Syncer(calls: calls, interval: Self.syncInterval) { reports.tell(trouble: $0) } : nil
        let archive =
            options.archive == ArchivePolicy()
            ? nil : Archive(folder, policy: options.archive, calls: calls) { reports.tell(archiveFailure: $0) }
        try start(
            FolderSink(
                folder, calls: calls, link: link, durability: options.durability, syncer: syncer, archive: archive))
    }

    /// Ends the file that is being written after what was appended so far, and begins the next one.
    ///
    /// Never waits.
    /// - Parameters:
    ///   - sequence: its number in the run, from 0.
    ///   - unixNanoseconds: when; the name is made of it.
    ///   - head: whole lines that the file has from the moment that it has its name; at least one.
    public func beginFile(sequence: UInt64, unixNanoseconds: UInt64, head: [UInt8]) {
        let wasIdle = state.withLock { state in
            guard state.deadline == nil else {
                state.statistics.bytesNotWritten += UInt64(head.count)
                state.statistics.linesNotWritten += UInt64(newlines(head.span))
                return false
            }
            let wasIdle = state.incoming.isEmpty
            state.incoming.begin(
                FileStart(sequence: sequence, unixNanoseconds: unixNanoseconds), with: head, &state.spare)
            state.backlog += head.count
            if state.backlog >= limit { state.wasOverLimit = true }
            return wasIdle
        }
        if wasIdle { state.signal() }
    }

    /// Whether the file that was being written cannot be any more, and another one is wanted in its place.
    ///
    /// What waits goes there. `notificationDescriptor` becomes readable when it is.
    public var isFileNeeded: Bool { state.withLock { $0.isFileNeeded } }

    /// Gives the file that ``isFileNeeded`` asks for; as ``beginFile(sequence:unixNanoseconds:head:)`` but for the place: before
    /// everything that waits.
    public func replaceFile(sequence: UInt64, unixNanoseconds: UInt64, head: [UInt8]) {
        let start = FileStart(headCount: head.count, sequence: sequence, unixNanoseconds: unixNanoseconds)
        state.withLock { state in
            guard state.isFileNeeded else { return }
            state.isFileNeeded = false
            state.replacement = (start, head)
            state.replacementLines += UInt64(newlines(head.span))
            state.backlog += head.count
        }
        state.signal()
    }

    /// Why a folder cannot be written to at the moment, an errno; nil: it can.
    ///
    /// `notificationDescriptor` becomes readable when it changes from one to the other.
    public var trouble: Int32? { state.withLock { $0.trouble } }

    /// How often a folder could not be written to so far.
    public var troubleCount: UInt64 { state.withLock { $0.troubleCount } }

    /// The last old file that could not be compressed or removed; nil: there was none.
    ///
    /// `notificationDescriptor` becomes readable when it is another one.
    public var archiveFailure: ArchiveFailure? { state.withLock { $0.archiveFailure } }
}
