import Foundation
import Model
import Records

/// Writes events in every format and ends the process where a line is not as it must be.
enum Checked {
    /// Writes an event in every format.
    ///
    /// - Parameter isOwn: whether it has the bounds that what the kernel tells has; what is read of a log may be longer.
    static func write(_ event: TraceEvent, _ run: RunContext, _ clock: WallClock, isOwn: Bool) {
        let names: (UInt32) -> [UInt8]? = { $0 == 0 ? Array("root".utf8) : nil }
        var buffer = LineBuffer()
        var ecs = ECSWriter(context: run, clock: clock, names: names)
        ecs.write(event, into: &buffer)
        json(buffer.copy(), isOwn ? ECSWriter.maximumLineBytes : .max)
        buffer.removeAll()
        var ocsf = OCSFWriter(context: run, clock: clock, names: names)
        ocsf.write(event, into: &buffer)
        json(buffer.copy(), isOwn ? ECSWriter.maximumLineBytes : .max)
        buffer.removeAll()
        var zeek = ZeekWriter(context: run, clock: clock)
        zeek.write(event, into: &buffer)
        zeek.finish(at: nil, into: &buffer)
        if !buffer.isEmpty { json(buffer.copy(), isOwn ? ECSWriter.maximumLineBytes : .max) }
        buffer.removeAll()
        var csv = CSVWriter(context: run, clock: clock, names: names)
        csv.write(event, into: &buffer)
        line(buffer.copy())
        buffer.removeAll()
        let table = TableWriter(clock: clock, utcOffsetSeconds: 3600, width: 120, usesColor: false, names: names)
        table.write(event, into: &buffer)
        text(buffer.copy())
    }

    private static func json(_ bytes: [UInt8], _ limit: Int) {
        line(bytes)
        precondition(bytes.count <= limit, "a line of \(bytes.count) bytes")
        precondition((try? JSONSerialization.jsonObject(with: Data(bytes))) is [String: Any], "no JSON")
    }

    private static func line(_ bytes: [UInt8]) {
        text(bytes)
        precondition(bytes.last == 10 && bytes.filter { $0 == 10 }.count == 1, "not one line")
    }

    /// UTF-8, and nothing that a terminal would obey.
    private static func text(_ bytes: [UInt8]) {
        precondition(String(validating: bytes, as: UTF8.self) != nil, "no UTF-8")
        precondition(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 10 }, "a control character")
    }
}
