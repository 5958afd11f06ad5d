internal import Foundation
internal import Testing

/// A run of `tattle trace` that writes its log to a file of its own.
final class Trace {
    let folder: Folder
    private let child: Child

    /// Starts it.
    ///
    /// - Parameters:
    ///   - hookSet: the hook set to force.
    ///   - options: more options.
    ///   - command: what to run and trace; empty: the whole machine until ``stop(_:)``.
    ///   - folder: where everything goes; nil: a folder of its own.
    init(_ hookSet: String, _ options: [String] = [], command: [String] = [], folder: Folder? = nil) throws {
        self.folder = try folder ?? Folder()
        var arguments = ["trace", "--hooks", hookSet, "--output", self.folder.at("log")] + options
        if !command.isEmpty { arguments += ["--"] + command }
        child = try Child(Kernel.tattle, arguments, folder: self.folder)
    }

    /// tattle's process id.
    var pid: Int32 { child.pid }

    /// Sends tattle a signal.
    func send(_ signal: Int32) { child.send(signal) }

    /// Waits until the hooks are live: the first line says so.
    func waitUntilLive() throws {
        try waitUntil("tracing starts; tattle says: \(child.errors)") {
            if !child.isRunning { throw Child.Failure(description: "tattle ended at once: \(child.errors)") }
            return folder.text("log").contains("\n")
        }
    }

    /// Sends a signal and waits for the end.
    func stop(_ signal: Int32 = SIGTERM) throws -> Log {
        child.send(signal)
        return try end()
    }

    /// Waits for the end.
    func end() throws -> Log {
        let status = try child.wait()
        return Log(status: status, errors: child.errors, output: child.output, data: folder.data("log"))
    }

    /// Options that hold an attempt back until its outcome is there, however long a machine under load keeps it waiting.
    static let patient = ["--settle", "10m"]

    /// Runs it with a command to its end.
    static func run(_ hookSet: String, _ options: [String] = [], _ command: [String]) throws -> Log {
        try Trace(hookSet, options, command: command).end()
    }

    /// Runs it with the workload as the command.
    static func attempts(_ hookSet: String, _ options: [String] = [], _ arguments: [String]) throws -> Log {
        try run(hookSet, options, [Kernel.attempts] + arguments)
    }
}

/// What a run left.
struct Log {
    /// Its exit status, 128+N when signal N ended it.
    var status: Int32
    /// Its standard error.
    var errors: String
    /// Its standard output and its command's.
    var output: String
    /// The log's bytes.
    var data: Data

    /// Reads the log, which must be whole: valid lines, numbered without a gap, with a first and a last one.
    func records(sourceLocation: SourceLocation = #_sourceLocation) throws -> [Record] {
        #expect(data.last == UInt8(ascii: "\n"), "the last line is not ended", sourceLocation: sourceLocation)
        let text = try #require(String(data: data, encoding: .utf8), "not UTF-8", sourceLocation: sourceLocation)
        keep()
        let records = try text.decodedLines(as: Record.self)
        let longest = text.utf8.split(separator: UInt8(ascii: "\n")).map(\.count).max() ?? 0
        #expect(longest < 64 << 10, "a line is too long", sourceLocation: sourceLocation)
        #expect(records.first?.event.action == "tracing_started", sourceLocation: sourceLocation)
        #expect(records.last?.event.action == "tracing_stopped", sourceLocation: sourceLocation)
        let sequences = records.map(\.event.sequence)
        #expect(sequences == Array(0..<UInt64(records.count)), "gaps in event.sequence", sourceLocation: sourceLocation)
        #expect(Set(records.map(\.event.id)).count == records.count, "event.id twice", sourceLocation: sourceLocation)
        return records
    }

    /// Leaves the lines as they are, for a runner that holds them against the schema: a few MiB of them, of small logs.
    private func keep() {
        guard let folder = Kernel.recordsFolder, data.count < 256 << 10 else { return }
        let path = folder + "/.log"
        if let file = FileHandle(forWritingAtPath: path) {
            if let end = try? file.seekToEnd(), end < 4 << 20 { try? file.write(contentsOf: data) }
            try? file.close()
        } else {
            try? data.write(to: URL(fileURLWithPath: path))
        }
    }

    /// What the workload said on the standard output.
    func truths() throws -> [Truth] { try output.decodedLines(as: Truth.self) }
}

extension [Record] {
    /// Those of one action.
    func of(_ action: String) -> [Record] { filter { $0.event.action == action } }

    /// `connection_attempted`.
    var attempts: [Record] { of("connection_attempted") }
    /// `connection_resolved`.
    var resolutions: [Record] { of("connection_resolved") }
    /// Both, as they came.
    var tellings: [Record] { filter { ["connection_attempted", "connection_resolved"].contains($0.event.action) } }
    /// `disconnect_received`.
    var disconnects: [Record] { of("disconnect_received") }
    /// Attempts that `events_lost` counts.
    var lostAttempts: UInt64 { of("events_lost").reduce(0) { $0 + ($1.tattle?.lost?.attempts ?? 0) } }

    /// Those of some processes.
    func by(_ pids: Set<Int32>) -> [Record] { filter { $0.process.map { pids.contains($0.pid) } ?? false } }
}
