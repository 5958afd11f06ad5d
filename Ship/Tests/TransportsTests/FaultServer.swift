import Foundation
import Testing

/// A `fault_server.py` or `syslog_sink.py` that runs as long as this is kept.
final class FaultServer {
    /// Where it listens, on loopback.
    let port: UInt16
    private let process: Process
    private let folder: URL
    private let input = Pipe()
    private var counted: (bytes: UInt64, requests: Int) = (0, 0)

    /// What was asked of it.
    struct Request: Decodable {
        var target: String
        var headers: [String: String]
        var lines: [String]
    }

    /// Starts it.
    init(
        _ behaviours: [String], script name: String = "fault_server.py",
        tls: (certificate: String, key: String)? = nil, authority: String? = nil
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tattle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: name).path
        var arguments = ["python3", "-B", script, folder.appending(path: "log").path]
        if let tls { arguments += ["--tls", tls.certificate, tls.key] }
        if let authority { arguments += ["--authority", authority] }
        process.arguments = arguments + behaviours
        let output = Pipe()
        // It ends when this process does, however that ends.
        process.standardInput = input
        process.standardError = FileHandle.nullDevice
        process.standardOutput = output
        try process.run()
        port = try #require(UInt16(readLine(output.fileHandleForReading)), "\(name) does not start")
    }

    /// Tells it to do what it waits with.
    func tell() throws { try input.fileHandleForWriting.write(contentsOf: Data("now\n".utf8)) }

    /// Ends it, and waits until nobody listens there.
    func stop() {
        // SIGTERM is blocked: the mask of this thread goes to those that it starts.
        kill(process.processIdentifier, SIGKILL)
        // waitUntilExit() would need a run loop of this thread.
        while process.isRunning { usleep(1_000) }
    }

    deinit {
        // Not before it has ended: it writes its log anew.
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Everything that was asked for so far.
    func requests() throws -> [Request] { try log() }

    /// How often something was asked for so far; only what was not read before is read.
    func requestCount() throws -> Int {
        guard let log = FileHandle(forReadingAtPath: folder.appending(path: "log").path) else { return 0 }
        try log.seek(toOffset: counted.bytes)
        let more = try log.readToEnd() ?? Data()
        counted.bytes += UInt64(more.count)
        counted.requests += more.count { $0 == UInt8(ascii: "\n") }
        return counted.requests
    }

    /// Every message of syslog that came so far, with the number of its connection.
    func messages() throws -> [Message] { try log() }

    /// One of them.
    struct Message: Decodable, Equatable {
        var connection: Int
        var text: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            (connection, text) = (try list.decode(Int.self), try list.decode(String.self))
        }
    }

    private func log<Element: Decodable>() throws -> [Element] {
        let log = folder.appending(path: "log")
        guard FileManager.default.fileExists(atPath: log.path) else { return [] }
        let data = try Data(contentsOf: log)
        // The last line may be half written.
        return try data.prefix(through: data.lastIndex(of: UInt8(ascii: "\n")) ?? -1)
            .split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Element.self, from: $0) }
    }
}

/// The first line of what a process writes.
func readLine(_ handle: FileHandle) -> String {
    var line: [UInt8] = []
    while let byte = try? handle.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { line.append(byte) }
    return String(decoding: line, as: UTF8.self)
}
