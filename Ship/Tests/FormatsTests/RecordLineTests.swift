import Foundation
import Testing

@testable internal import Delivery
@testable internal import Formats

struct RecordLineTests {
    /// Foundation reads the same, from a tree.
    @Test func findsIdAndTimeOfEveryGoldenRecord() throws {
        let golden = try goldenLines("ecs")
        #expect(golden.count > 20)
        for (name, line) in golden {
            let bytes = Array(line.utf8)
            let record = try RecordLine(bytes, index: 0, range: 0..<bytes.count)
            let tree = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
            let event = tree["event"] as? [String: Any]
            #expect(text(bytes, record.id) == event?["id"] as? String, "\(name)")
            #expect(record.id != nil, "\(name)")
            #expect(text(bytes, record.action) == event?["action"] as? String, "\(name)")
            #expect(text(bytes, record.kind) == event?["kind"] as? String, "\(name)")
            #expect(text(bytes, record.timestamp) == tree["@timestamp"] as? String, "\(name)")
            #expect(text(bytes, record.host) == (tree["host"] as? [String: Any])?["name"] as? String, "\(name)")
            let seconds = try Date(
                String(decoding: bytes[#require(record.timestamp)].prefix(19), as: UTF8.self) + "Z", strategy: .iso8601)
            #expect(try #require(record.time) / 1_000_000_000 == UInt64(seconds.timeIntervalSince1970), "\(name)")
        }
    }

    @Test func findsIdAndTimeOfOCSFWithNanoseconds() throws {
        let golden = try goldenLines("ocsf")
        #expect(golden.count > 20)
        for (name, line) in golden {
            let bytes = Array(line.utf8)
            let record = try RecordLine(bytes, index: 0, range: 0..<bytes.count)
            let tree = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
            let metadata = tree["metadata"] as? [String: Any]
            #expect(text(bytes, record.id) == metadata?["uid"] as? String, "\(name)")
            #expect(record.id != nil, "\(name)")
            #expect(text(bytes, record.timestamp) == metadata?["original_time"] as? String, "\(name)")
            #expect(text(bytes, record.host) == (tree["device"] as? [String: Any])?["hostname"] as? String, "\(name)")
            #expect(try #require(record.time) / 1_000_000 == UInt64(try #require(tree["time"] as? Int)), "\(name)")
        }
    }

    @Test(arguments: [
        "", "{", "[]", "null", #"{"event":{"id":"x"}"#, #"{"event":{"id":"x"}} x"#, "{\"a\":\"\u{1}\"}", #"{"a":1,}"#,
        #"{"a" 1}"#, "\0\0\0\0",
    ])
    func isNoRecordUnlessAnObjectStandsThere(_ line: String) {
        let shipment = Shipment(batch([line == "" ? " " : line, good]))
        #expect(shipment.records.map(\.index) == [1])
        #expect(shipment.rejected.map(\.index) == [0])
    }

    @Test func isNoRecordWithoutUTF8() {
        let bytes = Array("{\"a\":\"".utf8) + [0xff] + Array("\"}\n{\"a\":\"é\"}\n".utf8)
        let shipment = Shipment(Batch(bytes: bytes))
        #expect(shipment.records.map(\.index) == [1])
        #expect(
            shipment.rejected == [
                RejectedRecord(index: 0, reason: "no record: a value that cannot be, at byte 7", isRefused: false)
            ])
    }

    @Test func takesMembersOfOtherTypesForNone() throws {
        let bytes = Array(#"{"@timestamp":5,"event":{"id":7,"action":["x"]},"host":"h","time":-3,"metadata":[1]}"#.utf8)
        let record = try RecordLine(bytes, index: 0, range: 0..<bytes.count)
        #expect(record.id == nil && record.time == nil && record.action == nil && record.host == nil)
    }

    private let good = line(1)
}
