import Foundation

/// A file of `Tests/Golden`: what goes in and the lines that come out, together.
///
/// See its README.
struct GoldenFile {
    /// Where it is.
    let url: URL
    /// The lines of each section, as they are.
    private(set) var sections: [String: [String]] = [:]
    private var order: [String] = []

    /// All of them, by name.
    static var all: [GoldenFile] {
        get throws {
            let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Golden").standardized
            return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "golden" }
                .sorted { $0.path < $1.path }
                .map(GoldenFile.init)
        }
    }

    /// Its name without the suffix.
    var name: String { url.deletingPathExtension().lastPathComponent }

    /// Reads a file.
    init(_ url: URL) throws {
        self.url = url
        var section = ""
        for line in try String(contentsOf: url, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line.hasPrefix("["), line.hasSuffix("]") {
                section = String(line.dropFirst().dropLast())
                order.append(section)
                sections[section] = []
            } else if section.isEmpty {
                sections["", default: []].append(String(line))
            } else {
                sections[section]?.append(String(line))
            }
        }
    }

    /// The text of a section without the empty lines at its end, with a newline after each line.
    func text(_ section: String) -> String {
        var lines = sections[section] ?? []
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The `name = value` lines of a section, in order.
    func values(_ section: String) -> [(name: String, value: String)] {
        (sections[section] ?? []).compactMap { line in
            guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { return nil }
            let value = line[line.index(after: equals)...]
            return (line[..<equals].trimmingCharacters(in: .whitespaces), value.trimmingCharacters(in: .whitespaces))
        }
    }

    /// Writes the file anew with `text` in `section`.
    mutating func replace(_ section: String, with text: String) throws {
        if sections[section] == nil { order.append(section) }
        sections[section] = text.split(separator: "\n").map(String.init)
        var result = (sections[""] ?? []).joined(separator: "\n") + (sections[""] == nil ? "" : "\n")
        for name in order {
            var lines = sections[name] ?? []
            while lines.last?.isEmpty == true { lines.removeLast() }
            result += "[\(name)]\n" + lines.map { $0 + "\n" }.joined() + (name == order.last ? "" : "\n")
        }
        try result.write(to: url, atomically: true, encoding: .utf8)
    }
}

/// The bytes of a value in which `\xNN` stands for one byte.
func goldenBytes(_ text: String) -> [UInt8] {
    var result: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.first {
        if rest.count >= 4, byte == UInt8(ascii: "\\"), rest.dropFirst().first == UInt8(ascii: "x"),
            let value = UInt8(String(decoding: rest.dropFirst(2).prefix(2), as: UTF8.self), radix: 16)
        {
            result.append(value)
            rest = rest.dropFirst(4)
        } else {
            result.append(byte)
            rest = rest.dropFirst()
        }
    }
    return result
}
