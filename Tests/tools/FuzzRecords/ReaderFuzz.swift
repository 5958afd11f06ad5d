import Model
import Reading

/// Any bytes as a log: whatever they are, they are records or named as none.
enum ReaderFuzz {
    static func run(_ bytes: [UInt8]) {
        var parser = RecordParser()
        var start = 0
        var last: LogRecord?
        var events: [TraceEvent] = []
        while start <= bytes.count {
            let end = bytes[start...].firstIndex(of: 10) ?? bytes.count
            // What is read of a log goes to the writers: `tattle convert`.
            if let record = try? parser.parse(bytes, start..<end), let event = record.event {
                Checked.write(event, record.run, record.clock, isOwn: false)
                // Once more, so that it is a repeat.
                events += [event, event]
                last = record
            }
            start = end + 1
        }
        guard let last else { return }
        for summary in RuleFuzz.run(events) { Checked.write(summary, last.run, last.clock, isOwn: false) }
    }
}
