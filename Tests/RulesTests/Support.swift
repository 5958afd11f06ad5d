import Model
import Rules
import TOML

let second: UInt64 = 1_000_000_000

/// A program that makes attempts, each time in another process.
struct Caller {
    var path = "/usr/bin/curl"
    var script = ""
    var argumentBytes = 0
    var userID: UInt32 = 1000
    var sha256: UInt8?
    var inode: UInt64 = 9
    /// Of the control group; nil: it is not known.
    var place: String?
    /// Whether its path leads there on the machine; nil: its executable has not been looked at.
    var isAtPath: Bool? = true

    /// Who made the attempt: new objects each time, as of a process that was just started.
    func attribution(pid: UInt32) -> Attribution {
        Attribution(
            process: ProcessFacts(
                identity: ProcessIdentity(pid: pid, startBootNanoseconds: UInt64(pid)),
                program: Program(
                    name: ThreadName("curl".utf8), path: Array(path.utf8), script: Array(script.utf8),
                    arguments: [UInt8](repeating: 1, count: argumentBytes),
                    stamp: FileStamp(device: 1, inode: inode)),
                source: .kernel),
            group: place.map { ControlGroup(id: 7, parsing: Array($0.utf8)) },
            file: isAtPath.map {
                FileVerdict(sha256: sha256.map { [UInt8](repeating: $0, count: 32) }, isAtPath: $0)
            })
    }
}

/// Makes records, each with another id and pid.
struct Records {
    var caller = Caller()
    private var count: UInt64 = 0

    init(_ caller: Caller = Caller()) { self.caller = caller }

    mutating func attempt(
        at time: UInt64, to address: String = "203.0.113.9", port: UInt16 = 443, _ transport: Transport = .tcp,
        _ outcome: Outcome = .failed(errno: 111), netns: UInt32 = 1, source: UInt16? = nil
    ) -> AttemptEvent {
        count += 1
        let attribution = caller.attribution(pid: UInt32(count))
        let address = IPAddress(ascii: Array(address.utf8)) ?? .v4(0)
        return AttemptEvent(
            attempt: Attempt(
                id: 1000 + count, reference: RecordReference(cpu: 0, hook: 4, sequence: count), phase: .whole,
                startedBootNanoseconds: time, observedBootNanoseconds: time + 1000,
                process: attribution.process.identity,
                threadID: UInt32(count), threadName: ThreadName("curl".utf8), userID: caller.userID,
                networkNamespace: netns, transport: transport, destination: Endpoint(address: address, port: port),
                source: source.map { Endpoint(address: .v4(0xc000_0207), port: $0) }, outcome: outcome, bytes: 30),
            attribution: attribution)
    }

    mutating func attempted(at time: UInt64, _ outcome: Outcome = .failed(errno: 111)) -> TraceEvent {
        .attempted(attempt(at: time, outcome: outcome))
    }

    private mutating func attempt(at time: UInt64, outcome: Outcome) -> AttemptEvent {
        attempt(at: time, to: "203.0.113.9", port: 443, .tcp, outcome)
    }

    /// The end of a TCP connection.
    mutating func closed(at time: UInt64, sent: UInt64, error: Int32 = 0, hasCounters: Bool = true) -> TraceEvent {
        let event = attempt(at: time - second, outcome: .established)
        return .disconnected(
            DisconnectEvent(
                attempt: event.attempt, attribution: event.attribution, endedBootNanoseconds: time,
                traffic: .connection(
                    ConnectionClose(
                        attempt: event.attempt, establishedBootNanoseconds: time - second, bytesSent: sent,
                        bytesReceived: 10 * sent, packetsSent: 3, packetsReceived: 2, retransmits: 0, error: error,
                        hasCounters: hasCounters))))
    }
}

/// Runs records through rules.
struct Run {
    let engine: RuleEngine
    /// What was written, in order.
    private(set) var written: [TraceEvent] = []

    init(_ set: RuleSet) { engine = RuleEngine(set) }

    init(_ toml: String) throws { self.init(try rules(toml)) }

    mutating func take(_ event: TraceEvent) {
        var before: [TraceEvent] = []
        let isWritten = engine.admits(event) { before.append($0) }
        written += before + (isWritten ? [event] : [])
    }

    mutating func expire(now: UInt64) {
        var ended: [TraceEvent] = []
        engine.expire(now: now) { ended.append($0) }
        written += ended
    }

    mutating func finish() {
        var ended: [TraceEvent] = []
        engine.finish { ended.append($0) }
        written += ended
    }

    var summaries: [AggregateEvent] {
        written.compactMap { if case .aggregated(let event) = $0 { event } else { nil } }
    }
}

/// The rules of a text; the only users are root and ana.
func rules(_ toml: String) throws(ConfigurationProblems) -> RuleSet {
    try RuleSet(configuration: Array(toml.utf8)) { ["root": 0, "ana": 1000][$0] }
}

/// What is wrong with a text, `LINE:COLUMN: MESSAGE` each.
func problems(_ toml: String) -> [String] {
    do throws(ConfigurationProblems) {
        _ = try rules(toml)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}
