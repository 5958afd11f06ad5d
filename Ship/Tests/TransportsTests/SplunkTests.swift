import Delivery
import ShipSettings
import Testing

@testable internal import Transports

struct SplunkTests {
    /// The answer to what is asked before anything is sent.
    private let enabled = #"body:{"acks":{"0":false}}"#
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
            enabled, taken, #"body:{"acks":{"7":false}}"#, #"body:{"acks":{"7":false}}"#, #"body:{"acks":{"7":true}}"#,
        ])
        #expect(result == .acknowledged(rejected: []))
        try #require(requests.count == 5)
        #expect(requests[4].lines == [#"{"acks":[7]}"#])
        let channel = try #require(requests[1].headers["x-splunk-request-channel"])
        #expect(channel.count == 36 && requests[4].target == "/services/collector/ack?channel=\(channel)")
        #expect(requests.allSatisfy { $0.headers["authorization"] == "Splunk t0k3n" })
    }

    /// What is sent to a token without acknowledgements is indexed, and would be again with each try.
    @Test func sendsNothingWhereAcknowledgementsAreNotEnabled() async throws {
        let (result, requests) = try await result([#"body-400:{"text":"ACK is disabled","code":14}"#])
        #expect(result.outage?.kind == .lasting && result.outage?.message.contains("wait-for-indexer") == true)
        #expect(requests.map(\.lines) == [[#"{"acks":[0]}"#]])
    }

    @Test func asksBeforehandOnceUntilSomethingFails() async throws {
        let indexed = #"body:{"acks":{"7":true}}"#
        let server = try FaultServer([
            enabled, taken, indexed, taken, indexed, #"body:{"text":"Success","code":0}"#,
            #"body-400:{"text":"ACK is disabled","code":14}"#,
        ])
        let receiver = try makeReceiver(destination(.splunk, server.port) { $0.awaitsIndexer = true })
        #expect(await receiver.deliver(batch(1)) == .acknowledged(rejected: []))
        #expect(await receiver.deliver(batch(1)) == .acknowledged(rejected: []))
        for _ in 0..<3 { #expect(await receiver.deliver(batch(1)).outage?.kind == .lasting) }
        await receiver.close()
        let asked = try server.requests().map { $0.target.hasPrefix("/services/collector/ack") }
        #expect(asked == [true, false, true, false, true, false, true, true])
    }

    @Test func sendsNothingAgainWhereNobodyCanBeAsked() async throws {
        let server = try FaultServer([enabled, taken, "404"])
        let receiver = try makeReceiver(destination(.splunk, server.port) { $0.awaitsIndexer = true })
        for _ in 0..<3 { #expect(await receiver.deliver(batch(1)).outage?.kind == .lasting) }
        await receiver.close()
        #expect(try server.requests().count { !$0.target.hasPrefix("/services/collector/ack") } == 1)
    }

    @Test func sendsAgainWhatIsNotIndexedInTime() async throws {
        let (result, _) = try await result(
            [enabled, taken, #"body:{"acks":{"7":false}}"#], timeout: .milliseconds(200))
        #expect(result.outage?.kind == .passing)
    }

    @Test func believesNoOtherAnswerToThat() async throws {
        #expect(try await result([enabled, taken, "body:{}"]).0.outage?.kind == .passing)
        #expect(try await result([enabled, taken, "404"]).0.outage?.kind == .lasting)
        #expect(try await result([enabled, taken, "silence"], timeout: .milliseconds(200)).0.outage?.kind == .passing)
    }
}
