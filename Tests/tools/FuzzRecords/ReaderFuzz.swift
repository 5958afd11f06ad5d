import Model
import Reading

/// Any bytes as a log: whatever they are, they are records or named as none.
enum ReaderFuzz {
    static func run(_ bytes: [UInt8]) {
        var parser = RecordParser()
        var start = 0
        while start <= bytes.count {
            let end = bytes[start...].firstIndex(of: 10) ?? bytes.count
            // What is read of a log goes to the writers: `tattle convert`.
            if let record = try? parser.parse(bytes, start..<end), let event = record.event {
                Checked.write(event, record.run, record.clock, isOwn: false)
            }
            start = end + 1
        }
    }
}
