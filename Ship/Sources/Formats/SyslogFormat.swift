/// Messages of RFC 5424, one for each record, whose MSG is the record's line.
///
/// APP-NAME is `tattle`, MSGID the record's action, HOSTNAME its host, PROCID and structured data nothing: `-`. A
/// TIMESTAMP has six digits of a second at most; the nanoseconds are in the line. There is no byte order mark before the
/// line: RFC 5424 wants one before what is declared as UTF-8, and readers of JSON stumble over it; without one it is
/// MSG-ANY, which may be anything.
public struct SyslogFormat: Sendable {
    /// local0.
    public static let facility = 16

    private static let hostLimit = 255
    private static let messageIdLimit = 32

    /// Makes the format.
    public init() {}

    /// Appends a record's message, without any framing.
    public func append(_ record: RecordLine, of bytes: [UInt8], to message: inout [UInt8]) {
        append(header: record, bytes, to: &message)
        message += bytes[record.range]
    }

    private func append(header record: RecordLine, _ bytes: [UInt8], to message: inout [UInt8]) {
        message += "<\(Self.facility * 8 + severity(record, bytes))>1 ".utf8
        append(timestamp: record.timestamp.map { bytes[$0] } ?? [], to: &message)
        append(word: record.host.map { bytes[$0] } ?? [], atMost: Self.hostLimit, to: &message)
        message += "tattle - ".utf8
        append(word: record.action.map { bytes[$0] } ?? [], atMost: Self.messageIdLimit, to: &message)
        message += "- ".utf8
    }

    /// A record's message with its length before it: octet counting, RFC 6587 3.4.1 and RFC 5425 4.3.
    public func append(counting record: RecordLine, of bytes: [UInt8], to frame: inout [UInt8]) {
        var header: [UInt8] = []
        header.reserveCapacity(128)
        append(header: record, bytes, to: &header)
        frame += "\(header.count + record.range.count) ".utf8
        frame += header
        frame += bytes[record.range]
    }

    /// 3, error: what was lost; 4, warning: what was found out; 6, informational: all other.
    private func severity(_ record: RecordLine, _ bytes: [UInt8]) -> Int {
        if let action = record.action, bytes.stands("events_lost", at: action) { return 3 }
        if let kind = record.kind, bytes.stands("alert", at: kind) { return 4 }
        return 6
    }

    /// `2026-01-01T10:00:00.123456Z`: digits behind the sixth are left out, not rounded.
    private func append(timestamp: ArraySlice<UInt8>, to message: inout [UInt8]) {
        // What was read as a time has this form.
        guard timestamp.count >= 20, timestamp.last == UInt8(ascii: "Z") else {
            message += "- ".utf8
            return
        }
        let start = timestamp.startIndex
        message += timestamp[start..<start + 10]
        message.append(UInt8(ascii: "T"))
        message += timestamp[start + 11..<min(start + 26, timestamp.endIndex - 1)]
        message += "Z ".utf8
    }

    /// Printable ASCII without spaces, of a limited length; `-` where nothing is left.
    private func append(word: ArraySlice<UInt8>, atMost limit: Int, to message: inout [UInt8]) {
        let printable = word.prefix(limit).map { (0x21...0x7e).contains($0) ? $0 : UInt8(ascii: "_") }
        message += printable.isEmpty ? [UInt8(ascii: "-")] : printable
        message.append(UInt8(ascii: " "))
    }
}
