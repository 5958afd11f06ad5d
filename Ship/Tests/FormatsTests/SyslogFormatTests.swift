import Testing

@testable internal import Delivery
@testable internal import Formats

struct SyslogFormatTests {
    private func message(_ line: String) throws -> String {
        let shipment = Shipment(batch([line]))
        var message: [UInt8] = []
        SyslogFormat().append(try #require(shipment.records.first), of: shipment.bytes, to: &message)
        return String(decoding: message, as: UTF8.self)
    }

    @Test func writesAHeaderOfRFC5424() throws {
        #expect(
            try message(line(123_456_789))
                == "<134>1 2026-01-01T10:00:00.123456Z web-1 tattle - connection_attempted - \(line(123_456_789))")
    }

    @Test func saysHowSevereItIs() throws {
        #expect(
            try message(#"{"event":{"kind":"alert","action":"beacon_detected"}}"#).hasPrefix(
                "<132>1 - - tattle - beacon_detected - {"))
        #expect(try message(#"{"event":{"action":"events_lost"}}"#).hasPrefix("<131>1 "))
    }

    @Test(arguments: [
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z"), ("2026-01-01t10:00:00.5Z", "2026-01-01T10:00:00.5Z"),
        ("2026-01-01T10:00:00.999999999Z", "2026-01-01T10:00:00.999999Z"), ("yesterday", "-"), ("", "-"),
    ])
    func shortensTimes(_ time: String, _ shown: String) throws {
        #expect(try message(#"{"@timestamp":"\#(time)"}"#).hasPrefix("<134>1 \(shown) - "))
    }

    /// A name may be anything; none may end the header or begin another message.
    @Test func keepsNamesWithinTheHeader() throws {
        let long = String(repeating: "h", count: 300)
        #expect(try message(#"{"host":{"name":"a b\né"}}"#).hasPrefix(#"<134>1 - a_b\n__ tattle - - - {"#))
        #expect(try message(#"{"host":{"name":"\#(long)"}}"#).hasPrefix("<134>1 - \(long.prefix(255)) tattle - "))
        #expect(try message(#"{"event":{"action":"\#(long)"}}"#).contains(" tattle - \(long.prefix(32)) - "))
    }

    @Test func countsOctets() throws {
        let shipment = Shipment(batch([line(1), #"{"é":1}"#]))
        var frames: [UInt8] = []
        for record in shipment.records { SyslogFormat().append(counting: record, of: shipment.bytes, to: &frames) }
        var rest = frames[...]
        var read: [String] = []
        while let space = rest.firstIndex(of: 0x20), let count = Int(String(decoding: rest[..<space], as: UTF8.self)) {
            read.append(String(decoding: rest[(space + 1)..<(space + 1 + count)], as: UTF8.self))
            rest = rest[(space + 1 + count)...]
        }
        #expect(rest.isEmpty)
        #expect(read == [try message(line(1)), try message(#"{"é":1}"#)])
    }
}
