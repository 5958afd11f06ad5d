import Model
import Records
import Testing

@testable import Reading

@Suite("The run before")
struct PreviousRunTests {
    private var writer = ECSWriter(
        context: RunContext(
            machineID: nil, hostName: "host", kernelRelease: "6.12", architecture: "x86_64", operatingSystem: nil,
            bootID: "boot", version: "0.1.0", runID: "5f0c9a52", hookSet: "trampoline"),
        clock: WallClock(offsetNanoseconds: 1_767_258_000_000_000_000), names: { _ in nil })

    private mutating func line(_ event: TraceEvent) -> [UInt8] {
        var buffer = LineBuffer()
        writer.write(event, into: &buffer)
        return buffer.copy()
    }

    private func started(_ file: LogFilePlace = .init(), command: [[UInt8]] = []) -> TraceEvent {
        .started(
            TracingStarted(
                hookSet: "trampoline", hooks: [], refused: [], blindSpots: [], filters: [], ringBytes: 1,
                settleNanoseconds: 1, command: command, knownProcesses: 1, file: file, bootNanoseconds: 1_000_000_000))
    }

    private func lost(_ run: PreviousRun? = nil) -> TraceEvent {
        .lost(
            LossEvent(
                cause: run == nil ? .ringFull : .previousRunDied, count: 0, attempts: 0, processRecords: 0, hook: nil,
                windowBootNanoseconds: 2_000_000_000...2_000_000_000, previousRun: run))
    }

    @Test("a run whose last line is tracing_stopped ended well, any other did not")
    mutating func ending() {
        let first = line(started())
        #expect(
            PreviousRun(firstLine: first, lastLine: first)
                == PreviousRun(runID: "5f0c9a52", lastSequence: 0, lastUnixNanoseconds: 1_767_258_001_000_000_000))
        #expect(
            PreviousRun(firstLine: first, lastLine: line(lost()))
                == PreviousRun(runID: "5f0c9a52", lastSequence: 1, lastUnixNanoseconds: 1_767_258_002_000_000_000))
        let stop = line(.stopped(TracingStopped(reason: .signal(15), totals: Totals(), bootNanoseconds: 9)))
        #expect(PreviousRun(firstLine: first, lastLine: stop) == nil)
    }

    @Test("a log in OCSF says the same of its run")
    func openCybersecuritySchema() {
        var writer = OCSFWriter(
            context: RunContext(
                machineID: nil, hostName: "host", kernelRelease: "6.12", architecture: "x86_64", operatingSystem: nil,
                bootID: "boot", version: "0.1.0", runID: "5f0c9a52", hookSet: "trampoline"),
            clock: WallClock(offsetNanoseconds: 1_767_258_000_000_000_000), names: { _ in nil })
        func line(_ event: TraceEvent) -> [UInt8] {
            var buffer = LineBuffer()
            writer.write(event, into: &buffer)
            return buffer.copy()
        }
        let lie = Array("\"},\"type_uid\":600204,\"metadata\":{\"sequence\":99".utf8)
        let first = line(started(command: [lie]))
        #expect(
            PreviousRun(firstLine: first, lastLine: first)
                == PreviousRun(runID: "5f0c9a52", lastSequence: 0, lastUnixNanoseconds: 1_767_258_001_000_000_000))
        #expect(
            PreviousRun(firstLine: first, lastLine: line(lost()))
                == PreviousRun(runID: "5f0c9a52", lastSequence: 1, lastUnixNanoseconds: 1_767_258_002_000_000_000))
        let waiting = line(lost())
        let head = line(started(LogFilePlace(sequence: 3, cause: .replaced)))
        #expect(PreviousRun(firstLine: head, lastLine: waiting)?.lastSequence == 3)
        let stop = line(.stopped(TracingStopped(reason: .signal(15), totals: Totals(), bootNanoseconds: 9)))
        #expect(PreviousRun(firstLine: first, lastLine: stop) == nil)
    }

    @Test("a process cannot say that the run ended well, nor who it was, nor how far it came")
    mutating func hostile() {
        let lie = Array("\",\"action\":\"tracing_stopped\",\"ephemeral_id\":\"me\",\"sequence\":99".utf8)
        let last = line(started(command: [lie]))
        let run = PreviousRun(firstLine: last, lastLine: last)
        #expect(run?.runID == "5f0c9a52" && run?.lastSequence == 0)
    }

    @Test("a first line that is newer than the last one counts")
    mutating func replaced() {
        let waiting = line(lost())
        let head = line(started(LogFilePlace(sequence: 3, cause: .replaced)))
        #expect(PreviousRun(firstLine: head, lastLine: waiting)?.lastSequence == 1)
    }

    @Test("what is not tattle's says nothing", arguments: ["\n", "{}\n", "{\"@timestamp\":\"x\"}\n", "\u{0}\u{0}\n"])
    func foreign(text: String) {
        #expect(PreviousRun(firstLine: Array(text.utf8), lastLine: Array(text.utf8)) == nil)
    }

    @Test("its end is told with its id, its last number and the time of its last line, and read as it was written")
    mutating func told() throws {
        let run = PreviousRun(runID: "abc", lastSequence: 17, lastUnixNanoseconds: 1_767_225_599_000_000_001)
        for event in [lost(run), started(LogFilePlace(sequence: 4, cause: .time))] {
            let text = String(decoding: line(event).dropLast(), as: UTF8.self)
            var parser = RecordParser()
            let record = try parser.parse(text)
            #expect(parser.written(record) == text)
            guard case .lost = event else {
                #expect(text.contains("\"file\":{\"sequence\":4,\"cause\":\"time\"}"))
                continue
            }
            #expect(
                text.contains("\"start\":\"2025-12-31T23:59:59.000000001Z\",\"end\":\"2026-01-01T09:00:02.000000000Z\"")
            )
            #expect(text.contains("\"message\":\"Nobody knows how many records were lost\""))
            #expect(
                text.contains("\"cause\":\"previous_run_died\"")
                    && text.contains("\"id\":\"abc\",\"last_sequence\":17}"))
        }
    }
}
