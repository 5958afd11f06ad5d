import Delivery
import ShipSettings
import Testing

@testable internal import Transports

struct SplunkTests {
    private let taken = #"body:{"text":"Success","code":0,"ackId":7}"#

    private func result(_ behaviours: [String], timeout: Duration = .seconds(20)) async throws -> (
        DeliveryResult, [FaultServer.Request]
    ) {
        let server = try FaultServer(behaviours)
        let result = try await deliver(
            batch(2),
            to: destination(.splunk, server.port) {
                $0.awaitsIndexer = true
                $0.answerTimeout = timeout
                $0.credentials = .token(Secret("t0k3n"))
            })
        return (result, try server.requests())
    }

    @Test func asksUntilTheEventsAreIndexed() async throws {
        let (result, requests) = try await result([
            taken, #"body:{"acks":{"7":false}}"#, #"body:{"acks":{"7":false}}"#, #"body:{"acks":{"7":true}}"#,
        ])
        #expect(result == .acknowledged(rejected: []))
        #expect(requests.count == 4 && requests[3].lines == [#"{"acks":[7]}"#])
        let channel = try #require(requests[0].headers["x-splunk-request-channel"])
        #expect(channel.count == 36 && requests[3].target == "/services/collector/ack?channel=\(channel)")
        #expect(requests.allSatisfy { $0.headers["authorization"] == "Splunk t0k3n" })
    }

    @Test func sendsAgainWhatIsNotIndexedInTime() async throws {
        let (result, _) = try await result([taken, #"body:{"acks":{"7":false}}"#], timeout: .milliseconds(200))
        #expect(result.outage?.kind == .passing)
    }

    @Test func believesNoOtherAnswerToThat() async throws {
        #expect(try await result([taken, "body:{}"]).0.outage?.kind == .passing)
        #expect(try await result([taken, "404"]).0.outage?.kind == .lasting)
        #expect(try await result([taken, "silence"], timeout: .milliseconds(200)).0.outage?.kind == .passing)
    }
}
