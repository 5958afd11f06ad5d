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

    private func result(_ body: String, isEncrypted: Bool) -> DeliveryResult? {
        let answer = HTTPAnswer(status: 400, body: Array(body.utf8), isEncrypted: isEncrypted)
        guard case .result(let result) = LinesFormat(path: "/").result(of: answer, to: shipment(1)) else { return nil }
        return result
    }

    @Test(arguments: ["No required SSL certificate was sent", "The SSL certificate error"])
    func blamesNoRecordForACertificate(_ what: String) {
        let page = "<html>\r\n<head><title>400 \(what)</title></head>\r\n<body>"
        let outage = result(page, isEncrypted: true)?.outage
        #expect(outage?.kind == .lasting && outage?.message.contains("certificate, key") == true)
        // Whoever refuses a record may repeat what stands in it.
        #expect(result(page, isEncrypted: false)?.rejected.count == 1)
        #expect(result("bad field: \(what)", isEncrypted: true)?.rejected.count == 1)
    }

    @Test(arguments: [
        "Client sent an HTTP request to an HTTPS server.\n",
        "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n",
        "<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
    ])
    func blamesNoRecordWhereTLSIsMissing(_ body: String) {
        let outage = result(body, isEncrypted: false)?.outage
        #expect(outage?.kind == .lasting && outage?.message.contains("https in place of http") == true)
        #expect(result(body, isEncrypted: true)?.rejected.count == 1)
    }

    @Test(arguments: [301, 401, 403, 404, 405, 503])
    func tellsNoQuery(_ status: Int) throws {
        let formats: [any HTTPFormat] = [
            LinesFormat(path: "/in?key=s3cret"), OTLPFormat(path: "/v1/logs?key=s3cret"),
            HECFormat(path: "/services/collector?key=s3cret", channel: "c"),
            BulkFormat(path: "/?key=s3cret", index: "i"),
            ClickHouseFormat(path: "/?key=s3cret", table: "t"), KafkaFormat(path: "/?key=s3cret", topic: "t"),
        ]
        for format in formats {
            let outage = try #require(format.outcome(status, of: shipment(2))?.outage)
            #expect(!outage.message.contains("s3cret"), "\(outage.message)")
            #expect(format.target(for: shipment(1)).contains("key=s3cret"))
        }
    }
}

struct ClickHouseFormatTests {
    private let format = ClickHouseFormat(table: "net.tattle")

    @Test func insertsIntoTheTable() {
        let target = format.target(for: shipment(2))
        #expect(target.hasPrefix("/?query=INSERT%20INTO%20%60net%60.%60tattle%60%20FORMAT%20JSONEachRow&"))
        let other = ClickHouseFormat(path: "/?database=x", table: "t").target(for: shipment(1))
        #expect(other.hasPrefix("/?query=") && other.hasSuffix("&database=x"))
        #expect(lines(format.body(shipment(2))) == [line(0), line(1)])
    }

    /// In a table without these columns a row would have nothing in it, and be merged with all others.
    @Test func leavesOutNoMemberThatTheTableHasNoPlaceFor() {
        let items = format.target(for: shipment(1)).split(separator: "?")[1].split(separator: "&")
        #expect(items.contains("input_format_skip_unknown_fields=0"))
        #expect(items.contains("input_format_json_ignore_unknown_keys_in_named_tuple=0"))
        let said = "Code: 117. DB::Exception: Unknown field found while parsing JSONEachRow format: class_uid"
        #expect(format.outcome(400, said, of: shipment(2)) == .tooLarge)
        #expect(
            format.outcome(400, said, of: shipment(1))?.rejected
                == [RejectedRecord(index: 0, reason: "400: \(said)")])
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
            KafkaFormat(path: "/kafka/v3/clusters/abc?x=1", topic: "t").target(for: shipment(1))
                == "/kafka/v3/clusters/abc/topics/t/records?x=1")
        #expect(KafkaFormat(path: "/?x=1", topic: "t").target(for: shipment(1)) == "/topics/t?x=1")
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
                == .partly(retry: [1], rejected: [RejectedRecord(index: 2, reason: "1: too long")], delay: nil))
        let stream = #"{"error_code":200,"offset":1}{"error_code":429}"# + "\n" + #"{"error_code":400,"message":"no"}"#
        #expect(
            third.outcome(200, stream, of: shipment(3))
                == .partly(retry: [1], rejected: [RejectedRecord(index: 2, reason: "400: no")], delay: nil))
        #expect(second.outcome(200, #"{"offsets":[{"error_code":2}]}"#, of: shipment(1))?.outage?.kind == .passing)
    }

    private func outcomes(_ code: Int) -> [DeliveryResult?] {
        [
            second.outcome(200, #"{"offsets":[{"error_code":\#(code),"error":"why"}]}"#, of: shipment(1)),
            third.outcome(200, #"{"error_code":\#(code),"message":"why"}"#, of: shipment(1)),
        ]
    }

    /// 50002 is what the gateway says of everything that Kafka does not call retriable, as of a record that is too long.
    @Test(arguments: [1, 400, 40002, 413, 422, 42201, 50002])
    func setsAsideWhatWillNeverBeTaken(_ code: Int) {
        for outcome in outcomes(code) {
            #expect(outcome == .acknowledged(rejected: [RejectedRecord(index: 0, reason: "\(code): why")]))
        }
    }

    @Test(arguments: [401, 403, 404, 40101, 40301, 40403])
    func asksForSomebody(_ code: Int) {
        for outcome in outcomes(code) {
            #expect(outcome?.outage?.kind == .lasting)
            #expect(outcome?.outage?.message.hasSuffix(": \(code): why") == true)
        }
    }

    @Test(arguments: [2, 408, 40801, 429, 42901, 500, 50001, 50003, 503])
    func triesAgainAndSaysWhy(_ code: Int) {
        for outcome in outcomes(code) {
            #expect(outcome?.outage == Outage(.passing, "takes no record for now, \(code): why"))
        }
    }

    @Test(arguments: [
        "", "{}", #"{"offsets":[]}"#, #"{"offsets":[{"offset":1},{"offset":2}]}"#, #"{"offsets":[{"offset":1}"#,
    ])
    func takesNoOtherAnswerForAnAcknowledgement(_ answer: String) {
        #expect(second.outcome(200, answer, of: shipment(1))?.outage?.kind == .passing)
        #expect(third.outcome(200, answer, of: shipment(1))?.outage?.kind == .passing)
    }
}
