import Delivery
import Foundation
import ShipSettings
import Testing

@testable internal import Transports

/// What a receiver may do wrong, and what it is told to be.
struct FaultTests {
    private func result(
        _ behaviour: String, _ count: Int = 4, _ change: (inout DestinationSettings) -> Void = { _ in }
    ) async throws -> DeliveryResult {
        let server = try FaultServer([behaviour])
        return try await deliver(batch(count), to: destination(.elasticsearch, server.port, .tcp, change))
    }

    @Test(arguments: [true, false])
    func deliversEveryRecordAsItStands(_ isCompressed: Bool) async throws {
        let server = try FaultServer(["ok"])
        let result = try await deliver(
            batch(3),
            to: destination(.elasticsearch, server.port) {
                $0.isCompressed = isCompressed
                $0.index = "tattle"
                $0.credentials = .apiKey(Secret("a2V5"))
            })
        #expect(result == .acknowledged(rejected: []))
        let request = try #require(try server.requests().first)
        #expect(request.target.hasPrefix("/tattle/_bulk?"))
        #expect(request.lines == (0..<3).flatMap { [#"{"create":{"_id":"run-0-\#($0)-a"}}"#, line($0)] })
        #expect(request.headers["authorization"] == "ApiKey a2V5")
        #expect(request.headers["content-encoding"] == (isCompressed ? "gzip" : nil))
        #expect(request.headers["content-type"] == "application/x-ndjson")
    }

    @Test func tellsItemsApart() async throws {
        #expect(
            try await result("items:201,429,400,409")
                == .partly(
                    retry: [1], rejected: [RejectedRecord(index: 2, reason: "400: error_400: reason 400")], delay: nil))
    }

    @Test func waitsAsLongAsItIsAskedTo() async throws {
        #expect(try await result("429:7").outage == Outage(.passing, "answers 429", delay: .seconds(7)))
        #expect(try await result("503:3").outage == Outage(.passing, "answers 503", delay: .seconds(3)))
    }

    @Test func splitsWhatIsTooLarge() async throws { #expect(try await result("413") == .tooLarge) }

    @Test(arguments: [401, 403, 404])
    func asksForSomebody(_ status: Int) async throws {
        #expect(try await result("\(status)").outage?.kind == .lasting)
    }

    @Test(arguments: ["body:", "body:ok", #"body:{"errors":false"#, "204"])
    func takesNoOtherAnswerForAnAcknowledgement(_ behaviour: String) async throws {
        #expect(try await result(behaviour).outage?.kind == .passing)
    }

    /// Each by its own bound, long before the deadline.
    @Test(arguments: [
        ("garbage", "is not HTTP"), ("headers", "header of the answer of"), ("long-header", "header of the answer of"),
        ("long-body", "with more than"), ("cut", "the connection"),
        ("cut-answer", "closed the connection amid its answer"),
    ])
    func isNotHurtByWhatIsNoAnswer(_ behaviour: String, _ said: String) async throws {
        let outage = try #require(try await result(behaviour).outage)
        #expect(outage.message.contains(said), "\(outage.message)")
        #expect(outage.message.utf8.count < 300 && !outage.message.contains("\n"), "\(outage.message)")
    }

    @Test(arguments: ["silence", "slow-body"])
    func doesNotWaitForEver(_ behaviour: String) async throws {
        let outage = try #require(
            try await result(behaviour) { ($0.answerTimeout, $0.connectTimeout) = (.milliseconds(300), .seconds(1)) }
                .outage)
        #expect(outage.kind == .passing && outage.message.hasPrefix("no answer from 127.0.0.1:"))
    }

    @Test func followsNoRedirect() async throws {
        let elsewhere = try FaultServer(["ok"])
        let outage = try #require(
            try await result("redirect:http://user:pass@127.0.0.1:\(elsewhere.port)/x/_bulk?token=1").outage)
        #expect(outage.kind == .lasting)
        #expect(outage.message.contains("http://127.0.0.1:\(elsewhere.port)"))
        #expect(!outage.message.contains("pass") && !outage.message.contains("token=1"))
        #expect(try elsewhere.requests().isEmpty)
    }

    @Test func saysNoSecretThatAReceiverRepeats() async throws {
        for credentials in [
            Credentials.token(Secret("hunter22")), .basic(user: "ana", password: Secret("hunter22")),
            .apiKey(Secret("hunter22")),
        ] {
            let outage = try #require(
                try await result("body-401:bad hunter22, YW5hOmh1bnRlcjIy") { $0.credentials = credentials }.outage)
            #expect(!outage.message.contains("hunter22"))
            if case .basic = credentials { #expect(!outage.message.contains("YW5hOmh1bnRlcjIy")) }
        }
        // Of such an answer 200 bytes are told: half of the secret.
        let long = "body-401:\(String(repeating: "x", count: 196))hunter22 and more"
        let outage = try #require(try await result(long) { $0.credentials = .token(Secret("hunter22")) }.outage)
        #expect(outage.message.hasSuffix("xxx***"), "\(outage.message)")
    }

    @Test func saysThatNobodyListens() async throws {
        let server = try FaultServer(["ok"])
        let port = server.port
        server.stop()
        let outage = try #require(try await deliver(batch(1), to: destination(.http, port)).outage)
        #expect(outage == Outage(.passing, "cannot connect to 127.0.0.1:\(port): Connection refused"))
    }

    @Test func saysThatThereIsNoSuchName() async throws {
        let outage = try #require(
            try await deliver(batch(1), to: destination(.http, 9, .tcp) { $0.host = "no-such-name.invalid" }).outage)
        #expect(outage.kind == .passing && outage.message.contains("no-such-name.invalid"))
    }

    /// In a debug build a client of HTTP that was made and is not shut down ends the program.
    @Test func leavesNothingBehindThatWasNeverUsed() throws {
        _ = try makeReceiver(destination(.http, 9))
    }

    @Test func goesOnWithTheNextBatchWhenTheConnectionWasClosed() async throws {
        let server = try FaultServer(["ok-close"])
        let receiver = try makeReceiver(destination(.elasticsearch, server.port))
        var arrived = 0
        for first in 0..<20 {
            // Whoever delivers tries again; a connection that is closed at that instant is an outage like any other.
            while await receiver.deliver(batch(1, from: first)) != .acknowledged(rejected: []) {}
            arrived += 1
        }
        await receiver.close()
        let ids = Set(try server.requests().flatMap { $0.lines.filter { $0.hasPrefix(#"{"create""#) } })
        #expect(arrived == 20 && ids.count == 20)
    }

    @Test func endsWhenItIsCancelled() async throws {
        let server = try FaultServer(["silence"])
        let receiver = try makeReceiver(destination(.elasticsearch, server.port) { $0.answerTimeout = .seconds(600) })
        let task = Task { await receiver.deliver(batch(1)) }
        while try server.requests().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        #expect(await task.value.outage?.kind == .passing)
        await receiver.close()
    }

    /// A batch of lines that are none is no reason to ask anybody.
    @Test func sendsNothingWhereThereIsNothing() async throws {
        let result = try await deliver(Batch(bytes: Array("torn\n".utf8)), to: destination(.http, 9))
        #expect(
            result
                == .acknowledged(rejected: [
                    RejectedRecord(index: 0, reason: "no record: a value that cannot be, at byte 1", isRefused: false)
                ]))
    }
}
