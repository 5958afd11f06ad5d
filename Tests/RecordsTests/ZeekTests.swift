import Foundation
import Model
import Testing

@testable import Records

@Suite("Zeek's conn.log")
struct ZeekTests {
    private func lines(_ events: [TraceEvent]) throws -> [JSON] {
        var writer = ZeekWriter(context: GoldenRun.context, clock: GoldenRun.clock)
        var buffer = LineBuffer()
        for event in events { writer.write(event, into: &buffer) }
        return try String(decoding: buffer.copy(), as: UTF8.self).split(separator: "\n").map { line in
            try JSON(line: Array((line + "\n").utf8))
        }
    }

    private let stopped = TraceEvent.stopped(
        TracingStopped(reason: .signal(15), totals: Totals(), bootNanoseconds: 9_000_000_000))

    private func close(_ event: AttemptEvent, error: Int32 = 0) -> TraceEvent {
        .disconnected(
            DisconnectEvent(
                attempt: event.attempt, attribution: event.attribution, endedBootNanoseconds: 7_500_000_000,
                traffic: .connection(
                    ConnectionClose(
                        attempt: event.attempt, establishedBootNanoseconds: 0, bytesSent: 10, bytesReceived: 20,
                        packetsSent: 3, packetsReceived: 4, retransmits: 0, error: error))))
    }

    @Test(
        "an attempt that fails is a line at once",
        arguments: [
            (Outcome.failed(errno: 111), true, "REJ", "Sr"), (.failed(errno: 110), true, "S0", "S"),
            (.failed(errno: 101), false, "S0", ""), (.aborted, true, "S0", "S"), (.failed(errno: 1), false, "S0", ""),
        ])
    func failed(outcome: Outcome, isSynSent: Bool, state: String, history: String) throws {
        let line = try #require(
            try lines([
                .attempted(
                    sampleEvent {
                        ($0.outcome, $0.isSynSent) = (outcome, isSynSent)
                        $0.source = Endpoint(address: .v4(0x7f00_0001), port: 40000)
                    })
            ]).first)
        #expect(line.string("conn_state") == state && (line.string("history") ?? "") == history)
        #expect(line.object["id.orig_p"] as? Int == 40000 && line.object["id.resp_h"] as? String == "127.0.0.1")
        #expect(line.number("orig_bytes") == nil)
        #expect(line.string("proto") == "tcp" && line.flag("local_orig"))
    }

    @Test("a connection is one line at its end, with what went over it")
    func whole() throws {
        let event = sampleEvent { $0.outcome = .established }
        let all = try lines([.attempted(event), close(event), stopped])
        let line = try #require(all.first)
        #expect(all.count == 1 && line.string("conn_state") == "SF")
        // Boot at 09:00:00Z, and five seconds; two and a half more.
        #expect(String(decoding: line.bytes, as: UTF8.self).hasPrefix("{\"ts\":1767258005.000000,"))
        #expect(String(decoding: line.bytes, as: UTF8.self).contains("\"duration\":2.500000,"))
        #expect(line.number("orig_bytes") == 10 && line.number("resp_bytes") == 20)
        #expect(line.number("orig_pkts") == 3 && line.number("resp_pkts") == 4)
        #expect(line.string("history") == "ShDd")
        // Without a source the address is the unspecified one.
        #expect(line.object["id.orig_h"] as? String == "0.0.0.0" && line.object["id.orig_p"] as? Int == 0)
    }

    @Test("who ended a connection by force is told apart")
    func reset() throws {
        let event = sampleEvent { $0.outcome = .established }
        for (error, state) in [(Int32(104), "RSTR"), (103, "RSTO"), (110, "S1")] {
            #expect(
                try lines([.attempted(event), close(event, error: error)]).map { $0.string("conn_state") } == [state])
        }
    }

    @Test("what is open at the end is written then, each once")
    func open() throws {
        let events: [TraceEvent] = [
            .attempted(sampleEvent { ($0.id, $0.outcome) = (1, .established) }),
            .attempted(sampleEvent { ($0.id, $0.outcome) = (2, .pending) }),
            .attempted(sampleEvent { ($0.id, $0.outcome, $0.transport) = (3, .sent, .udp) }),
            .attempted(sampleEvent { ($0.id, $0.outcome) = (4, .pending) }),
            .resolved(sampleEvent { ($0.id, $0.outcome) = (4, .failed(errno: 111)) }),
            .attempted(sampleEvent { ($0.id, $0.outcome) = (5, .pending) }),
            .resolved(sampleEvent { ($0.id, $0.outcome) = (5, .established) }), stopped,
        ]
        let all = try lines(events)
        #expect(all.map { $0.string("conn_state") } == ["REJ", "S1", "S0", "OTH", "S1"])
        #expect(Set(all.compactMap { $0.string("uid") }).count == 5)
        #expect(all.allSatisfy { $0.string("uid")?.count == 18 && $0.string("uid")?.first == "C" })
    }

    @Test("a flow is one line at its end, though an error came in between")
    func flow() throws {
        let event = sampleEvent { ($0.outcome, $0.transport) = (.sent, .udp) }
        var failed = event
        failed.attempt.outcome = .failed(errno: 111)
        let counters = FlowCounters(
            attemptID: 7, firstBootNanoseconds: 5_000_000_000, lastBootNanoseconds: 6_000_000_000, datagrams: 3,
            bytes: 90,
            failures: 1, gapMinimumNanoseconds: 0, gapMaximumNanoseconds: 0, gapSquareSum: 0)
        let end = DisconnectEvent(
            attempt: event.attempt, attribution: event.attribution, endedBootNanoseconds: 6_000_000_000,
            traffic: .flow(counters))
        let all = try lines([.attempted(event), .resolved(failed), .disconnected(end), stopped])
        let line = try #require(all.first)
        #expect(all.count == 1 && line.string("conn_state") == "OTH" && line.string("proto") == "udp")
        #expect(line.number("orig_pkts") == 3 && line.number("orig_bytes") == 90 && line.number("resp_pkts") == nil)
    }

    @Test("frames and vsock are no connections of Zeek's")
    func others() throws {
        let link = Endpoint(address: .v6(high: 0xffff_ffff_ffff_0806, low: 0), port: 0, kind: .link)
        let event = sampleEvent { ($0.destination, $0.transport, $0.outcome) = (link, .other(0), .sent) }
        #expect(try lines([.attempted(event), stopped]).isEmpty)
    }
}
