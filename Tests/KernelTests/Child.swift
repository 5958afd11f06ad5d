internal import Foundation

/// A process that a test started: its output goes to files, and it goes when the test does.
final class Child {
    /// What went wrong with a child that is not part of a test's question.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let process = Process()
    private let folder: Folder

    /// Starts a program.
    ///
    /// - Parameter folder: where its output goes; nil: to a folder of its own.
    init(_ path: String, _ arguments: [String], folder: Folder? = nil) throws {
        self.folder = try folder ?? Folder()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try self.folder.file("stdout")
        process.standardError = try self.folder.file("stderr")
        try process.run()
    }

    deinit {
        if process.isRunning {
            send(SIGCONT)
            send(SIGKILL)
        }
    }

    /// Its process id.
    var pid: Int32 { process.processIdentifier }

    /// Whether it has not ended yet.
    var isRunning: Bool { process.isRunning }

    /// Sends a signal to it alone.
    func send(_ signal: Int32) { kill(pid, signal) }

    /// Waits for its end, and returns its status as a shell says it: 128+N when signal N ended it.
    ///
    /// The limit is for what hangs: no test depends on time, and an emulated machine is slow.
    func wait(seconds: Double = 900) throws -> Int32 {
        try waitUntil("process \(pid) ends", seconds: seconds) { !process.isRunning }
        return process.terminationReason == .uncaughtSignal
            ? 128 + process.terminationStatus : process.terminationStatus
    }

    /// What it wrote to its standard output so far.
    var output: String { folder.text("stdout") }

    /// What it wrote to its standard error so far.
    var errors: String { folder.text("stderr") }
}

/// Waits until a condition holds.
func waitUntil(_ what: String, seconds: Double = 300, _ condition: () throws -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while try !condition() {
        guard Date() < deadline else { throw Child.Failure(description: "waited \(seconds) s in vain until \(what)") }
        usleep(2000)
    }
}

/// A new folder, gone with its owner.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/tattle-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A path in it.
    func at(_ name: String) -> String { path + "/" + name }

    /// A new file in it, to write.
    func file(_ name: String) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: at(name), contents: nil)
        guard let handle = FileHandle(forWritingAtPath: at(name)) else {
            throw Child.Failure(description: "cannot write \(at(name))")
        }
        return handle
    }

    /// The bytes of a file in it; none when it is not there.
    func data(_ name: String) -> Data { FileManager.default.contents(atPath: at(name)) ?? Data() }

    /// The text of a file in it.
    func text(_ name: String) -> String { String(decoding: data(name), as: UTF8.self) }

    /// Whether there is such a file.
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: at(name)) }
}
