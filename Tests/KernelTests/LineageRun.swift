internal import Foundation
internal import Synchronization
internal import Testing

/// What the workload says of a process and whoever made it, each made of bytes in hexadecimal.
struct LineageTruth: Decodable, Sendable {
    /// Bytes, written in hexadecimal; as text with U+FFFD for what is no UTF-8.
    struct Text: Decodable, Sendable {
        let text: String

        init(from decoder: any Decoder) throws {
            let digits = Array(try decoder.singleValueContainer().decode(String.self).utf8)
            let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(decoding: digits[$0..<min($0 + 2, digits.count)], as: UTF8.self), radix: 16)
            }
            text = String(decoding: bytes, as: UTF8.self)
        }
    }

    struct Ancestor: Decodable, Sendable {
        var pid: Int32
        var start_ticks: UInt64
        var executable: Text?
    }

    struct Namespaces: Decodable, Sendable {
        var pid: UInt64?
        var mount: UInt64?
        var user: UInt64?
        var net: UInt64?
    }

    /// One attempt.
    struct Shot: Decodable, Sendable {
        var pid: Int32
        var tid: Int32
        var port: UInt16
        var start_ticks: UInt64
        var thread_name: Text
        var args: [Text]
        var executable: Text
        var is_cut: Bool
        var working_directory: Text?
        var real_user: UInt32
        var user: UInt32
        var real_group: UInt32
        var group: UInt32
        var capabilities: UInt64
        var vpid: Int32
        var login_user: UInt32?
        var tty: String
        var session: Int32
        var session_executable: Text?
        var namespaces: Namespaces
        var flags: [String]
        var device: String?
        var inode: String?
        var script: Text?
        var preload: Text?
        var cgroup: Text?
        var container: Text?
        var runtime: Text?
        var unit: Text?
        var slice: Text?
        var pod: Text?
        var ancestors: [Ancestor]
        /// When its forker is not its parent: as the kernel has it.
        var kernel_ancestors: [Ancestor]?
        var parent_args: [Text]
    }

    var kind: String
    var status: String
    var problem: Text
    var shots: [Shot]
}

/// All kinds of process, made and traced in one run for each hook set.
struct LineageRun: Sendable {
    let records: [Record]
    /// The attempts among them.
    private let attempts: [Record]
    let truths: [String: LineageTruth]
    let errors: String

    private static let runs = Mutex<[String: Result<LineageRun, Child.Failure>]>([:])

    /// The run with a hook set, made when first asked for.
    static func with(_ hookSet: String) throws -> LineageRun {
        try runs.withLock { runs in
            if let run = runs[hookSet] { return try run.get() }
            let run = Result { try make(hookSet) }.mapError {
                $0 as? Child.Failure ?? Child.Failure(description: "\($0)")
            }
            runs[hookSet] = run
            return try run.get()
        }
    }

    private static func make(_ hookSet: String) throws -> LineageRun {
        let log = try Trace.attempts(hookSet, [], ["lineage"] + Kernel.lineages)
        let truths = try log.output.decodedLines(as: LineageTruth.self)
        return LineageRun(
            try log.records(), truths: Dictionary(truths.map { ($0.kind, $0) }) { first, _ in first },
            errors: log.errors)
    }

    private init(_ records: [Record], truths: [String: LineageTruth], errors: String) {
        self.records = records
        self.attempts = records.attempts
        self.truths = truths
        self.errors = errors
    }

    /// The one record of an attempt.
    ///
    /// A kind's attempts have ports of their own, and a kind's processes are gone when the next one's begin;
    /// so pid, start and port tell whose a record is.
    func record(of shot: LineageTruth.Shot) throws -> Record {
        let matching = attempts.filter {
            $0.process?.pid == shot.pid && $0.destination?.port == UInt32(shot.port)
                && $0.process?.entity_id?.entityTicks == shot.start_ticks
        }
        try #require(
            matching.count == 1,
            "\(matching.count) records of pid \(shot.pid) port \(shot.port) start \(shot.start_ticks); \(errors)")
        return matching[0]
    }
}
