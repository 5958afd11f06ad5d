internal import Compression
internal import Foundation
internal import Testing

/// The folder that runs of tattle write their files into.
struct LogFolder {
    let path: String

    /// The names in it, in the order of time, without what begins with a dot.
    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
    }

    /// What no run may leave behind for good.
    func temporaries() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix(".") }
    }

    /// The records of a file, which must be whole.
    func records(of name: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [Record] {
        let data = try content(of: name)
        #expect(data.last == UInt8(ascii: "\n"), "\(name) does not end with a line", sourceLocation: sourceLocation)
        let records = try String(decoding: data, as: UTF8.self).decodedLines(as: Record.self)
        #expect(records.first?.event.action == "tracing_started", "\(name)", sourceLocation: sourceLocation)
        let head = data.prefix { $0 != UInt8(ascii: "\n") }
        #expect(head.count >= 1023, "\(name) begins with a short line", sourceLocation: sourceLocation)
        return records
    }

    /// The records of all files, in their order.
    func records() throws -> [Record] { try names().flatMap { try records(of: $0) } }

    private func content(of name: String) throws -> [UInt8] {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path + "/" + name)))
        guard let method = CompressionMethod(fileName: name) else { return bytes }
        let decompressor = try Decompressor(method)
        var content: [UInt8] = []
        try decompressor.decompress(bytes, count: bytes.count) { content += $0 }
        #expect(decompressor.isAtEnd, "\(name) is not whole")
        return content
    }
}

extension [Record] {
    /// That nothing is in it twice, and that the lines of each run are numbered without a gap.
    /// - Returns: the highest number of each run, in the order in which they began.
    @discardableResult
    func checkRuns(sourceLocation: SourceLocation = #_sourceLocation) -> [(run: String, last: UInt64)] {
        #expect(Set(map(\.event.id)).count == count, "event.id twice", sourceLocation: sourceLocation)
        var order: [String] = []
        var sequences: [String: [UInt64]] = [:]
        for record in self {
            let run = record.agent?.ephemeral_id ?? "none"
            if sequences[run] == nil { order.append(run) }
            sequences[run, default: []].append(record.event.sequence)
        }
        return order.map { run in
            let numbers = (sequences[run] ?? []).sorted()
            #expect(
                numbers == Array<UInt64>(0..<UInt64(numbers.count)), "run \(run) has a gap",
                sourceLocation: sourceLocation)
            return (run, numbers.last ?? 0)
        }
    }
}
