import Foundation
import Testing

@testable internal import Delivery
@testable internal import Formats

struct LinesFormatTests {
    @Test func sendsLinesAsTheyStand() {
        let format = LinesFormat(path: "/in?x=1")
        #expect(lines(format.body(Shipment(batch(["torn", line(1), line(2)])))) == [line(1), line(2)])
        #expect(format.target(for: shipment(1)) == "/in?x=1")
        #expect(format.outcome(204, of: shipment(2)) == .acknowledged(rejected: []))
        #expect(format.outcome(422, of: shipment(2)) == .tooLarge)
    }

    @Test(arguments: ["No required SSL certificate was sent", "The SSL certificate error"])
    func blamesNoRecordForACertificate(_ what: String) {
        let page = "<html>\r\n<head><title>400 \(what)</title></head>\r\n<body>"
        let outage = LinesFormat(path: "/").outcome(400, page, of: shipment(1))?.outage
        #expect(outage?.kind == .lasting && outage?.message.contains("certificate, key") == true)
        #expect(LinesFormat(path: "/").outcome(400, "certificate", of: shipment(1))?.rejected.count == 1)
    }
}

struct ClickHouseFormatTests {
    private let format = ClickHouseFormat(table: "net.tattle")

    @Test func insertsIntoTheTable() {
        let target = format.target(for: shipment(2))
        #expect(target.hasPrefix("/?query=INSERT%20INTO%20%60net%60.%60tattle%60%20FORMAT%20JSONEachRow&"))
        #expect(ClickHouseFormat(path: "/?user=x", table: "t").target(for: shipment(1)).hasPrefix("/?user=x&query="))
        #expect(lines(format.body(shipment(2))) == [line(0), line(1)])
    }

    @Test func givesTheSameRecordsTheSameTokenAndOthersAnother() {
        let token = ClickHouseFormat.token(shipment(3))
        #expect(token == ClickHouseFormat.token(Shipment(batch((0..<3).map { line($0) }))))
        #expect(format.target(for: shipment(3)).hasSuffix("&insert_deduplication_token=\(token)"))
        let others = [shipment(2), Shipment(batch([line(0), line(2), line(1)])), Shipment(batch([line(0)]))]
        #expect(Set(others.map(ClickHouseFormat.token) + [token]).count == 4)
    }

    @Test func acknowledgesOnlyAnAnswerWithoutText() {
        #expect(format.outcome(200, "\n", of: shipment(2)) == .acknowledged(rejected: []))
        #expect(format.outcome(200, "Code: 241. DB::Exception", of: shipment(2))?.outage?.kind == .passing)
        #expect(
            format.outcome(404, "Code: 60. No table", of: shipment(2))?.outage?.message.contains("net.tattle") == true)
        #expect(format.outcome(400, "Code: 27. (at row 2)", of: shipment(2)) == .tooLarge)
    }
}

struct KafkaFormatTests {
    private let second = KafkaFormat(topic: "tattle")
    private let third = KafkaFormat(path: "/v3/clusters/abc/", topic: "a b")

    @Test func speaksVersion2() throws {
        #expect(second.target(for: shipment(1)) == "/topics/tattle")
        #expect(
            String(decoding: second.body(Shipment(batch([line(0), #"{"a":1}"#]))), as: UTF8.self)
                == #"{"records":[{"key":"web-1","value":\#(line(0))},{"value":{"a":1}}]}"#)
    }

    @Test func speaksVersion3() throws {
        #expect(third.target(for: shipment(1)) == "/v3/clusters/abc/topics/a%20b/records")
        #expect(
            lines(third.body(Shipment(batch([line(0), #"{"a":1}"#])))) == [
                #"{"key":{"type":"JSON","data":"web-1"},"value":{"type":"JSON","data":\#(line(0))}}"#,
                #"{"value":{"type":"JSON","data":{"a":1}}}"#,
            ])
    }

    @Test func tellsRecordsApart() {
        let answer =
            #"{"key_schema_id":null,"offsets":[{"partition":0,"offset":7,"error_code":null,"error":null},{"partition":null,"offset":null,"error_code":2,"error":"later"},{"error_code":1,"error":"too long"}]}"#
        #expect(
            second.outcome(200, answer, of: shipment(3))
                == .partly(retry: [1], rejected: [RejectedRecord(index: 2, reason: "too long")], delay: nil))
        let stream = #"{"error_code":200,"offset":1}{"error_code":429}"# + "\n" + #"{"error_code":400,"message":"no"}"#
        #expect(
            third.outcome(200, stream, of: shipment(3))
                == .partly(retry: [1], rejected: [RejectedRecord(index: 2, reason: "no")], delay: nil))
        #expect(second.outcome(200, #"{"offsets":[{"error_code":2}]}"#, of: shipment(1))?.outage?.kind == .passing)
    }

    @Test(arguments: [
        "", "{}", #"{"offsets":[]}"#, #"{"offsets":[{"offset":1},{"offset":2}]}"#, #"{"offsets":[{"offset":1}"#,
    ])
    func takesNoOtherAnswerForAnAcknowledgement(_ answer: String) {
        #expect(second.outcome(200, answer, of: shipment(1))?.outage?.kind == .passing)
        #expect(third.outcome(200, answer, of: shipment(1))?.outage?.kind == .passing)
    }
}
