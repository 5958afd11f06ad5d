import Model
import Testing

@testable import Records

@Suite("Ids and sequence")
struct SequenceTests {
    @Test("event.sequence counts the lines of a run from 0 without a hole, whatever they are")
    func sequence() throws {
        var writer = GoldenRun.ecs()
        let loss = LossEvent(
            cause: .ringFull, count: 3, attempts: 2, processRecords: 1, hook: nil, windowBootNanoseconds: 1...2)
        let events: [TraceEvent] = [
            .started(sampleStarted()), .attempted(sampleEvent()), .lost(loss), .resolved(sampleEvent()),
            .started(sampleStarted()),
            .stopped(TracingStopped(reason: .signal(15), totals: Totals(), bootNanoseconds: 9)),
        ]
        for (index, event) in events.enumerated() {
            #expect(try json(&writer, event).number("event.sequence") == index)
        }
        #expect(writer.lineCount == UInt64(events.count))
    }

    @Test("no two lines of a run have one id, though they rest on one record")
    func uniqueIDs() throws {
        var writer = GoldenRun.ecs()
        let event = sampleEvent()
        let counters = FlowCounters(
            attemptID: 7, firstBootNanoseconds: 1, lastBootNanoseconds: 5, datagrams: 2, bytes: 9, failures: 0,
            gapMinimumNanoseconds: 4, gapMaximumNanoseconds: 4, gapSquareSum: 16)
        var later = counters
        later.datagrams = 3
        func end(_ traffic: Traffic) -> TraceEvent {
            .disconnected(
                DisconnectEvent(
                    attempt: event.attempt, attribution: event.attribution, endedBootNanoseconds: 6, traffic: traffic))
        }
        let close = ConnectionClose(
            attempt: event.attempt, establishedBootNanoseconds: 1, bytesSent: 1, bytesReceived: 1, packetsSent: 1,
            packetsReceived: 1, retransmits: 0)
        let events: [TraceEvent] = [
            .attempted(event), .resolved(event), end(.connection(close)), end(.flow(counters)), end(.flow(later)),
            .started(sampleStarted()), .started(sampleStarted()),
        ]
        let ids = try events.map { try #require(try json(&writer, $0).string("event.id")) }
        #expect(Set(ids).count == ids.count)
    }

    @Test("the same run gives the same ids, another run, boot or host others")
    func deterministicIDs() throws {
        func id(_ change: (inout RunContext) -> Void) throws -> [String] {
            var context = GoldenRun.context
            change(&context)
            var writer = ECSWriter(context: context, clock: GoldenRun.clock, names: { _ in nil })
            let line = try json(&writer, .attempted(sampleEvent()))
            return try ["event.id", "tattle.attempt.id", "process.entity_id"].map { try #require(line.string($0)) }
        }
        let first = try id { _ in }
        #expect(try id { _ in } == first)
        let run = try id { $0.runID = "other" }
        #expect(run[0] != first[0] && run[1] != first[1])
        #expect(run[2] == first[2], "a process outlives a run")
        for other in [try id { $0.bootID = "other" }, try id { $0.machineID = "other" }] {
            #expect(zip(other, first).allSatisfy { $0 != $1 })
        }
    }
}

@Suite("Lines about the run")
struct RunTests {
    @Test(
        "each reason to stop has its word and its number",
        arguments: [
            (StopReason.signal(15), "signal", "signal", 15), (.signal(-3), "signal", "signal", -3),
            (.commandExited(status: 7), "command_exited", "status", 7),
            (.outputFailed(errno: 28), "output_failed", "errno", 28),
            (.durationElapsed, "duration_elapsed", "", 0), (.outputClosed, "output_closed", "", 0),
        ])
    func stop(reason: StopReason, word: String, name: String, number: Int) throws {
        var totals = Totals()
        (totals.attempts, totals.failed, totals.resolved, totals.disconnects, totals.lost) = (1, 2, 3, 4, 5)
        var writer = GoldenRun.ecs()
        let line = try json(
            &writer, .stopped(TracingStopped(reason: reason, totals: totals, bootNanoseconds: 1_000_000_000)))
        #expect(line.string("@timestamp") == "2026-01-01T09:00:01.000000000Z")
        #expect(line.string("event.action") == "tracing_stopped")
        #expect(line.string("tattle.stop.reason") == word)
        if !name.isEmpty { #expect(line.number("tattle.stop.\(name)") == number) }
        let names = ["attempts", "failed", "resolved", "disconnects", "lost"]
        #expect(names.map { line.number("tattle.totals.\($0)") } == [1, 2, 3, 4, 5])
        #expect(line.string("tattle.hook_set") == "trampoline")
    }

    @Test("each cause of a loss has its word, its counts and its window", arguments: LossCause.allCases)
    func lost(cause: LossCause) throws {
        var writer = GoldenRun.ecs()
        let loss = LossEvent(
            cause: cause, count: 9, attempts: 5, processRecords: 4, hook: "a\"b",
            windowBootNanoseconds: 1_000_000_000...2_000_000_000)
        let line = try json(&writer, .lost(loss))
        #expect(line.string("event.action") == "events_lost")
        #expect(line.string("tattle.lost.cause") == cause.rawValue)
        #expect(line.number("tattle.lost.count") == 9)
        #expect(line.number("tattle.lost.attempts") == 5)
        #expect(line.number("tattle.lost.process_records") == 4)
        #expect(line.string("tattle.lost.hook") == "a\"b")
        #expect(line.string("event.start") == "2026-01-01T09:00:01.000000000Z")
        #expect(line.string("event.end") == "2026-01-01T09:00:02.000000000Z")
    }
}
