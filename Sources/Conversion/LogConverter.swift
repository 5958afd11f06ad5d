internal import Model
internal import Reading
internal import Records

/// Logs in another form, one record after the other.
public enum LogConverter {
    /// What to turn logs into.
    public enum Form: String, Sendable, CaseIterable {
        /// The Open Cybersecurity Schema Framework.
        case ocsf
        /// Zeek's `conn.log`.
        case zeek
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
        var writer: RunWriter?
        var run = ""
        if form == .csv { CSVWriter.writeHeader(into: &output.buffer) }
        while let record = entries.next(complain: complain) {
            if writer == nil || record.run.runID != run {
                // Ids are those of the run; what is open in it stays so.
                writer?.finish(into: &output.buffer)
                run = record.run.runID
                writer = RunWriter(form, record, names: { [names = entries.names] in names[$0] })
            }
            writer?.write(record, into: &output.buffer)
            try output.flushIfFull()
        }
        writer?.finish(into: &output.buffer)
        try output.flush()
        return entries.isComplete
    }
}

/// The writer of one run's records, in one of the forms.
private struct RunWriter {
    private var ocsf: OCSFWriter?
    private var zeek: ZeekWriter?
    private var csv: CSVWriter?

    init(_ form: LogConverter.Form, _ first: LogRecord, names: @escaping (UInt32) -> [UInt8]?) {
        switch form {
        case .ocsf: ocsf = OCSFWriter(context: first.run, clock: first.clock, names: names)
        case .zeek: zeek = ZeekWriter(context: first.run, clock: first.clock)
        case .csv: csv = CSVWriter(context: first.run, clock: first.clock, names: names)
        }
    }

    mutating func write(_ record: LogRecord, into buffer: inout LineBuffer) {
        guard let event = record.event else { return }
        if ocsf != nil {
            ocsf?.clock = record.clock
            ocsf?.resume(lineCount: record.sequence, ownEvents: record.ownNumber)
            ocsf?.write(event, into: &buffer)
        }
        if zeek != nil {
            zeek?.clock = record.clock
            zeek?.write(event, into: &buffer)
        }
        if csv != nil {
            csv?.clock = record.clock
            csv?.write(event, into: &buffer)
        }
    }

    /// The log ends, and with it maybe not the run.
    mutating func finish(into buffer: inout LineBuffer) {
        zeek?.finish(at: nil, into: &buffer)
    }
}
