import Delivery
import Foundation
import ShipSettings
import Testing

@testable internal import Transports

@Suite struct SyslogTests {
    private static let certificates = Result { try Certificates() }

    private func sink(
        _ behaviours: [String], tls: (certificate: String, key: String)? = nil, authority: String? = nil
    ) throws -> FaultServer {
        try FaultServer(behaviours, script: "syslog_sink.py", tls: tls, authority: authority)
    }

    /// Waits until so many messages have come; a sink that gets fewer makes the test wait for ever, which shows.
    private func messages(_ sink: FaultServer, _ count: Int) async throws -> [FaultServer.Message] {
        while try sink.messages().count < count { try await Task.sleep(for: .milliseconds(5)) }
        return try sink.messages()
    }

    private func message(_ number: Int) -> String {
        "<134>1 2026-01-01T10:00:00.123456Z web-1 tattle - connection_attempted - \(line(number))"
    }

    @Test func deliversEachRecordInItsOrder() async throws {
        let sink = try sink(["read"])
        let receiver = try makeReceiver(destination(.syslog, sink.port))
        for first in [0, 100, 200] {
            #expect(await receiver.deliver(batch(100, from: first)) == .acknowledged(rejected: []))
        }
        await receiver.close()
        let messages = try await messages(sink, 300)
        #expect(messages.map(\.text) == (0..<300).map(message))
        #expect(messages.allSatisfy { $0.connection == 0 })
    }

    /// The batch before was acknowledged, and may have been lost with the connection.
    @Test func sendsTheBatchBeforeAgainOnANewConnection() async throws {
        try await sendsTheBatchBefore(afterA: "close:2")
    }

    @Test(.enabled(if: geteuid() == 0, "a connection is taken away without a word (TCP_REPAIR) by root only"))
    func sendsTheBatchBeforeAgainAfterTheOtherEndDiedWithoutAWord() async throws {
        try await sendsTheBatchBefore(afterA: "vanish:2")
    }

    private func sendsTheBatchBefore(afterA behaviour: String) async throws {
        let sink = try sink([behaviour, "read"])
        let receiver = try makeReceiver(destination(.syslog, sink.port))
        #expect(await receiver.deliver(batch(2)) == .acknowledged(rejected: []))
        _ = try await messages(sink, 2)
        try sink.tell()
        _ = try await messages(sink, 3)
        // One that is noticed only while it is sent is tried again by whoever delivers.
        while await receiver.deliver(batch(2, from: 2)) != .acknowledged(rejected: []) {}
        await receiver.close()
        let messages = try await messages(sink, 7)
        #expect(messages.filter { $0.connection == 0 }.map(\.text) == (0..<2).map(message) + ["closed"])
        #expect(messages.filter { $0.connection > 0 }.map(\.text) == (0..<4).map(message))
    }

    @Test func acknowledgesNothingThatNobodyReads() async throws {
        let sink = try sink(["deaf"])
        let result = try await deliver(
            batch(60_000), to: destination(.syslog, sink.port) { $0.answerTimeout = .milliseconds(300) })
        let outage = try #require(result.outage)
        #expect(outage.kind == .passing && outage.message.contains("confirmed nothing"), "\(outage.message)")
    }

    /// The kernel's buffer is full for longer than an answer may take, and is read from all the time.
    @Test func waitsForWhoeverReadsSlowly() async throws {
        let sink = try sink(["slow:1200000"])
        let result = try await deliver(
            batch(18_000), to: destination(.syslog, sink.port) { $0.answerTimeout = .seconds(5) })
        #expect(result == .acknowledged(rejected: []))
    }

    @Test func saysThatThereIsNoSuchName() async throws {
        for transport in [DestinationTransport.tcp, .udp] {
            let outage = try #require(
                try await deliver(batch(1), to: destination(.syslog, 9, transport) { $0.host = "no-such-name.invalid" })
                    .outage)
            #expect(
                outage
                    == Outage(
                        .passing, "cannot find the address of no-such-name.invalid: check the name, and the resolver"))
        }
    }

    @Test func saysThatNobodyListens() async throws {
        let sink = try sink(["read"])
        sink.stop()
        let outage = try #require(try await deliver(batch(1), to: destination(.syslog, sink.port)).outage)
        #expect(outage == Outage(.passing, "cannot connect to 127.0.0.1:\(sink.port): Connection refused"))
    }

    @Test func endsWhenItIsCancelled() async throws {
        let sink = try sink(["deaf"])
        let receiver = try makeReceiver(destination(.syslog, sink.port) { $0.answerTimeout = .seconds(600) })
        let task = Task { await receiver.deliver(batch(60_000)) }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        #expect(await task.value.outage?.kind == .passing)
        await receiver.close()
    }

    @Test func showsItsCertificateAndWantsAGoodOne() async throws {
        let certificates = try Self.certificates.get()
        let authority = certificates["authority.pem"]
        let client: (String, inout DestinationSettings) -> Void = { name, settings in
            settings.tls.authorityFile = authority
            (settings.tls.certificateFile, settings.tls.keyFile) = (
                certificates["\(name).pem"], certificates["\(name).key"]
            )
        }
        let sink = try sink(["read"], tls: certificates.pair("server"), authority: authority)
        let delivered = try await deliver(batch(2), to: destination(.syslog, sink.port, .tls) { client("client", &$0) })
        #expect(delivered == .acknowledged(rejected: []))
        #expect(try await messages(sink, 2).map(\.text) == (0..<2).map(message))
        // In TLS 1.3 the server refuses the client after the client believes itself connected; its alert may be lost when it
        // closes the connection with bytes unread.
        let refused = try await deliver(
            batch(2), to: destination(.syslog, sink.port, .tls) { client("strange-client", &$0) })
        #expect(refused.outage?.message.contains("certificate") == true, "\(refused)")
        for (name, word) in [("expired", "not valid"), ("other", "another name")] {
            let bad = try self.sink(["read"], tls: certificates.pair(name))
            let result = try await deliver(batch(2), to: destination(.syslog, bad.port, .tls) { client("client", &$0) })
            #expect(result.outage?.kind == .lasting && result.outage?.message.contains(word) == true, "\(result)")
            #expect(try bad.messages().isEmpty)
        }
        #expect(try sink.messages().count == 2)
    }

    @Test func sendsADatagramForEachRecord() async throws {
        let sink = try sink(["udp"])
        let long = #"{"a":"\#(String(repeating: "x", count: 65_500))"}"#
        let mixed = Batch(bytes: Array("\(line(0))\n\(long)\n\(line(1))\n".utf8))
        let result = try await deliver(mixed, to: destination(.syslog, sink.port, .udp))
        guard case .acknowledged(let rejected) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(rejected.map(\.index) == [1])
        #expect(try await messages(sink, 2).map(\.text) == (0..<2).map(message))
    }
}
