import Foundation
import Model
import Testing

@testable import Records

/// What the validator of OCSF's own schema cannot see; that one is `make test-schemas`.
@Suite("OCSF")
struct OCSFTests {
    private func line(_ event: TraceEvent) throws -> JSON {
        var writer = GoldenRun.ocsf()
        var buffer = LineBuffer(capacity: 64)
        writer.write(event, into: &buffer)
        return try JSON(line: buffer.copy())
    }

    @Test(
        "each outcome is the activity that OCSF has for it",
        arguments: [
            (Outcome.established, 1, 1), (.failed(errno: 111), 5, 2), (.failed(errno: 110), 4, 2),
            (.failed(errno: 101), 4, 2), (.failed(errno: 104), 3, 2), (.failed(errno: 1), 4, 2), (.aborted, 4, 2),
            (.sent, 6, 1), (.pending, 99, 0),
        ])
    func activities(outcome: Outcome, activity: Int, status: Int) throws {
        let line = try line(.attempted(sampleEvent { $0.outcome = outcome }))
        #expect(line.number("activity_id") == activity && line.number("type_uid") == 400_100 + activity)
        #expect(line.number("status_id") == status)
        #expect(
            line.number("class_uid") == 4001
                && line.strings("metadata.profiles") == ["container", "host", "linux/linux_users"])
    }

    @Test("an end is a close, a reset or the flow's traffic")
    func ends() throws {
        let event = sampleEvent()
        for (error, activity) in [(Int32(0), 2), (104, 3), (110, 2)] {
            let close = ConnectionClose(
                attempt: event.attempt, establishedBootNanoseconds: 0, bytesSent: 10, bytesReceived: 20, packetsSent: 3,
                packetsReceived: 4, retransmits: 0, error: error)
            let line = try line(
                .disconnected(
                    DisconnectEvent(
                        attempt: event.attempt, attribution: event.attribution, endedBootNanoseconds: 7_000_000_000,
                        traffic: .connection(close))))
            #expect(line.number("activity_id") == activity && line.number("duration") == 2000)
            #expect(line.number("traffic.bytes_in") == 20 && line.number("traffic.bytes") == 30)
            #expect(line.string("unmapped.tattle.result") == "established")
        }
    }

    @Test("lines of a run have the ids and the numbers that its ECS lines have")
    func ids() throws {
        var (ocsf, ecs) = (GoldenRun.ocsf(), GoldenRun.ecs())
        for event in [.started(sampleStarted()), .attempted(sampleEvent()), .resolved(sampleEvent())] as [TraceEvent] {
            var buffer = LineBuffer(capacity: 64)
            ocsf.write(event, into: &buffer)
            let line = try JSON(line: buffer.copy())
            let other = try json(&ecs, event)
            #expect(line.string("metadata.uid") == other.string("event.id"))
            #expect(line.number("metadata.sequence") == other.number("event.sequence"))
            #expect(line.string("metadata.original_time") == other.string("@timestamp"))
        }
        #expect(try line(.started(sampleStarted())).bytes.count >= 1024)
    }
}
