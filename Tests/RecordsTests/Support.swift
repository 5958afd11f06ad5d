import Foundation
import Model

@testable import Records

/// Anything that gives the same numbers each time.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}

/// What `body` appends, as text.
func written(_ body: (inout LineBuffer) -> Void) -> String {
    var buffer = LineBuffer(capacity: 64)
    body(&buffer)
    return String(decoding: buffer.copy(), as: UTF8.self)
}

/// One line of `writer` without its newline, as JSON.
func json(_ writer: inout ECSWriter, _ event: TraceEvent) throws -> JSON {
    var buffer = LineBuffer(capacity: 64)
    writer.write(event, into: &buffer)
    return try JSON(line: buffer.copy())
}

/// A parsed line; members by their dotted names.
struct JSON {
    let object: [String: Any]
    let bytes: [UInt8]

    init(line: [UInt8]) throws {
        bytes = line
        guard line.last == UInt8(ascii: "\n"), line.filter({ $0 == UInt8(ascii: "\n") }).count == 1,
            String(validating: line, as: UTF8.self) != nil,
            let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
        else { throw GoldenProblem(text: "not one line of JSON: \(String(decoding: line, as: UTF8.self))") }
        self.object = object
    }

    subscript(_ name: String) -> Any? {
        var value: Any? = object
        for part in name.split(separator: ".") { value = (value as? [String: Any])?[String(part)] }
        return value
    }

    func string(_ name: String) -> String? { self[name] as? String }
    func number(_ name: String) -> Int? { (self[name] as? NSNumber)?.intValue }
    func strings(_ name: String) -> [String]? { self[name] as? [String] }
    func flag(_ name: String) -> Bool { self[name] as? Bool ?? false }
}

/// An attempt with everything that most tests do not look at.
func sampleAttempt(_ change: (inout Attempt) -> Void = { _ in }) -> Attempt {
    var attempt = Attempt(
        id: 7, reference: RecordReference(cpu: 1, hook: 2, sequence: 9), phase: .whole,
        startedBootNanoseconds: 5_000_000_000, observedBootNanoseconds: 5_012_000_000,
        process: ProcessIdentity(pid: 42, startBootNanoseconds: 4_000_000_000), threadID: 43,
        threadName: ThreadName("curl".utf8), userID: 1000, transport: .tcp,
        destination: Endpoint(address: .v4(0x7f00_0001), port: 80), outcome: .established)
    change(&attempt)
    return attempt
}

/// A process with everything that most tests do not look at.
func sampleFacts(
    pid: UInt32 = 42, name: [UInt8] = Array("curl".utf8), executable: [UInt8]? = Array("/usr/bin/curl".utf8),
    arguments: [[UInt8]] = [Array("curl".utf8), Array("http://localhost/".utf8)]
) -> ProcessFacts {
    ProcessFacts(
        identity: ProcessIdentity(pid: pid, startBootNanoseconds: 4_000_000_000),
        program: Program(name: ThreadName(name), path: executable ?? [], arguments: joined(arguments)),
        surroundings: Surroundings(credentials: Credentials(groupID: 1000)), source: .kernel)
}

/// Arguments as the kernel keeps them.
func joined(_ arguments: [[UInt8]]) -> [UInt8] { arguments.flatMap { $0 + [0] } }

/// An event of `sampleAttempt` by `sampleFacts`.
func sampleEvent(_ facts: ProcessFacts = sampleFacts(), _ change: (inout Attempt) -> Void = { _ in }) -> AttemptEvent {
    AttemptEvent(attempt: sampleAttempt(change), attribution: Attribution(process: facts))
}

/// The first line of a file with little in it.
func sampleStarted() -> TracingStarted {
    TracingStarted(
        hookSet: "tracepoint", hooks: ["cgroup/connect4", "inet_sock_set_state"],
        refused: [("trampoline", "BPF_LINK_CREATE: Not supported"), ("kprobe", "no perf_event_open")],
        blindSpots: ["raw sockets"], filters: [], ringBytes: 8 << 20, settleNanoseconds: 1_000_000_000, command: [],
        knownProcesses: 12, bootNanoseconds: 1_000_000_000)
}
