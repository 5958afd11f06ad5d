/// What the writer's thread of a folder has to say to whoever appends, and to ask.
struct FolderLink: Sendable {
    /// What they share.
    let state: Monitor<LogWriter.State>
    /// Wakes whoever appends.
    let notification: Notification
    /// How long a folder that failed is left alone, nanoseconds.
    var patience: UInt64 = 500_000_000

    /// The same at the end, when somebody waits.
    private static let patienceAtEnd: UInt64 = 20_000_000

    /// Tells that writing fails, or works again; once for each change.
    func tell(trouble: Int32?) {
        let hasChanged = state.withLock { state in
            guard state.trouble != trouble else { return false }
            // Another errno is the same trouble still.
            let isNew = (state.trouble == nil) != (trouble == nil)
            state.trouble = trouble
            if trouble != nil, isNew { state.troubleCount += 1 }
            return isNew
        }
        if hasChanged { notification.post() }
    }

    /// Tells that old files cannot be compressed.
    func tell(archiveFailure: ArchiveFailure) {
        let hasChanged = state.withLock { state in
            defer { state.archiveFailure = archiveFailure }
            return state.archiveFailure != archiveFailure
        }
        if hasChanged { notification.post() }
    }

    /// Waits a moment before the next try.
    func pause() {
        let isEnding = state.wait(until: { $0.deadline != nil }, deadline: monotonicNanoseconds() + patience)
        if isEnding {
            _ = state.wait(until: { _ in false }, deadline: monotonicNanoseconds() + Self.patienceAtEnd)
        }
    }

    /// Asks for a new file in the place of the one that cannot be written any more, and waits for it.
    ///
    /// Its first line has to be made by whoever numbers the lines.
    /// - Returns: nil: it is over.
    func replacement(isOver: () -> Bool) -> (start: FileStart, head: [UInt8])? {
        state.withLock { $0.isFileNeeded = true }
        notification.post()
        while true {
            let isThere = state.wait(
                until: { $0.replacement != nil }, deadline: monotonicNanoseconds() + Self.patienceAtEnd)
            if isThere {
                return state.withLock { state in
                    defer { state.replacement = nil }
                    return state.replacement
                }
            }
            if isOver() { return nil }
        }
    }
}
