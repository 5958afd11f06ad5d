internal import Glibc
internal import Logging
internal import Logs
internal import Model
internal import Reading

/// The files that the log goes to: when there is a new one, and what happens while none can be written.
extension Tracer {
    /// Bytes that are handed to the log's thread at once, at the most.
    static let chunkBytes = 256 << 10

    /// Opens what the log goes to; of a folder it mends what a run before left, and says so.
    static func openLog(_ options: TraceOptions, logger: Logger) throws(LogError) -> (LogWriter, LogFiles?) {
        guard options.isOutputFolder else { return (try LogWriter(file: LogFile.open(options.output)), nil) }
        let folder = try LogFolder(path: options.output)
        let recovery = try folder.recover()
        for torn in recovery.torn {
            logger.warning(
                torn.isRemoved
                    ? "removed '\(torn.path)': it had no whole line"
                    : "cut a torn line of \(torn.bytes) bytes off the end of '\(torn.path)'")
        }
        var files = LogFiles(rotation: Rotation(options.rotation))
        if let first = recovery.firstLine, let last = recovery.lastLine {
            files.previousRun = PreviousRun(firstLine: first, lastLine: last)
        }
        if let run = files.previousRun {
            logger.warning("the run before, \(run.runID), ended without a word after record \(run.lastSequence)")
        }
        return (try LogWriter(folder: folder, options: options.folder), files)
    }

    /// Writes the first line of the log, or of its next file.
    func beginFile(_ cause: LogFilePlace.Cause) { beginFile(cause, into: &formatter) }

    private func beginFile(_ cause: LogFilePlace.Cause, into formatter: inout EventFormatter) {
        guard let sequence = files?.nextSequence else {
            return emit(.started(startedEvent(LogFilePlace())), into: &formatter)
        }
        flush(&formatter)
        formatter.write(.started(startedEvent(LogFilePlace(sequence: sequence, cause: cause))))
        let now = SystemContext.bootNanoseconds()
        if let run = files?.previousRun {
            // Together with the first line: should this run die as well, its death is told and this one was.
            formatter.write(
                .lost(
                    LossEvent(
                        cause: .previousRunDied, count: 0, attempts: 0, processRecords: 0, hook: nil,
                        windowBootNanoseconds: now...now, previousRun: run)))
            files?.previousRun = nil
        }
        let head = formatter.take()
        files?.nextSequence += 1
        files?.rotation.begin(headBytes: head.count, now: now)
        if cause == .replaced {
            // What waits goes there as well.
            files?.rotation.add(bytes: log.backlogBytes)
            log.replaceFile(sequence: sequence, unixNanoseconds: SystemContext.unixNanoseconds(), head: head)
        } else {
            log.beginFile(sequence: sequence, unixNanoseconds: SystemContext.unixNanoseconds(), head: head)
        }
        setFlushThreshold()
    }

    /// Hands what was written to the log, and begins the next file when this one is full.
    func flush() { flush(&formatter) }

    /// Hands what was written to the log, and begins the next file when this one is full.
    func flush(_ formatter: inout EventFormatter) {
        let count = formatter.count
        guard count > 0 else { return }
        let mayContinue = formatter.hand(to: log)
        guard files != nil else { return }
        files?.rotation.add(bytes: count)
        if !mayContinue { dropIfTroubled() }
        if files?.rotation.isFull == true { beginFile(.size, into: &formatter) } else { setFlushThreshold() }
    }

    private func setFlushThreshold() {
        flushThreshold = min(Self.chunkBytes, max((files?.rotation.bytesLeft ?? .max) - 1, 0))
    }

    /// When the file that is being written will be too old; nil: never, or not while nothing is written.
    var fileDeadline: UInt64? { isDropping ? nil : files?.rotation.deadline }

    /// Ends a file that is old enough.
    func rotateIfDue(now: UInt64) {
        // What was formatted belongs to it.
        flush()
        if !isDropping, files?.rotation.isOld(now: now) == true { beginFile(.time) }
    }

    /// Goes on tracing with a log that holds no more, and cannot be written to: from now on events are counted.
    private func dropIfTroubled() {
        guard files != nil, !isDropping, let trouble = log.trouble, log.isOverLimit else { return }
        files?.dropped = .init(
            cause: [ENOSPC, EDQUOT].contains(trouble) ? .diskFull : .writeFailed,
            since: SystemContext.bootNanoseconds())
        isDropping = true
    }

    /// Counts since the start, of what was written and of what rules withheld.
    var totals: Totals {
        var totals = pipeline.totals
        totals.withheld = withheldAttempts
        return totals.without(unwritten)
    }

    /// Counts an event in the place of writing it; what tells of the run is written all the same.
    func drop(_ event: TraceEvent, into formatter: inout EventFormatter) {
        switch event {
        case .started, .stopped, .lost: return formatter.write(event)
        case .attempted: files?.dropped?.attempts += 1
        case .aggregated(let event) where event.kind == .attempted:
            // They have been told as withheld; now they are lost.
            files?.dropped?.attempts += event.count
            unwritten.attempts += event.count
            unwritten.withheld += event.count
            if event.attempt.outcome.isFailure { unwritten.failed += event.count }
        case .resolved, .disconnected, .existing, .aggregated, .beacon, .heartbeat: break
        }
        files?.dropped?.records += 1
        unwritten.count(event)
        unwritten.lost += 1
    }

    /// Writes events again, after a line that tells how many were not.
    func endDropping() {
        guard let dropped = files?.dropped else { return }
        files?.dropped = nil
        isDropping = false
        guard dropped.records > 0 else { return }
        // Each was taken out of the totals as it was dropped.
        lostByCause[dropped.cause, default: 0] += dropped.records
        emit(.lost(dropped.loss(now: SystemContext.bootNanoseconds())))
    }

    /// Does what the log's thread asks for, and tells a person once what it tells.
    func attendToLog() {
        log.acknowledge()
        guard files != nil else { return }
        if log.isFileNeeded { beginFile(.replaced) }
        dropIfTroubled()
        if isDropping, log.backlogBytes < log.limit / 2 { endDropping() }
        let trouble = log.trouble
        if let trouble, files?.isTroubleTold == false {
            logger.error(
                "cannot write to '\(log.path)': \(describe(trouble)); tracing goes on, \(log.limit >> 20) MiB are held")
        } else if trouble == nil, files?.isTroubleTold == true {
            logger.warning("writing to '\(log.path)' again")
        }
        files?.isTroubleTold = trouble != nil
        if let failure = log.archiveFailure, failure != files?.archiveFailure {
            logger.warning("cannot compress or remove '\(failure.path)': \(describe(failure.code)), ignoring")
            files?.archiveFailure = failure
        }
    }
}
