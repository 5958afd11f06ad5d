import Foundation
import Model
import Records

/// The run that every golden line belongs to.
///
/// The README of `Tests/Golden` has it in words.
enum GoldenRun {
    static let context = RunContext(
        machineID: "0123456789abcdef0123456789abcdef", hostName: "web-1", kernelRelease: "6.12.48-cloud-amd64",
        architecture: "x86_64", operatingSystem: "Debian GNU/Linux 13 (trixie)",
        bootID: "b0072f14-3a5c-4c68-9f0e-0d1c2b3a4958", version: "0.1.0",
        runID: "5f0c9a52-9f0b-4a40-8f93-2a0d1e7e1c11", hookSet: "trampoline")
    /// Boot at 2026-01-01T09:00:00Z.
    static let clock = WallClock(offsetNanoseconds: 1_767_258_000_000_000_000)
    /// User 0 is root, 1000 is ana; no other has a name.
    static let names: @Sendable (UInt32) -> [UInt8]? = { id in
        switch id {
        case 0: Array("root".utf8)
        case 1000: Array("ana".utf8)
        default: nil
        }
    }

    static func ecs() -> ECSWriter { ECSWriter(context: context, clock: clock, names: names) }

    static func ocsf() -> OCSFWriter { OCSFWriter(context: context, clock: clock, names: names) }

    static func table(width: Int? = nil, usesColor: Bool = false) -> TableWriter {
        TableWriter(clock: clock, utcOffsetSeconds: 3600, width: width, usesColor: usesColor, names: names)
    }
}

struct GoldenProblem: Error {
    let text: String
}

extension GoldenFile {
    /// The event that the file describes.
    func event() throws -> TraceEvent {
        let kind = values("event").first { $0.name == "kind" }?.value
        switch kind {
        case "attempted": return .attempted(AttemptEvent(attempt: try attempt(), attribution: try attribution()))
        case "resolved": return .resolved(AttemptEvent(attempt: try attempt(), attribution: try attribution()))
        case "disconnected": return .disconnected(try disconnect())
        case "existing": return .existing(try existing())
        case "heartbeat": return .heartbeat(heartbeat())
        case "aggregated": return .aggregated(try aggregated())
        case "started": return .started(started())
        case "stopped":
            let beat = heartbeat()
            return .stopped(
                TracingStopped(
                    reason: .durationElapsed, totals: beat.totals, rules: beat.rules,
                    bootNanoseconds: beat.bootNanoseconds))
        case "beacon": return .beacon(try beacon())
        default: throw GoldenProblem(text: "\(name): kind \(kind ?? "missing")")
        }
    }

    private func disconnect() throws -> DisconnectEvent {
        let attempt = try attempt()
        let end = Dictionary(uniqueKeysWithValues: values("end").map { ($0.name, $0.value) })
        func number(_ name: String) -> UInt64 { end[name].flatMap(UInt64.init) ?? 0 }
        let traffic: Traffic
        if end["datagrams"] != nil {
            traffic = .flow(
                FlowCounters(
                    attemptID: attempt.id, firstBootNanoseconds: number("first"), lastBootNanoseconds: number("last"),
                    datagrams: number("datagrams"), bytes: number("bytes"), failures: number("failures"),
                    gapMinimumNanoseconds: number("gap_min"), gapMaximumNanoseconds: number("gap_max"),
                    gapSquareSum: number("gap_square_sum")))
        } else {
            var closing = attempt
            closing.observedBootNanoseconds = number("at")
            closing.reference.sequence += 1
            traffic = .connection(
                ConnectionClose(
                    attempt: closing, establishedBootNanoseconds: number("established"),
                    bytesSent: number("bytes_sent"),
                    bytesReceived: number("bytes_received"), packetsSent: UInt32(number("packets_sent")),
                    packetsReceived: UInt32(number("packets_received")), retransmits: UInt32(number("retransmits")),
                    error: Int32(number("error"))))
        }
        return DisconnectEvent(
            attempt: attempt, attribution: try attribution(), endedBootNanoseconds: number("at"), traffic: traffic)
    }

    func attempt() throws -> Attempt {
        var result = Attempt(
            id: 1, reference: RecordReference(cpu: 0, hook: 2, sequence: 1), phase: .whole,
            startedBootNanoseconds: 3_600_123_456_789, observedBootNanoseconds: 3_600_124_456_789,
            process: ProcessIdentity(pid: 4242, startBootNanoseconds: 3_599_000_000_000), threadID: 4242,
            threadName: ThreadName("curl".utf8), userID: 1000, transport: .tcp,
            destination: Endpoint(address: .v4(0xcb00_7109), port: 443), outcome: .pending)
        for (name, value) in values("attempt") {
            let words = value.split(separator: " ").map(String.init)
            let number = UInt64(value) ?? 0
            switch name {
            case "id": result.id = number
            case "reference":
                result.reference = RecordReference(
                    cpu: UInt32(words[0])!, hook: UInt8(words[1])!, sequence: UInt64(words[2])!)
            case "started": result.startedBootNanoseconds = number
            case "observed": result.observedBootNanoseconds = number
            case "process":
                result.process = ProcessIdentity(pid: UInt32(words[0])!, startBootNanoseconds: UInt64(words[1])!)
            case "tid": result.threadID = UInt32(number)
            case "thread": result.threadName = ThreadName(goldenBytes(value))
            case "uid": result.userID = UInt32(number)
            case "netns": result.networkNamespace = UInt32(number)
            case "cgroup": result.cgroupID = number
            case "protocol": result.transport = Transport(socketProtocol: UInt16(number))
            case "destination": result.destination = try endpoint(words)
            case "source": result.source = try endpoint(words)
            case "outcome": result.outcome = try outcome(words)
            case "via": result.via = value == "mptcp" ? .mptcp : value == "fast_open" ? .fastOpen : .syscall
            case "blocker": result.blocker = value == "lsm" ? .securityModule : value == "cgroup" ? .cgroup : .route
            case "kernel_thread": result.isKernelThread = value == "true"
            case "user_memory": result.isDestinationFromUserMemory = value == "true"
            case "network_broadcast": result.isNetworkBroadcast = value == "true"
            case "bytes": result.bytes = UInt32(number)
            default: throw GoldenProblem(text: "\(self.name): attempt \(name)")
            }
        }
        return result
    }

    private func outcome(_ words: [String]) throws -> Outcome {
        switch words[0] {
        case "pending": .pending
        case "established": .established
        case "sent": .sent
        case "aborted": .aborted
        case "errno": .failed(errno: Int32(words[1])!)
        default: throw GoldenProblem(text: "\(name): outcome \(words)")
        }
    }

    private func endpoint(_ words: [String]) throws -> Endpoint {
        guard let address = parseAddress(words[0]) else { throw GoldenProblem(text: "\(name): address \(words)") }
        return Endpoint(address: address, port: UInt16(words[1])!, scope: words.count > 2 ? UInt32(words[2])! : 0)
    }

    func attribution() throws -> Attribution {
        let parent = sections["parent"] == nil ? nil : try facts("parent")
        return Attribution(process: try facts("process", parent: parent), group: try group(), file: file())
    }

    private func group() throws -> ControlGroup? {
        guard sections["group"] != nil else { return nil }
        let values = Dictionary(uniqueKeysWithValues: values("group").map { ($0.name, $0.value) })
        return ControlGroup(
            id: values["id"].flatMap(UInt64.init) ?? 0, path: goldenBytes(values["path"] ?? ""),
            container: values["container"].map { ContainerFacts(id: $0, runtime: values["runtime"]) },
            unit: values["unit"], slice: values["slice"], podUID: values["pod"])
    }

    private func file() -> FileVerdict? {
        guard sections["file"] != nil else { return nil }
        let values = Dictionary(uniqueKeysWithValues: values("file").map { ($0.name, $0.value) })
        return FileVerdict(
            sha256: values["sha256"].map { [UInt8](repeating: UInt8($0, radix: 16) ?? 0, count: 32) },
            failure: values["failure"].flatMap(HashFailure.init),
            package: values["package"].map {
                PackageMembership(
                    name: $0, version: values["version"], isUnchanged: values["unchanged"].map { $0 == "true" })
            }, isPackageKnown: values["package_known"] == "true")
    }

    private func facts(_ section: String, parent: ProcessFacts? = nil) throws -> ProcessFacts {
        let values = values(section)
        func first(_ name: String) -> String? { values.first { $0.name == name }?.value }
        func number(_ name: String) -> UInt32? { first(name).flatMap(UInt32.init) }
        func text(_ name: String) -> [UInt8] { first(name).map(goldenBytes) ?? [] }
        let arguments = joined(values.filter { $0.name == "arg" }.map { goldenBytes($0.value) })
        let isParent = section == "parent"
        var marks: Program.Marks = []
        if first("path_truncated") == "true" { marks.insert(.pathCut) }
        if first("deleted") == "true" { marks.insert(.deleted) }
        if first("memfd") == "true" { marks.insert(.memfd) }
        return ProcessFacts(
            identity: ProcessIdentity(
                pid: number("pid") ?? (isParent ? 4200 : 4242),
                startBootNanoseconds: first("start").flatMap(UInt64.init)
                    ?? (isParent ? 60_000_000_000 : 3_599_000_000_000)),
            parentIdentity: number("parent_pid").map { ProcessIdentity(pid: $0, startBootNanoseconds: 0) },
            parent: parent,
            program: Program(
                name: ThreadName(text("name")), path: text("executable"), folder: text("folder"),
                script: text("script"),
                variables: joined(values.filter { $0.name == "env" }.map { goldenBytes($0.value) }),
                arguments: arguments,
                argumentsTotalBytes: first("args_bytes").flatMap(Int.init)
                    ?? (first("args_truncated") == "true" ? arguments.count + 1 : arguments.count),
                mode: first("mode").flatMap { UInt16($0, radix: 8) } ?? 0,
                stamp: FileStamp(device: 8 << 20 | 1, inode: first("inode").flatMap(UInt64.init) ?? 0), marks: marks),
            surroundings: Surroundings(
                credentials: Credentials(
                    userID: number("uid"), effectiveUserID: number("uid"), groupID: number("gid"),
                    effectiveGroupID: number("gid"), loginUserID: number("login_uid"),
                    capabilities: first("capabilities").flatMap { UInt64($0, radix: 16) }),
                namespaces: Namespaces(pid: number("pidns") ?? 0), terminal: number("terminal")),
            namespacePID: number("vpid") ?? 0, isKernelThread: first("kernel_thread") == "true",
            source: first("source") == "procfs" ? .procfs : first("source") == "partial" ? .partial : .kernel)
    }
}

/// An address from its text, by the C library.
func parseAddress(_ text: String) -> IPAddress? {
    var four = in_addr()
    // Both live through the calls, which write to them only.
    if unsafe inet_pton(AF_INET, text, &four) == 1 { return .v4(UInt32(bigEndian: four.s_addr)) }
    var six = in6_addr()
    guard unsafe inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    let bytes = unsafe withUnsafeBytes(of: six) { unsafe Array($0) }
    let (high, low) = (bytes[..<8], bytes[8...])
    return .v6(high: high.reduce(0) { $0 << 8 | UInt64($1) }, low: low.reduce(0) { $0 << 8 | UInt64($1) })
}
