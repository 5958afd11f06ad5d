import Following
import Glibc
import Logs
import Model
import Preparing
import Records
import Rules
import ShipSettings
import Testing

/// A log in a folder: a run, and attempts of two programs.
final class MadeLog {
    let path: String
    let lines: [String]

    init() {
        var template = Array("/tmp/tattle-preparing-XXXXXX".utf8CString)
        // Rewrites the template in place.
        _ = unsafe mkdtemp(&template)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var writer = ECSWriter(
            context: RunContext(
                machineID: nil, hostName: "web-1", kernelRelease: "6.12", architecture: "x86_64", operatingSystem: nil,
                bootID: "b0072f14-3a5c-4c68-9f0e-0d1c2b3a4958", version: "0.1.0",
                runID: "5f0c9a52-9f0b-4a40-8f93-2a0d1e7e1c11", hookSet: "trampoline"),
            clock: WallClock(offsetNanoseconds: 1_767_258_000_000_000_000), names: { _ in nil })
        var buffer = LineBuffer()
        writer.write(
            .started(
                TracingStarted(
                    hookSet: "trampoline", hooks: [], refused: [], blindSpots: [], filters: [], ringBytes: 1,
                    settleNanoseconds: 0, command: [], knownProcesses: 0, bootNanoseconds: 1_000_000_000)),
            into: &buffer)
        for number in UInt64(1)...6 { writer.write(.attempted(Self.attempt(number)), into: &buffer) }
        lines = String(decoding: buffer.copy(), as: UTF8.self).split(separator: "\n").map(String.init)
        replace(with: lines)
    }

    /// Makes others the file's lines.
    func replace(with lines: [String]) {
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        let name = LogFileName(unixNanoseconds: 1_767_225_600_000_000_000, sequence: 0)
        // The path is a NUL-terminated copy that lives through the call.
        let descriptor = unsafe open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(descriptor) }
        // Reads bytes.count bytes.
        let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        precondition(count == bytes.count)
    }

    deinit {
        unsafe unlink("\(path)/\(LogFileName(unixNanoseconds: 1_767_225_600_000_000_000, sequence: 0))")
        unsafe rmdir(path)
    }

    private static func attempt(_ number: UInt64) -> AttemptEvent {
        let path = number % 2 == 0 ? "/usr/bin/curl" : "/usr/bin/ssh"
        let facts = ProcessFacts(
            identity: ProcessIdentity(pid: UInt32(number), startBootNanoseconds: 1_000_000_000 + number),
            program: Program(name: ThreadName("x".utf8), path: Array(path.utf8)),
            // Without a user namespace of its own, so that its path is believed.
            surroundings: Surroundings(namespaces: Namespaces(user: Namespaces.initialUser)), source: .kernel)
        let attempt = Attempt(
            id: number, reference: RecordReference(cpu: 0, hook: 2, sequence: number), phase: .whole,
            startedBootNanoseconds: 2_000_000_000 + number, observedBootNanoseconds: 2_000_001_000 + number,
            process: facts.identity, threadID: facts.identity.pid, threadName: facts.program.name, userID: 1000,
            networkNamespace: 1, transport: .tcp, destination: Endpoint(address: .v4(0xcb00_7101), port: 443),
            source: nil, outcome: .failed(errno: 111))
        return AttemptEvent(
            attempt: attempt,
            attribution: Model.Attribution(
                process: facts, file: FileVerdict(sha256: [UInt8](repeating: 7, count: 32), isAtPath: true)))
    }

    /// What becomes of the log from a record on.
    func prepared(
        _ selection: Selection, rules: RuleSet? = nil, after position: LogPosition? = nil
    ) throws -> (lines: [String], letters: Int) {
        let follower = LogFollower(folder: path, position: position)
        let notice = SkippedNotice(version: "1", hostName: "web-1", now: { 0 })
        let preparation = Preparation(selection, rules: rules, notice: notice)
        var lines: [String] = []
        var letters = 0
        while let passage = try follower.next(PassageLimits(records: 2, bytes: 1 << 20)) {
            let (bytes, dead) = preparation.prepare(passage)
            lines += String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
            letters += dead.count
            follower.take(passage)
        }
        return (lines, letters)
    }

    /// A position behind so many records.
    func position(_ records: Int) throws -> LogPosition {
        let follower = LogFollower(folder: path, position: nil)
        return try #require(try follower.next(PassageLimits(records: records, bytes: 1 << 20))).end
    }
}

@Suite("What a destination gets")
struct PreparationTests {
    @Test("Without any wish, every byte as it stands in the log")
    func untouched() throws {
        let log = MadeLog()
        #expect(try log.prepared(Selection()).lines == log.lines)
    }

    @Test("Kinds are selected by event.action")
    func kinds() throws {
        let log = MadeLog()
        var selection = Selection()
        selection.kinds = ["tracing_started"]
        #expect(try log.prepared(selection).lines == [log.lines[0]])
        selection.kinds = ["connection_attempted", "heartbeat"]
        #expect(try log.prepared(selection).lines == Array(log.lines.dropFirst()))
    }

    @Test("Rules decide as they do in tattle; what tells of the run is never dropped", arguments: [0, 1, 3])
    func rules(from record: Int) throws {
        let log = MadeLog()
        let text = "[[rule]]\nname = \"ssh\"\naction = \"drop\"\nexecutable = \"/usr/bin/ssh\"\n"
        let rules = try RuleSet(configuration: Array(text.utf8), userID: { _ in nil })
        let position = record == 0 ? nil : try log.position(record)
        let wanted = log.lines.enumerated().filter { $0.offset % 2 == 0 && $0.offset >= record }.map(\.element)
        #expect(try log.prepared(Selection(), rules: rules, after: position).lines == wanted)
    }

    @Test("Fields are added as labels, escaped, and the rest of the line is untouched")
    func fields() throws {
        let log = MadeLog()
        var selection = Selection()
        selection.fields = [
            StaticField(name: "site", value: "a\"b\\"), StaticField(name: "environment", value: "test"),
        ]
        let wanted = log.lines.map { "\($0.dropLast()),\"labels\":{\"site\":\"a\\\"b\\\\\",\"environment\":\"test\"}}" }
        #expect(try log.prepared(selection).lines == wanted)
    }

    @Test("OCSF has the same ids, whichever record it begins behind", arguments: [0, 1, 4])
    func ocsf(from record: Int) throws {
        let log = MadeLog()
        var selection = Selection()
        selection.isOCSF = true
        let all = try log.prepared(selection).lines
        #expect(all.count == log.lines.count)
        for (line, original) in zip(all, log.lines) {
            #expect(line.hasPrefix("{\"time\":"))
            let event = try #require(original.firstRange(of: "\"event\":{"))
            let member = try #require(original[event.upperBound...].firstRange(of: "\"id\":\""))
            let id = original[member.upperBound...].prefix { $0 != "\"" }
            #expect(line.contains("\"uid\":\"\(id)\""))
        }
        let position = record == 0 ? nil : try log.position(record)
        #expect(try log.prepared(selection, after: position).lines == Array(all.dropFirst(record)))
        selection.fields = [StaticField(name: "site", value: "berlin")]
        let enriched = try log.prepared(selection).lines
        #expect(enriched.allSatisfy { $0.hasSuffix("\"data\":{\"site\":\"berlin\"}}]}") })
    }

    @Test("A log in OCSF passes kinds as it is, and gets its fields as OCSF has them")
    func ocsfLog() throws {
        let log = MadeLog()
        var selection = Selection()
        selection.isOCSF = true
        let lines = try log.prepared(selection).lines
        log.replace(with: lines)
        selection = Selection()
        selection.kinds = ["heartbeat"]
        #expect(try log.prepared(selection).lines == lines)
        selection.fields = [StaticField(name: "site", value: "berlin")]
        #expect(try log.prepared(selection).lines.allSatisfy { $0.contains(",\"enrichments\":[") })
    }

    @Test("What was skipped is a record in front of what follows, with an id of its own, in ECS and in OCSF")
    func skipped() throws {
        let log = MadeLog()
        var position = try log.position(1)
        // As if the file before had been removed.
        position = LogPosition(
            file: LogFileName(unixNanoseconds: 1_767_225_500_000_000_000, sequence: 7), firstLine: 1, offset: 10)
        position.run = "another"
        position.sequence = 12
        let lines = try log.prepared(Selection(), after: position).lines
        #expect(Array(lines.dropFirst()) == log.lines)
        let notice = try #require(lines.first)
        #expect(notice.contains("\"action\":\"records_skipped\""))
        #expect(notice.contains("\"exact\":false"))
        #expect(try log.prepared(Selection(), after: position).lines.first == notice)
        var selection = Selection()
        (selection.isOCSF, selection.kinds) = (true, ["nothing"])
        let converted = try log.prepared(selection, after: position).lines
        #expect(converted.count == 1)
        #expect(converted.first?.contains("\"type_uid\":100899") == true)
    }
}
