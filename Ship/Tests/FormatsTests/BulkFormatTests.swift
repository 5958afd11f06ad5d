import Testing

@testable internal import Delivery
@testable internal import Formats

struct BulkFormatTests {
    private let format = BulkFormat(index: "logs-tattle-default")

    @Test func createsEachRecordUnderItsId() {
        let body = format.body(shipment(2))
        #expect(
            lines(body) == [
                #"{"create":{"_id":"run-0-0-a"}}"#, line(0), #"{"create":{"_id":"run-0-1-a"}}"#, line(1),
            ])
        #expect(body.last == UInt8(ascii: "\n"))
    }

    @Test func leavesTheIdToTheReceiverWhereThereIsNone() {
        let shipment = Shipment(batch([#"{"a":1}"#, #"{"event":{"id":"\#(String(repeating: "x", count: 513))"}}"#]))
        #expect(lines(format.body(shipment)).filter { $0 == #"{"create":{}}"# }.count == 2)
    }

    @Test func asksForTheIndexAndOnlyForWhatIsRead() {
        #expect(
            format.target(for: shipment(1))
                == "/logs-tattle-default/_bulk?filter_path=errors,items.*.status,items.*.error")
        for path in ["/es?pipeline=geoip", "/es/?pipeline=geoip"] {
            #expect(
                BulkFormat(path: path, index: "a b/c").target(for: shipment(1))
                    == "/es/a%20b%2Fc/_bulk?filter_path=errors,items.*.status,items.*.error&pipeline=geoip")
        }
    }

    @Test func countsAConflictAsDelivered() {
        let answer =
            #"{"took":1,"errors":true,"items":[{"create":{"_id":"a","status":409,"error":{"type":"version_conflict_engine_exception","reason":"exists"}}},{"create":{"status":201}}]}"#
        #expect(format.outcome(200, answer, of: shipment(2)) == .acknowledged(rejected: []))
    }

    @Test func tellsItemsApart() {
        let answer = """
            {"errors":true,"items":[{"create":{"status":201}},{"create":{"status":429,"error":{"type":"es_rejected_execution_exception","reason":"full"}}},
            {"create":{"status":400,"error":{"type":"document_parsing_exception","reason":"bad\\nfield","caused_by":{"type":"x","reason":"y"}}}},
            {"create":{"status":503}}]}
            """
        #expect(
            format.outcome(200, answer, of: shipment(4))
                == .partly(
                    retry: [1, 3],
                    rejected: [
                        RejectedRecord(index: 2, reason: "400: document_parsing_exception: bad field: x: y")
                    ], delay: nil))
    }

    @Test func namesLinesOfTheBatchAlsoBehindOneThatIsNoRecord() {
        let shipment = Shipment(batch(["torn", line(1), line(2)]))
        let answer = #"{"errors":true,"items":[{"create":{"status":400}},{"create":{"status":429}}]}"#
        let result = format.outcome(200, answer, of: shipment)
        #expect(result?.rejected.map(\.index) == [0, 1])
        guard case .partly([2], _, _) = result else {
            Issue.record("\(String(describing: result))")
            return
        }
    }

    @Test func waitsWhereNothingIsTaken() throws {
        let full = #"{"errors":true,"items":[{"create":{"status":429,"error":{"type":"full","reason":"r"}}}]}"#
        #expect(try #require(format.outcome(200, full, of: shipment(1))?.outage).kind == .passing)
        for status in [401, 403, 404] {
            let refused =
                #"{"errors":true,"items":[{"create":{"status":\#(status),"error":{"type":"no","reason":"r"}}}]}"#
            let outage = try #require(format.outcome(200, refused, of: shipment(1))?.outage)
            #expect(outage.kind == .lasting && outage.message.contains("logs-tattle-default"))
        }
    }

    @Test(arguments: [
        "", "garbage", "{}", "[]", #"{"errors":false}x"#, #"{"errors":true}"#, #"{"errors":"no"}"#,
        #"{"errors":false,"items":[]}"#, #"{"errors":false}"#, #"{"errors":true,"items":[{"create":{"status":201}}]}"#,
        #"{"errors":false,"items":[{"create":{"status":429}}]}"#,
        #"{"errors":false,"items":[{"create":{"status":201}},{"create":{}}]}"#,
        #"{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":99999999999999999999}}]}"#,
        #"{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":7}}]}"#,
        #"{"errors":false,"items":[{},{}]}"#, #"{"errors":false,"items":[{"create":{"status":201}},"#,
        #"{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}},{"create":{"status":201}}]}"#,
        String(repeating: "[", count: 100_000), #"{"a":"# + String(repeating: #"{"a":"#, count: 100_000),
    ])
    func takesNoOtherAnswerForAnAcknowledgement(_ answer: String) throws {
        #expect(try #require(format.outcome(200, answer, of: shipment(2))?.outage).kind == .passing)
    }

    /// Tenzir 6 lists one item, whatever it was given.
    @Test func believesThatThereWereNoErrors() {
        let answer = #"{"errors":false,"items":[{"create":{"status":201,"result":"created"}}]}"#
        #expect(format.outcome(200, answer, of: shipment(2)) == .acknowledged(rejected: []))
    }

    @Test func saysWhatIsToBeDone() throws {
        let outcome = { status, body in format.outcome(status, body, of: shipment(2)) }
        #expect(outcome(413, "") == .tooLarge)
        for (status, kind) in [
            (301, Outage.Kind.lasting), (401, .lasting), (403, .lasting), (404, .lasting), (405, .lasting),
            (429, .passing), (500, .passing), (502, .passing), (503, .passing), (418, .lasting), (409, .lasting),
        ] {
            #expect(try #require(outcome(status, "")?.outage).kind == kind, "\(status)")
        }
        #expect(try #require(outcome(404, "")?.outage).message.contains("logs-tattle-default"))
        let error = #"{"error":{"type":"security_exception","reason":"missing\u0007 \u202e token"},"status":401}"#
        #expect(try #require(outcome(401, error)?.outage).message.hasSuffix(": security_exception: missing token"))
    }

    /// So that the one that is refused is found, and no other goes with it.
    @Test func splitsWhatIsRefusedAsAWhole() {
        #expect(format.outcome(400, "no", of: shipment(2)) == .tooLarge)
        #expect(
            format.outcome(400, "no", of: shipment(1))
                == .acknowledged(rejected: [RejectedRecord(index: 0, reason: "400: no")]))
    }

    /// However many records: of an answer no more is kept than there is memory for.
    @Test func readsAnAnswerOfALengthThatThereIsMemoryFor() {
        #expect(format.longestAnswer(to: shipment(5_000)) > 5_000 * 2_000)
        #expect(format.longestAnswer(to: shipment(100_000)) == 32 << 20)
    }

    @Test func keepsTheDelayThatIsAskedFor() {
        let answer = HTTPAnswer(status: 503, retryAfter: .seconds(7))
        #expect(
            format.result(of: answer, to: shipment(1))
                == .result(.outage(Outage(.passing, "answers 503", delay: .seconds(7)))))
    }
}
