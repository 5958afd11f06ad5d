import Foundation
import Testing

@testable internal import Delivery
@testable internal import Formats

struct OTLPFormatTests {
    private let format = OTLPFormat()

    private func tree(_ lines: [String]) throws -> [[String: Any]] {
        let body = format.body(Shipment(batch(lines), withAttributes: true))
        let tree = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        return try #require(tree?["resourceLogs"] as? [[String: Any]])
    }

    private func records(_ resource: [String: Any]) throws -> [[String: Any]] {
        let scopes = try #require(resource["scopeLogs"] as? [[String: Any]])
        #expect(scopes.count == 1)
        return try #require(scopes[0]["logRecords"] as? [[String: Any]])
    }

    private func attributes(_ of: [String: Any]) throws -> [String: [String: String]] {
        let list = try #require(of["attributes"] as? [[String: Any]])
        return Dictionary(
            uniqueKeysWithValues: try list.map {
                (try #require($0["key"] as? String), try #require($0["value"] as? [String: String]))
            })
    }

    @Test func keepsTheLineAsItStands() throws {
        for name in ["ecs", "ocsf"] {
            for (name, line) in try goldenLines(name) {
                let resources = try tree([line])
                let record = try #require(try records(resources[0]).first)
                #expect((record["body"] as? [String: String])?["stringValue"] == line, "\(name)")
                #expect((record["timeUnixNano"] as? String)?.count == 19, "\(name)")
            }
        }
    }

    @Test func tellsNumbersAsText() throws {
        let line = try #require(try goldenLines("ecs").first { $0.name == "tcp-refused" }?.line)
        let record = try #require(try records(tree([line])[0]).first)
        let attributes = try attributes(record)
        #expect(record["timeUnixNano"] as? String == "1767261600123456789")
        #expect(record["eventName"] as? String == "connection_attempted")
        #expect(record["severityNumber"] as? Int == 9)
        #expect(attributes["destination.port"] == ["intValue": "443"])
        #expect(attributes["process.pid"] == ["intValue": "4242"])
        #expect(attributes["destination.ip"] == ["stringValue": "203.0.113.9"])
        #expect(attributes["log.record.uid"] == ["stringValue": "6a62b0bc33a6324f-0-2-1-a"])
        #expect(attributes["error.code"] == ["stringValue": "ECONNREFUSED"])
    }

    @Test func leavesOutNumbersThatAreNo64BitIntegers() throws {
        let records = try records(
            tree([#"{"process":{"pid":1.5},"destination":{"port":99999999999999999999,"ip":"::1"}}"#])[0])
        #expect(try attributes(records[0]) == ["destination.ip": ["stringValue": "::1"]])
    }

    @Test func hasAResourceForEachHost() throws {
        let resources = try tree([line(0), line(1), line(2, host: "db-1"), #"{"a":1}"#])
        #expect(try resources.map { try records($0).count } == [2, 1, 1])
        let names = try resources.map { try attributes(#require($0["resource"] as? [String: Any]))["host.name"] }
        #expect(names == [["stringValue": "web-1"], ["stringValue": "db-1"], nil])
    }

    @Test func warnsOfWhatWasFoundAndLost() throws {
        let alert = #"{"event":{"kind":"alert","action":"beacon_detected"}}"#
        let records = try records(tree([alert, #"{"event":{"action":"events_lost"}}"#])[0])
        #expect(records.map { $0["severityNumber"] as? Int } == [13, 17])
    }

    @Test func knowsItsPath() {
        for (path, target) in [
            ("/", "/v1/logs"), ("/?tenant=a", "/v1/logs?tenant=a"), ("/otlp/v1/logs?a=b", "/otlp/v1/logs?a=b"),
        ] {
            #expect(OTLPFormat(path: path).target(for: shipment(1)) == target)
        }
    }

    /// The collector answers 500 to what it will never take; the protocol forbids to send it again.
    @Test(arguments: [500, 507])
    func sendsNothingAgainThatIsRefusedForGood(_ status: Int) {
        let said = #"{"code":13,"message":"Permanent error: too old"}"#
        #expect(format.outcome(status, said, of: shipment(2)) == .tooLarge)
        #expect(
            format.outcome(status, said, of: shipment(1))
                == .acknowledged(rejected: [RejectedRecord(index: 0, reason: "\(status): Permanent error: too old")]))
    }

    @Test func waitsForWhatMayBeSentAgainAndForSomebody() {
        for (status, kind) in [
            (429, Outage.Kind.passing), (502, .passing), (503, .passing), (504, .passing), (401, .lasting),
            (403, .lasting), (404, .lasting), (501, .lasting),
        ] {
            #expect(format.outcome(status, of: shipment(2))?.outage?.kind == kind, "\(status)")
        }
    }

    @Test(arguments: ["", "{}", #"{"partialSuccess":{}}"#, #"{"partialSuccess":{"errorMessage":"careful"}}"#, " {} \n"])
    func acknowledges(_ answer: String) {
        #expect(format.outcome(200, answer, of: shipment(2)) == .acknowledged(rejected: []))
    }

    @Test(arguments: ["ok", "{", "[]", #"{"partialSuccess":{"rejectedLogRecords":"many"}}"#, "{}{}", "\0", "\0\0\0"])
    func takesNothingElseForAnAcknowledgement(_ answer: String) {
        #expect(format.outcome(200, answer, of: shipment(2))?.outage?.kind == .passing)
    }

    /// Which ones is not said: so none is lost.
    @Test func setsAllAsideWhereSomeAreRejected() {
        let answer = #"{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}"#
        let reason = "1 of 2 records, not said which: too old"
        #expect(
            format.outcome(200, answer, of: shipment(2))
                == .acknowledged(
                    rejected: [0, 1].map { RejectedRecord(index: $0, reason: reason, isRefused: false) }))
        let all = #"{"partialSuccess":{"rejectedLogRecords":1,"errorMessage":"too old"}}"#
        #expect(
            format.outcome(200, all, of: shipment(1))
                == .acknowledged(rejected: [RejectedRecord(index: 0, reason: "too old")]))
    }
}
