internal import Capture
internal import Model
internal import Records
internal import Testing

@testable internal import TraceSession

/// From the ring's bytes to the line, with nothing between that is not the real thing.
@Suite struct PipelineTests {
    private static let context = RunContext(
        machineID: "0123456789abcdef0123456789abcdef", hostName: "web-1", kernelRelease: "6.12.48-cloud-amd64",
        architecture: "x86_64", operatingSystem: nil, bootID: "b0072f14-3a5c-4c68-9f0e-0d1c2b3a4958", version: "0.1.0",
        runID: "5f0c9a529f0b4a40", hookSet: "trampoline")

    private func lines(of case: RingGolden) -> [String] {
        let decoder = Decoder()
        var pipeline = Pipeline(options: TraceOptions(), flowIdleNanoseconds: 60_000_000_000, sources: .init())
        var writer = ECSWriter(
            context: Self.context, clock: WallClock(offsetNanoseconds: 1_767_258_000_000_000_000),
            names: { $0 == 1000 ? Array("ana".utf8) : nil })
        var buffer = LineBuffer()
        for record in `case`.records {
            guard let observation = unsafe decoder.decode(record.span.bytes) else {
                Issue.record("\(`case`.name): a record that cannot be decoded")
                continue
            }
            pipeline.handle(observation, now: 0, counters: { _, _ in nil }) { writer.write($0, into: &buffer) }
        }
        pipeline.finish(now: 0, counters: { _, _ in nil }) { writer.write($0, into: &buffer) }
        return String(decoding: buffer.copy(), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test(arguments: try RingGolden.all())
    func theRingsBytesBecomeTheExpectedLines(golden: RingGolden) throws {
        let lines = lines(of: golden)
        if RingGolden.isRewriting { try golden.rewrite(lines: lines) }
        #expect(lines == golden.lines)
    }

    @Test func failedOnlyKeepsFailuresAndCountsThem() throws {
        var options = TraceOptions()
        options.filter.isFailedOnly = true
        var pipeline = Pipeline(options: options, flowIdleNanoseconds: 1, sources: .init())
        var outcomes: [Outcome] = []
        for (id, outcome) in [Outcome.established, .failed(errno: 111), .aborted, .sent].enumerated() {
            let attempt = Attempt(
                id: UInt64(id + 1), reference: RecordReference(cpu: 0, hook: 1, sequence: UInt64(id + 1)),
                phase: .whole,
                startedBootNanoseconds: 1, observedBootNanoseconds: 2,
                process: ProcessIdentity(pid: 1, startBootNanoseconds: 1), threadID: 1, threadName: ThreadName([]),
                userID: 0, transport: .tcp, destination: Endpoint(address: .v4(1), port: 1), outcome: outcome)
            pipeline.handle(.attempt(attempt), now: 0, counters: { _, _ in nil }) { event in
                if case .attempted(let event) = event { outcomes.append(event.attempt.outcome) }
            }
        }
        #expect(outcomes == [.failed(errno: 111), .aborted])
        #expect(pipeline.totals.attempts == 2 && pipeline.totals.failed == 2)
    }
}
