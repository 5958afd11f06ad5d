internal import Model
internal import Reading
internal import Records

/// Logs in another form, one record after the other.
public enum LogConverter {
    /// What to turn logs into.
    public enum Form: String, Sendable, CaseIterable {
        /// Comma-separated values.
        case csv
    }

    /// Reads logs to their end and writes them in another form.
    ///
    /// - Parameter complain: called with what cannot be read, in words.
    /// - Returns: whether all of it could be read.
    public static func convert(
        _ paths: [String], to form: Form, into output: inout LogOutput, complain: (String) -> Void
    ) throws(LogOutput.Closed) -> Bool {
        var entries = LogEntries(paths)
        var writer: CSVWriter?
        var run = ""
        CSVWriter.writeHeader(into: &output.buffer)
        while let record = entries.next(complain: complain) {
            guard let event = record.event else { continue }
            if writer == nil || record.run.runID != run {
                run = record.run.runID
                writer = CSVWriter(
                    context: record.run, clock: record.clock, names: { [names = entries.names] in names[$0] })
            }
            writer?.clock = record.clock
            writer?.write(event, into: &output.buffer)
            try output.flushIfFull()
        }
        try output.flush()
        return entries.isComplete
    }
}
