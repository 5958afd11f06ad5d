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
        var writers = RunWriters(form, names: { [names = entries.names] in names[$0] })
        if form == .csv { CSVWriter.writeHeader(into: &output.buffer) }
        while let record = entries.next(complain: complain) {
            writers.write(record, into: &output.buffer)
            try output.flushIfFull()
        }
        writers.finish(into: &output.buffer)
        try output.flush()
        return entries.isComplete
    }
}

/// The writers of the runs whose records come, each with what is open in it: lines of several runs may take turns.
private struct RunWriters {
    private let form: LogConverter.Form
    private let names: (UInt32) -> [UInt8]?
    private var current: RunWriter?
    private var run = ""
    /// Those of other runs, the one that was written to last at the end.
    private var others: [(run: String, writer: RunWriter)] = []

    /// More runs than these at once are not told apart from ones that are over.
    private static let mostOthers = 63

    init(_ form: LogConverter.Form, names: @escaping (UInt32) -> [UInt8]?) {
        self.form = form
        self.names = names
    }

    mutating func write(_ record: LogRecord, into buffer: inout LineBuffer) {
        if current == nil || record.run.runID != run { change(to: record, into: &buffer) }
        current?.write(record, into: &buffer)
        guard case .stopped = record.event else { return }
        current?.finish(into: &buffer)
        current = nil
    }

    /// Ids are those of the run.
    private mutating func change(to record: LogRecord, into buffer: inout LineBuffer) {
        if let current { others.append((run, current)) }
        run = record.run.runID
        if let place = others.firstIndex(where: { $0.run == run }) {
            current = others.remove(at: place).writer
        } else {
            current = RunWriter(form, record, names: names)
        }
        guard others.count > Self.mostOthers else { return }
        others[0].writer.finish(into: &buffer)
        others.removeFirst()
    }

    /// The log ends, and with it maybe none of the runs.
    mutating func finish(into buffer: inout LineBuffer) {
        for place in others.indices { others[place].writer.finish(into: &buffer) }
        current?.finish(into: &buffer)
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

    /// No more records come; what is open stays so.
    mutating func finish(into buffer: inout LineBuffer) {
        zeek?.finish(at: nil, into: &buffer)
    }
}
