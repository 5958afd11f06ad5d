internal import Logs

/// What is missing between a position and the file that is read next.
struct Gap {
    /// Whether the numbers say that it is nothing.
    private(set) var isNone = false
    private var skipped: SkippedRecords
    /// Whether it is known how many are missing, because a run tells of itself or of the one before.
    private var isCounted = false
    /// How many are missing of the next file's run.
    private var recordsOfNextRun: UInt64 = 0

    /// Looks at the first lines of a file of which nothing was taken.
    ///
    /// - Parameters:
    ///   - position: nil: the beginning; then nothing but what is damaged is missing.
    ///   - damaged: a file between them that cannot be read to its end; nil: none.
    init(behind position: LogPosition?, before next: LogFile, damaged: LogFileName?) throws(FollowingError) {
        let first = LineFacts(next.firstLine[...])
        skipped = SkippedRecords(
            cause: damaged == nil ? .deleted : .damaged, records: 0, isExact: false, run: nil, after: position,
            before: next.name.plain)
        guard let position else {
            // A destination that begins wants what is there.
            isCounted = damaged == nil
            return
        }
        let second = try next.secondLine()
        // The first line of a file that takes another's place is newer than the ones that waited and stand behind it.
        let isReplacing = LineFacts.replacesAnother(next.firstLine[...])
        let start = isReplacing ? second.flatMap { LineFacts($0).sequence } : first.sequence
        if let run = first.run, run == position.run {
            // Numbers of a run have no hole.
            if let start, let last = position.sequence, start > last { skipped.records = start - last - 1 }
            (skipped.run, isCounted) = (run, true)
            isNone = skipped.records == 0
            return
        }
        recordsOfNextRun = next.name.sequence > 0 ? start ?? 0 : 0
        guard let dead = second.flatMap({ LineFacts.deadRun($0) }) else { return }
        if dead.id == position.run, let last = position.sequence {
            skipped.records = dead.lastSequence - min(last, dead.lastSequence)
            (skipped.run, isCounted) = (dead.id, true)
        } else {
            // All of that run: numbers begin with 0.
            skipped.records = min(dead.lastSequence, .max - 1) + 1
        }
    }

    /// What is told of it; nil: nothing is missing.
    ///
    /// - Parameter isWhole: whether the position's file was read to its end, and nothing behind it can have been removed.
    func told(isWhole: Bool) -> SkippedRecords? {
        var told = skipped
        if isWhole, !isCounted { told.records = 0 }
        let (sum, isTooLarge) = told.records.addingReportingOverflow(recordsOfNextRun)
        told.records = isTooLarge ? .max : sum
        told.isExact = (isCounted || isWhole) && recordsOfNextRun == 0
        return told.records > 0 || !told.isExact ? told : nil
    }
}
