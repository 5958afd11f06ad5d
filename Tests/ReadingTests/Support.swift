import Foundation
import Records

@testable import Reading

/// The ECS lines of `Tests/Golden`, by the name of their file.
enum GoldenLines {
    static let all: [(name: String, line: String)] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Golden").standardized
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "golden" }.sorted { $0.path < $1.path }.compactMap { file in
            let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
            guard let section = lines.firstIndex(of: "[ecs]"), section + 1 < lines.count else { return nil }
            return (file.deletingPathExtension().lastPathComponent, String(lines[section + 1]))
        }
    }()
}

extension RecordParser {
    /// Reads one line.
    mutating func parse(_ line: some StringProtocol) throws(Malformed) -> LogRecord {
        let bytes = Array(line.utf8)
        return try parse(bytes, 0..<bytes.count)
    }

    /// The line that the writer makes of a record, as the log's own.
    func written(_ record: LogRecord) -> String? {
        guard let event = record.event else { return nil }
        var writer = ECSWriter(context: record.run, clock: record.clock, names: { [names] in names[$0] })
        writer.resume(lineCount: record.sequence, ownEvents: record.ownNumber)
        var buffer = LineBuffer()
        writer.write(event, into: &buffer)
        return String(decoding: buffer.copy().dropLast(), as: UTF8.self)
    }
}
