public import Model

/// What a log's lines say of the run that wrote them.
extension PreviousRun {
    /// The run that wrote a file, in ECS or OCSF, when it ended without a word.
    ///
    /// - Parameters:
    ///   - firstLine: the first line of its newest file.
    ///   - lastLine: the last line of that file.
    /// - Returns: nil when the last line is the last of a run, or is no record of tattle's.
    public init?(firstLine: [UInt8], lastLine: [UInt8]) {
        if let last = OCSFPlace(lastLine) {
            guard !last.isStop else { return nil }
            self.init(
                runID: last.runID, lastSequence: max(OCSFPlace(firstLine)?.sequence ?? 0, last.sequence),
                lastUnixNanoseconds: last.unixNanoseconds)
            return
        }
        var parser = RecordParser()
        let first = try? parser.parse(firstLine, firstLine.indices)
        guard let last = try? parser.parse(lastLine, lastLine.indices), last.action != "tracing_stopped" else {
            return nil
        }
        self.init(
            runID: last.run.runID,
            // The first line of a file that replaces another is newer than those that follow it.
            lastSequence: max(first?.sequence ?? 0, last.sequence), lastUnixNanoseconds: last.unixNanoseconds)
    }
}
