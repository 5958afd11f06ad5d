import BeaconLogs
import Compression
import Foundation
import Testing

/// A file that goes when nothing refers to it any more.
final class TemporaryLog {
    let path: String

    /// Writes bytes.
    init(_ bytes: [UInt8]) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("beacons-\(UUID().uuidString)").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// Writes lines.
    convenience init(_ lines: [String]) throws {
        try self.init(Array(lines.map { $0 + "\n" }.joined().utf8))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The same, as gzip writes it.
    func compressed() throws -> TemporaryLog {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let compressor = try Compressor(.gzip)
        var output: [UInt8] = []
        try compressor.compress(bytes, count: bytes.count, into: &output)
        try compressor.finish(into: &output)
        return try TemporaryLog(output)
    }
}

/// What is read of files.
struct ReadLogs {
    var entries: [CallLogs.Entry] = []
    var complaints: [String] = []
    var result: CallLogs.Result

    init(_ logs: [TemporaryLog]) {
        var reader = CallLogs(paths: logs.map(\.path))
        var (entries, complaints): ([CallLogs.Entry], [String]) = ([], [])
        result = reader.read(complain: { complaints.append($0) }, take: { entries.append($0) })
        (self.entries, self.complaints) = (entries, complaints)
    }
}
