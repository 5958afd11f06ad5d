import Foundation
import Testing

@testable internal import Delivery
@testable internal import Formats

struct HECFormatTests {
    private let format = HECFormat(index: "net \"1\"", channel: "c-1")
    private let waiting = HECFormat(channel: "c-1", awaitsIndexer: true)

    @Test func tellsTimeWithEveryDigitAndTheRecordUnchanged() throws {
        let body = format.body(shipment(2))
        #expect(
            lines(body)
                == [0, 1].map {
                    #"{"time":"1767261600.00000000\#($0)","host":"web-1","source":"tattle","sourcetype":"tattle","index":"net \"1\"","event":\#(line($0))}"#
                })
    }

    @Test func leavesOutWhatARecordDoesNotHave() {
        let shipment = Shipment(batch([#"{"a":1}"#]))
        #expect(
            lines(waiting.body(shipment)) == [#"{"source":"tattle","sourcetype":"tattle","event":{"a":1}}"#])
    }

    @Test func isJSONForEveryGoldenRecord() throws {
        for format in ["ecs", "ocsf"] {
            for (name, line) in try goldenLines(format) {
                let body = self.format.body(Shipment(batch([line])))
                let tree = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
                #expect(String(decoding: body, as: UTF8.self).hasSuffix(#""event":\#(line)}"# + "\n"), "\(name)")
                #expect((tree?["time"] as? String)?.count == 20 && tree?["host"] as? String == "web-1", "\(name)")
            }
        }
    }

    @Test func knowsItsPaths() {
        #expect(format.target(for: shipment(1)) == "/services/collector/event")
        #expect(waiting.question(7).target == "/services/collector/ack?channel=c-1")
        #expect(waiting.question(7).body == Array(#"{"acks":[7]}"#.utf8))
        for (path, question) in [
            ("/splunk/services/collector/event", "/splunk/services/collector/ack?channel=c"),
            ("/services/collector", "/services/collector/ack?channel=c"),
            ("/services/collector/event/1.0", "/services/collector/ack?channel=c"),
            ("/hec/event?tenant=a", "/hec/ack?channel=c&tenant=a"),
            ("/?tenant=a", "/services/collector/ack?channel=c&tenant=a"),
        ] {
            #expect(HECFormat(path: path, channel: "c").question(1).target == question)
        }
        #expect(
            HECFormat(path: "/?tenant=a", channel: "c").target(for: shipment(1))
                == "/services/collector/event?tenant=a")
    }

    @Test func acknowledgesOnlyWhatSplunkSaysIsWell() {
        #expect(format.outcome(200, #"{"text":"Success","code":0}"#, of: shipment(2)) == .acknowledged(rejected: []))
        for answer in ["", "{}", "ok", #"{"text":"Success","code":9}"#, #"{"code":"0"}"#, #"{"code":0}x"#] {
            #expect(format.outcome(200, answer, of: shipment(2))?.outage?.kind == .passing, "\(answer)")
        }
    }

    @Test func asksTheIndexerWhereItIsToBeAwaited() throws {
        let answer = HTTPAnswer(
            status: 200, body: Array(#"{"text":"Success","code":0,"ackId":18446744073709551615}"#.utf8))
        #expect(waiting.result(of: answer, to: shipment(1)) == .pending(acknowledgement: .max))
        #expect(format.result(of: answer, to: shipment(1)) == .result(.acknowledged(rejected: [])))
        let without = waiting.outcome(200, #"{"text":"Success","code":0}"#, of: shipment(1))
        #expect(without?.outage?.kind == .lasting)
    }

    @Test func knowsWhetherAcknowledgementsCanBeHad() throws {
        let check = { (status: Int, body: String) throws(HECFormat.QuestionFailure) in
            try waiting.checkAcknowledgement(HTTPAnswer(status: status, body: Array(body.utf8)))
        }
        try check(200, #"{"acks":{"0":false}}"#)
        try check(200, #"{"acks":{}}"#)
        for (status, body, kind, text) in [
            (400, #"{"text":"ACK is disabled","code":14}"#, Outage.Kind.lasting, "leave wait-for-indexer out"),
            (404, "", .lasting, "/services/collector/ack;"),
            (403, #"{"text":"Invalid token","code":4}"#, .lasting, "403"),
            (400, "?", .passing, "400"), (503, "", .passing, "503"),
        ] {
            let failure = #expect(throws: HECFormat.QuestionFailure.self) { try check(status, body) }
            #expect(failure?.outage.kind == kind && failure?.outage.message.contains(text) == true, "\(status)")
        }
    }

    @Test func readsWhetherItIsIndexed() throws {
        let answer = { (body: String) in HTTPAnswer(status: 200, body: Array(body.utf8)) }
        #expect(try waiting.isIndexed(answer(#"{"acks":{"6":true,"7":false}}"#), 7) == false)
        #expect(try waiting.isIndexed(answer(#"{"acks":{"7":true}}"#), 7) == true)
        for garbage in ["", "{}", #"{"acks":{}}"#, #"{"acks":{"7":1}}"#, #"{"acks":[7]}"#] {
            #expect(throws: HECFormat.QuestionFailure.self) { try waiting.isIndexed(answer(garbage), 7) }
        }
        #expect(throws: HECFormat.QuestionFailure.self) { try waiting.isIndexed(HTTPAnswer(status: 400), 7) }
    }

    @Test func rejectsTheEventThatSplunkNames() {
        let answer = #"{"text":"Invalid data format","code":6,"invalid-event-number":1}"#
        #expect(
            format.outcome(400, answer, of: shipment(3))
                == .partly(
                    retry: [0, 2], rejected: [RejectedRecord(index: 1, reason: "400: Invalid data format")], delay: nil)
        )
        #expect(
            format.outcome(400, #"{"text":"No","code":6,"invalid-event-number":0}"#, of: shipment(1))
                == .acknowledged(rejected: [RejectedRecord(index: 0, reason: "400: No")]))
        #expect(format.outcome(400, #"{"text":"No","code":6,"invalid-event-number":9}"#, of: shipment(3)) == .tooLarge)
    }

    @Test func waitsWhereItsSettingsAreWrong() throws {
        for code in [7, 10, 11, 14] {
            let outage = format.outcome(400, #"{"text":"Incorrect index","code":\#(code)}"#, of: shipment(3))?.outage
            #expect(outage?.kind == .lasting, "\(code)")
        }
        #expect(format.outcome(403, #"{"text":"Invalid token","code":4}"#, of: shipment(3))?.outage?.kind == .lasting)
        #expect(format.outcome(503, #"{"text":"Server is busy","code":9}"#, of: shipment(3))?.outage?.kind == .passing)
    }
}
