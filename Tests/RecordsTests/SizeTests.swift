import Model
import Testing

@testable import Records

@Suite("The size of a line")
struct SizeTests {
    /// Bytes that take six each in JSON.
    private func worst(_ count: Int) -> [UInt8] { [UInt8](repeating: 1, count: count) }

    @Test("a line stays within 64 KiB with everything at its worst", arguments: [1, 2, 41, 4095])
    func worstCase(argumentLength: Int) throws {
        let text = String(decoding: worst(300), as: UTF8.self)
        let context = RunContext(
            machineID: text, hostName: text, kernelRelease: text, architecture: text, operatingSystem: text,
            bootID: text, version: text, runID: text, hookSet: text)
        var writer = ECSWriter(context: context, clock: WallClock(offsetNanoseconds: 0)) { _ in worst(4096) }
        var arguments: [[UInt8]] = []
        for _ in 0..<(32 << 10) / (argumentLength + 1) { arguments.append(worst(argumentLength)) }
        let program = Program(
            name: ThreadName(worst(15)), path: worst(4096), folder: worst(4096), script: worst(4096),
            variables: joined([[UInt8]](repeating: worst(100) + Array("=".utf8) + worst(1000), count: 8)),
            arguments: joined(arguments), argumentsTotalBytes: .max, mode: .max,
            stamp: FileStamp(
                device: .max, inode: .max, size: .max, modifiedNanoseconds: .max, changedNanoseconds: .max),
            marks: [.deleted, .pathCut, .variablesCut])
        func facts(pid: UInt32, parent: ProcessFacts?) -> ProcessFacts {
            ProcessFacts(
                identity: ProcessIdentity(pid: pid, startBootNanoseconds: .max), parent: parent, program: program,
                surroundings: Surroundings(
                    credentials: Credentials(
                        userID: .max, effectiveUserID: .max, groupID: .max, effectiveGroupID: .max, loginUserID: .max,
                        capabilities: .max),
                    namespaces: Namespaces(network: .max, pid: .max, mount: .max, user: .max),
                    sessionLeader: SessionLeader(
                        identity: ProcessIdentity(pid: .max, startBootNanoseconds: .max), program: program),
                    terminal: .max), namespacePID: 1, isTraced: true, isKernelThread: true, source: .partial)
        }
        let attempt = sampleAttempt {
            $0.id = .max
            $0.reference = RecordReference(cpu: .max, hook: .max, sequence: .max)
            $0.process = ProcessIdentity(pid: .max, startBootNanoseconds: .max)
            $0.threadName = ThreadName(worst(15))
            $0.userID = .max
            $0.networkNamespace = .max
            $0.cgroupID = .max
            $0.destination = Endpoint(address: .v6(high: .max, low: .max), port: .max, scope: .max)
            $0.source = $0.destination
            $0.outcome = .failed(errno: .min)
            $0.isDestinationFromUserMemory = true
            $0.blocker = .cgroup
        }
        var process = facts(pid: 1, parent: nil)
        for _ in 0...ProcessFacts.ancestryLimit { process = facts(pid: .max, parent: process) }
        let attribution = Attribution(
            process: process,
            group: ControlGroup(
                id: .max, path: worst(4096), container: ContainerFacts(id: text, runtime: text), unit: text,
                slice: text, podUID: text),
            file: FileVerdict(
                sha256: worst(32), failure: .notRegular,
                package: PackageMembership(name: text, version: text, isUnchanged: true), isPackageKnown: true),
            isFilePending: true)
        let counters = FlowCounters(
            attemptID: .max, firstBootNanoseconds: 0, lastBootNanoseconds: .max, datagrams: .max, bytes: .max,
            failures: 0, gapMinimumNanoseconds: .max, gapMaximumNanoseconds: .max, gapSquareSum: .max)
        let event = AttemptEvent(attempt: attempt, attribution: attribution)
        let end = DisconnectEvent(
            attempt: attempt, attribution: attribution, endedBootNanoseconds: .max, traffic: .flow(counters))
        let aggregate = AggregateEvent(
            kind: .disconnected, rule: text, attempt: attempt, attribution: attribution, count: .max,
            firstBootNanoseconds: .max, lastBootNanoseconds: .max, windowNanoseconds: .max,
            gaps: .init(
                minimumNanoseconds: .max, maximumNanoseconds: .max, meanNanoseconds: .max, deviationNanoseconds: .max),
            volume: .init(bytesSent: .max, packetsSent: .max, bytesReceived: .max, packetsReceived: .max))
        for event in [TraceEvent.attempted(event), .resolved(event), .disconnected(end), .aggregated(aggregate)] {
            let line = try json(&writer, event)
            #expect(line.bytes.count <= ECSWriter.maximumLineBytes)
            #expect(line.flag("tattle.process.args_truncated"))
            #expect(line.flag("tattle.process.executable_truncated"))
            var ocsf = GoldenRun.ocsf()
            var buffer = LineBuffer()
            ocsf.write(event, into: &buffer)
            #expect(try JSON(line: buffer.copy()).bytes.count <= ECSWriter.maximumLineBytes)
        }
        let many = [String](repeating: text, count: 500)
        let started = TracingStarted(
            hookSet: text, hooks: many, refused: many.map { ($0, $0 + $0 + $0) }, blindSpots: many, filters: many,
            ringBytes: .max, settleNanoseconds: .max, command: arguments + arguments, knownProcesses: .max,
            configuration: ConfigurationSource(path: text, sha256: worst(32), ruleCount: .max, ruleNames: many),
            bootNanoseconds: .max)
        let line = try json(&writer, .started(started))
        #expect(line.bytes.count <= ECSWriter.maximumLineBytes)
        #expect(line.flag("tattle.command_truncated"))
    }

    @Test("a heartbeat with as many rules and namespaces as there may be stays within 64 KiB")
    func rules() throws {
        var counters = NetworkCounters()
        for (_, path) in NetworkCounters.all { counters[keyPath: path] = .max }
        var totals = Totals()
        totals.withheld = .max
        let heartbeat = Heartbeat(
            bootNanoseconds: .max, previousBootNanoseconds: .max, isFinal: true, totals: totals,
            rules: (0..<64).map { _ in
                RuleCount(
                    name: String(repeating: "x", count: 64), action: .aggregate, matched: .max, withheld: .max,
                    withheldAttempts: .max, summaries: .max)
            }, use: ResourceUse(), isReconciled: true,
            namespaces: (0..<64).map { _ in
                NamespaceComparison(
                    inode: .max, kernel: counters, recordedSyns: .min, recordedDatagrams: .max, missingSyns: .max,
                    missingDatagrams: .max)
            }, omittedNamespaces: .max)
        var writer = GoldenRun.ecs()
        let line = try json(&writer, .heartbeat(heartbeat))
        #expect(line.bytes.count <= ECSWriter.maximumLineBytes)
        #expect((line["tattle.rules"] as? [Any])?.count == 64)
    }

    @Test("4 KiB of ordinary arguments and a path of 4,095 bytes are not cut")
    func ordinary() throws {
        var writer = GoldenRun.ecs()
        let arguments = [[UInt8]](repeating: Array("argument".utf8), count: 455)
        let path = [UInt8](repeating: UInt8(ascii: "p"), count: 4095)
        let line = try json(&writer, .attempted(sampleEvent(sampleFacts(executable: path, arguments: arguments))))
        #expect(line.strings("process.args")?.count == 455)
        #expect(line.number("process.args_count") == 455)
        #expect(line.string("process.executable")?.utf8.count == 4095)
        #expect(line["tattle.process"] == nil)
    }

    @Test("20 KiB of arguments are not cut where path and folder are short, and where the rest came from is said")
    func long() throws {
        var writer = GoldenRun.ecs()
        let all = joined([[UInt8]](repeating: Array("argument".utf8), count: 2048))
        let program = Program(
            name: ThreadName("a".utf8), path: Array("/bin/a".utf8), arguments: all.prefix(4096),
            argumentsTotalBytes: all.count)
        func line(_ program: Program, _ source: AttributionSource) throws -> JSON {
            let facts = ProcessFacts(
                identity: ProcessIdentity(pid: 42, startBootNanoseconds: 4), program: program, source: source)
            return try json(&writer, .attempted(sampleEvent(facts)))
        }
        let whole = try line(program.with(argumentBytes: all), .kernel)
        #expect(whole.strings("process.args")?.count == 2048)
        #expect(whole["tattle.process.args_truncated"] == nil)
        #expect(whole.string("tattle.process.args_rest_source") == "procfs")
        // All of it is from there: `attribution.source` says so.
        #expect(try line(program.with(argumentBytes: all), .procfs)["tattle.process.args_rest_source"] == nil)
        let cut = try line(program, .kernel)
        #expect(cut.flag("tattle.process.args_truncated") && cut["tattle.process.args_rest_source"] == nil)
    }

    @Test("a path that does not fit loses its front and says so")
    func longPath() throws {
        var writer = GoldenRun.ecs()
        let path = worst(4000) + Array("/the-name".utf8)
        let line = try json(&writer, .attempted(sampleEvent(sampleFacts(executable: path))))
        #expect(line.string("process.executable")?.hasSuffix("/the-name") == true)
        #expect(line.flag("tattle.process.executable_truncated"))
    }

    @Test("a cut by the kernel is passed on, and the count that it hides is not made up")
    func kernelCut() throws {
        var writer = GoldenRun.ecs()
        let facts = ProcessFacts(
            identity: ProcessIdentity(pid: 42, startBootNanoseconds: 4),
            program: Program(
                name: ThreadName([]), path: [], arguments: Array("a".utf8), argumentsTotalBytes: 100_000),
            source: .kernel)
        let line = try json(&writer, .attempted(sampleEvent(facts)))
        #expect(line["process.args_count"] == nil)
        #expect(line.flag("tattle.process.args_truncated"))
        #expect(line.number("tattle.process.args_bytes") == 100_000)
    }

    @Test("the first line of a file is a KiB at least, and its first KiB is like no other file's")
    func started() throws {
        var first = GoldenRun.ecs()
        let line = try json(&first, .started(sampleStarted()))
        #expect(line.bytes.count >= 1024)
        #expect(line.string("event.action") == "tracing_started")
        #expect(line["tattle.filtered"] as? Bool == false)
        #expect(line.number("tattle.ring_bytes") == 8 << 20)
        #expect(line.string("agent.ephemeral_id") == GoldenRun.context.runID)
        #expect(line.string("tattle.file.cause") == "start" && line.string("message") == "Tracing started")
        var next = sampleStarted()
        next.file = LogFilePlace(sequence: 1, cause: .size)
        let second = try json(&first, .started(next))
        #expect(second.number("tattle.file.sequence") == 1)
        #expect(second.string("tattle.file.cause") == "size" && second.string("message") == "Tracing goes on")
        var context = GoldenRun.context
        context.runID = "another"
        var otherRun = ECSWriter(context: context, clock: GoldenRun.clock, names: { _ in nil })
        let third = try json(&otherRun, .started(sampleStarted()))
        let starts = [line, second, third].map { Array($0.bytes.prefix(1024)) }
        #expect(Set(starts).count == 3)
    }
}
