internal import Foundation
internal import Testing

/// `Tests/Golden/ring/*.golden`: the ring's bytes in hexadecimal, a record a line, and the lines they become.
struct RingGolden: CustomTestStringConvertible, Sendable {
    var url: URL
    var comment: String
    var records: [[UInt8]]
    var lines: [String]

    var name: String { url.lastPathComponent }
    var testDescription: String { name }

    /// `TATTLE_WRITE_GOLDEN=1` writes the lines anew: read the difference before you keep it.
    static var isRewriting: Bool { ProcessInfo.processInfo.environment["TATTLE_WRITE_GOLDEN"] != nil }

    static func all() throws -> [RingGolden] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Golden/ring")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "golden" }.sorted { $0.path < $1.path }.map(read)
    }

    private static func read(_ url: URL) throws -> RingGolden {
        var golden = RingGolden(url: url, comment: "", records: [], lines: [])
        var section = ""
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("[") {
                section = String(line)
            } else if section.isEmpty {
                golden.comment += line + "\n"
            } else if section == "[records]" {
                let digits = Array(line)
                golden.records.append(
                    stride(from: 0, to: digits.count, by: 2).compactMap {
                        UInt8(String(digits[$0...($0 + 1)]), radix: 16)
                    })
            } else {
                golden.lines.append(String(line))
            }
        }
        return golden
    }

    func rewrite(lines: [String]) throws {
        let hex = records.map { $0.map { String(format: "%02x", $0) }.joined() }.joined(separator: "\n")
        let text = "\(comment)[records]\n\(hex)\n[lines]\n\(lines.joined(separator: "\n"))\n"
        try text.write(to: url, atomically: true, encoding: .utf8)
    }
}
