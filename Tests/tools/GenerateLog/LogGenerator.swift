import Model
import Records

/// Makes up a day of a machine: a few hundred processes, a few thousand destinations, every outcome.
struct LogGenerator {
    private var state: UInt64 = 42
    private let clock = WallClock(offsetNanoseconds: 1_767_258_000_000_000_000)
    private let run = RunContext(
        machineID: "0123456789abcdef0123456789abcdef", hostName: "web-1", kernelRelease: "6.12.48-cloud-amd64",
        architecture: "x86_64", operatingSystem: "Debian GNU/Linux 13 (trixie)",
        bootID: "b0072f14-3a5c-4c68-9f0e-0d1c2b3a4958", version: "0.1.0", runID: "5f0c9a52-9f0b-4a40-8f93-2a0d1e7e1c11",
        hookSet: "trampoline")
    private var totals = Totals()

    /// SplitMix64.
    private mutating func next(_ limit: UInt64) -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return (value ^ value >> 31) % limit
    }

    private static func process(_ number: UInt32) -> ProcessFacts {
        let name = "worker-\(number % 17)"
        let shell = ProcessFacts(
            identity: ProcessIdentity(pid: 1, startBootNanoseconds: 1_000_000_000),
            program: Program(name: ThreadName("init".utf8), path: Array("/usr/sbin/init".utf8)), source: .kernel)
        return ProcessFacts(
            identity: ProcessIdentity(pid: 1000 + number, startBootNanoseconds: 2_000_000_000 + UInt64(number)),
            parent: shell,
            program: Program(
                name: ThreadName(name.utf8), path: Array("/usr/bin/\(name)".utf8), folder: Array("/srv".utf8),
                arguments: Array("\(name)\0--number\0\(number)\0".utf8)),
            surroundings: Surroundings(credentials: Credentials(groupID: 1000)), source: .kernel)
    }

    /// Writes tracing_started, the attempts with their ends, and tracing_stopped, a few hundred KiB at a time.
    mutating func write(attempts: UInt64, _ body: ([UInt8]) -> Void) {
        var writer = ECSWriter(context: run, clock: clock, names: { $0 == 1000 ? Array("ana".utf8) : nil })
        let processes = (UInt32(0)..<300).map(Self.process)
        var buffer = LineBuffer()
        writer.write(
            .started(
                TracingStarted(
                    hookSet: "trampoline", hooks: ["tcp_connect"], refused: [], blindSpots: [], filters: [],
                    ringBytes: 8 << 20, settleNanoseconds: 1_000_000_000, command: [], knownProcesses: 300,
                    bootNanoseconds: 3_000_000_000)), into: &buffer)
        var time: UInt64 = 4_000_000_000
        for number in 1...max(attempts, 1) {
            time += 86_400_000_000_000 / max(attempts, 1)
            let facts = processes[Int(next(300))]
            let outcomes: [Outcome] = [
                .established, .established, .established, .sent, .failed(errno: 111), .failed(errno: 110),
                .failed(errno: 101), .aborted, .pending,
            ]
            let outcome = outcomes[Int(next(UInt64(outcomes.count)))]
            let attempt = Attempt(
                id: time, reference: RecordReference(cpu: UInt32(next(8)), hook: 2, sequence: number), phase: .whole,
                startedBootNanoseconds: time, observedBootNanoseconds: time + 100_000 + next(900_000),
                process: facts.identity, threadID: facts.identity.pid, threadName: facts.program.name, userID: 1000,
                networkNamespace: 4_026_531_840, transport: outcome == .sent ? .udp : .tcp,
                destination: Endpoint(
                    address: .v4(0xcb00_7100 + UInt32(next(64))), port: [443, 80, 53, 22][Int(next(4))]),
                source: outcome == .failed(errno: 101)
                    ? nil : Endpoint(address: .v4(0xc000_0207), port: UInt16(1024 + next(60_000))), outcome: outcome)
            writer.write(
                .attempted(AttemptEvent(attempt: attempt, attribution: Attribution(process: facts))), into: &buffer)
            totals.attempts += 1
            switch outcome {
            case .failed, .aborted: totals.failed += 1
            case .pending, .established, .sent: break
            }
            if buffer.count > 256 << 10 {
                body(buffer.copy())
                buffer.removeAll()
            }
        }
        writer.write(
            .stopped(TracingStopped(reason: .durationElapsed, totals: totals, bootNanoseconds: time + 1)), into: &buffer
        )
        body(buffer.copy())
    }
}
