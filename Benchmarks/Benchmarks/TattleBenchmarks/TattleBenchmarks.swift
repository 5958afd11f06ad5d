internal import Attribution
internal import Benchmark
internal import Bytes
internal import Capture
internal import Foundation
internal import Lifecycle
internal import Logs
internal import Model
internal import Records

/// The parts of the way from the ring to the file, each by itself, and JSONEncoder beside the writer.
///
/// `scripts/bench/parts` prints them.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput], warmupIterations: 3, scalingFactor: .kilo, maxDuration: .milliseconds(400),
        maxIterations: 1_000)
    guard let sample = try? Sample(), let record = try? EquivalentRecord(of: sample) else {
        fatalError("Tests/Golden/ring/tcp-refused-late.golden does not hold what it should")
    }

    Benchmark("decode an attempt") { benchmark in
        let decoder = Decoder()
        let bytes = sample.records[2]
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(decoder.decode(bytes.span.bytes)) }
    }

    Benchmark("decode an exec") { benchmark in
        let decoder = Decoder()
        let bytes = sample.records[1]
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(decoder.decode(bytes.span.bytes)) }
    }

    Benchmark("find who made an attempt, and follow it") { benchmark in
        var table = ProcessTable { _ in nil }
        for case .exec(let facts) in sample.observations { table.exec(facts) }
        var tracker = AttemptTracker(settleNanoseconds: 1_000_000_000)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            tracker.handle(
                sample.attempt,
                attribution: { Model.Attribution(process: table.process(of: sample.attempt), group: nil) },
                emit: { attempt, _, _ in blackHole(attempt) })
        }
    }

    let clock = WallClock(offsetNanoseconds: 0)
    let event = TraceEvent.attempted(AttemptEvent(attempt: sample.attempt, attribution: sample.attribution))

    Benchmark("write an attempt") { benchmark in
        var writer = ECSWriter(context: Sample.context, clock: clock, names: { _ in nil })
        write(benchmark) { writer.write(event, into: &$0) }
    }

    Benchmark("write an attempt full of escapes") { benchmark in
        var writer = ECSWriter(context: Sample.context, clock: clock, names: { _ in nil })
        let hostile = AttemptEvent(attempt: sample.attempt, attribution: sample.hostileAttribution)
        write(benchmark) { writer.write(.attempted(hostile), into: &$0) }
    }

    Benchmark("write an attempt in OCSF") { benchmark in
        var writer = OCSFWriter(context: Sample.context, clock: clock, names: { _ in nil })
        write(benchmark) { writer.write(event, into: &$0) }
    }

    Benchmark("write an attempt for Zeek") { benchmark in
        var writer = ZeekWriter(context: Sample.context, clock: clock)
        write(benchmark) { writer.write(event, into: &$0) }
    }

    Benchmark("write an attempt as CSV") { benchmark in
        var writer = CSVWriter(context: Sample.context, clock: clock, names: { _ in nil })
        write(benchmark) { writer.write(event, into: &$0) }
    }

    // A batch is what 100 records make.
    Benchmark("hand a batch to the log") { benchmark in
        let log = try LogWriter(file: LogFile.open("/dev/null"))
        let batch = [UInt8](repeating: UInt8(ascii: "x"), count: 255 << 10) + [UInt8(ascii: "\n")]
        var lines = ByteMemory()
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            while log.isOverLimit { usleep(100) }
            // What the writers do as they make them.
            lines.append(batch.span)
            log.append(&lines)
        }
        benchmark.stopMeasurement()
        log.finish(within: .seconds(10))
    }

    // Unequal work says nothing: then there is no such line.
    guard record.missing.isEmpty else {
        FileHandle.standardError.write(
            Data("EquivalentRecord lacks \(record.missing.sorted().joined(separator: ", ")): add it there\n".utf8))
        return
    }
    Benchmark("write it by JSONEncoder") { benchmark in
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(try? encoder.encode(record)) }
    }
}

/// Writes the same again and again, the buffer emptied before it is as large as tattle's becomes.
private func write(_ benchmark: Benchmark, _ line: (inout LineBuffer) -> Void) {
    var buffer = LineBuffer()
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations {
        line(&buffer)
        if buffer.count > 250 << 10 { buffer.removeAll() }
    }
    benchmark.stopMeasurement()
    buffer.withBytes { blackHole($0.count) }
}
