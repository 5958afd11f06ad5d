internal import Foundation
internal import Synchronization
internal import Testing

/// All kinds of attempt, made and traced in one run for each hook set: most of them wait for
/// something, and starting tattle is the expensive part in an emulated machine.
struct KindsRun: Sendable {
    /// Shorter than the second after which a late answer comes, long enough for one at once on a slow machine.
    static let settle = "900ms"

    let log: [Line]
    let truths: [String: Truth]
    let errors: String

    /// A record and its line.
    struct Line: Sendable {
        let record: Record
    }

    private static let runs = Mutex<[String: Result<KindsRun, Child.Failure>]>([:])

    /// The run with a hook set, made when first asked for.
    static func with(_ hookSet: String) throws -> KindsRun {
        try runs.withLock { runs in
            if let run = runs[hookSet] { return try run.get() }
            let run = Result { try make(hookSet) }.mapError {
                $0 as? Child.Failure ?? Child.Failure(description: "\($0)")
            }
            runs[hookSet] = run
            return try run.get()
        }
    }

    private static func make(_ hookSet: String) throws -> KindsRun {
        let log = try Trace.attempts(hookSet, ["--settle", settle], ["run"] + Kernel.kinds)
        let truths = try log.truths()
        return KindsRun(
            log: try log.records().map { Line(record: $0) },
            truths: Dictionary(truths.map { ($0.kind, $0) }) { first, _ in first }, errors: log.errors)
    }

    /// Everything recorded.
    var records: [Record] { log.map(\.record) }
}

extension Truth.Attempt {
    /// Whether a record is of this attempt, by where it went to.
    func matches(_ record: Record) -> Bool {
        record.network?.transport == transport && record.destination?.ip == ip
            && record.destination?.port.map { UInt32($0) } == port && record.process?.pid == pid
    }
}
