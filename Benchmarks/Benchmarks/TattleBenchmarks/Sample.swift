internal import Attribution
internal import Capture
internal import Foundation
internal import Model
internal import Records

/// What the benchmarks work on: a refused attempt of `curl`, started by a script, as the tests have it.
struct Sample {
    /// The ring's bytes: two execs, the attempt, its outcome.
    let records: [[UInt8]]
    /// What is in them.
    let observations: [Observation]
    /// The attempt with its outcome, in one.
    let attempt: Attempt
    /// Who made it.
    let attribution: Model.Attribution
    /// The same by a program whose arguments are all quotes and control characters.
    let hostileAttribution: Model.Attribution

    /// The machine of the tests.
    static let context = RunContext(
        machineID: "0123456789abcdef0123456789abcdef", hostName: "web-1", kernelRelease: "6.12.48-cloud-amd64",
        architecture: "x86_64", operatingSystem: nil, bootID: "b0072f14-3a5c-4c68-9f0e-0d1c2b3a4958",
        version: "0.1.0", runID: "5f0c9a529f0b4a40", hookSet: "trampoline")

    /// Reads `Tests/Golden/ring/tcp-refused-late.golden`.
    init() throws {
        let golden = URL(fileURLWithPath: #filePath).appendingPathComponent(
            "../../../../Tests/Golden/ring/tcp-refused-late.golden"
        ).standardizedFileURL
        let lines = try String(contentsOf: golden, encoding: .utf8).split(separator: "\n")
        records = lines.drop { $0 != "[records]" }.dropFirst().prefix { $0 != "[lines]" }.map(Self.bytes)
        let decoder = Decoder()
        observations = records.compactMap { decoder.decode($0.span.bytes) }
        var table = ProcessTable { _ in nil }
        var outcome: Attempt?
        for observation in observations {
            switch observation {
            case .exec(let facts): table.exec(facts)
            case .attempt(let attempt): outcome = attempt
            default: break
            }
        }
        guard var attempt = outcome, observations.count == records.count else { throw CocoaError(.coderInvalidValue) }
        attempt.phase = .whole
        self.attempt = attempt
        let process = table.process(of: attempt)
        attribution = Model.Attribution(process: process, group: nil)
        let program = Program(
            name: process.program.name, path: Array("/usr/bin/curl".utf8), folder: Array("/".utf8),
            arguments: Array(repeating: UInt8(ascii: "\""), count: 64) + Array(1...32) + [0])
        hostileAttribution = Model.Attribution(
            process: ProcessFacts(
                identity: process.identity, parentIdentity: nil, program: program, execID: process.execID,
                surroundings: process.surroundings, source: .kernel),
            group: nil)
    }

    private static func bytes(_ hexadecimal: Substring) -> [UInt8] {
        let digits = Array(hexadecimal.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
        }
    }
}
