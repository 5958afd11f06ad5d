import Foundation

/// The records of `Tests/Golden`, as a log and as the rows of a table.
enum GoldenLog {
    /// The ECS lines.
    static let lines = sections("[ecs]").flatMap { $0.prefix(1) }
    /// The OCSF lines.
    static let ocsf = sections("[ocsf]").flatMap { $0.prefix(1) }
    /// The rows in UTC+1, made those of UTC.
    static let rows = sections("[table]").flatMap { $0 }.map { row in
        row.replacingOccurrences(of: "11:0", with: "10:0")
    }.filter { !$0.contains("closed ") && !$0.contains("#") }

    private static func sections(_ name: String) -> [[String]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Golden").standardized
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "golden" }.sorted { $0.path < $1.path }.compactMap { file in
            let lines = (try? String(contentsOf: file, encoding: .utf8))?.components(separatedBy: "\n") ?? []
            guard let start = lines.firstIndex(of: name) else { return nil }
            return lines[(start + 1)...].prefix { !$0.hasPrefix("[") }.filter { !$0.isEmpty }
        }
    }
}

/// A folder that is there as long as this.
final class TemporaryFolder {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "tattle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    /// Writes a file and tells its path.
    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: url.appending(path: name))
        return path(name)
    }
}
