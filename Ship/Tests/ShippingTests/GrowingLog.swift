import Compression
import Dispatch
import Glibc
import Logs
import Synchronization

/// A log that a thread of the test writes as tattle would: files are rotated, older ones compressed.
final class GrowingLog: Sendable {
    let folder: String
    private let progress = Mutex((records: 0, files: 0, isStopped: false))

    init(_ folder: String) {
        self.folder = folder
        unsafe mkdir(folder, 0o700)
    }

    var records: Int { progress.withLock { $0.records } }
    var files: Int { progress.withLock { $0.files } }

    func stop() { progress.withLock { $0.isStopped = true } }

    private static func name(_ file: Int) -> LogFileName {
        LogFileName(unixNanoseconds: 1_767_225_600_000_000_000 + UInt64(file) * 1_000_000_000, sequence: UInt64(file))
    }

    static func id(_ number: Int) -> String { "0123456789abcdef-u-\(number)" }

    private static func line(_ number: Int, file: Int?) -> String {
        let action = file == nil ? "connection_attempted" : "tracing_started"
        let padding = String(repeating: "x", count: file == nil ? number % 1500 : 1024)
        return
            "{\"@timestamp\":\"2026-01-01T00:00:00.000000000Z\",\"event\":{\"kind\":\"event\",\"action\":\"\(action)\",\"id\":\""
            + "\(id(number))\",\"sequence\":\(number)},\"agent\":{\"ephemeral_id\":\"run\"},\"tattle\":{\"file\":{\"sequence\":"
            + "\(file ?? 0),\"cause\":\"size\"},\"padding\":\"\(padding)\"}}\n"
    }

    /// Writes files, one after the other, and compresses all but the two newest; with `untilStopped` more than those.
    func write(_ range: Range<Int>, recordsPerFile: Int, untilStopped: Bool = false, pause: UInt32 = 0) throws {
        var file = range.lowerBound
        while file < range.upperBound || untilStopped && !progress.withLock({ $0.isStopped }) {
            try writeFile(file, recordsPerFile, pause)
            if file >= range.lowerBound + 2 { try compress(Self.name(file - 2), file % 2 == 0 ? .zstd : .gzip) }
            file += 1
            progress.withLock { $0.files = file }
        }
    }

    private func writeFile(_ file: Int, _ records: Int, _ pause: UInt32) throws {
        let name = Self.name(file)
        let hidden = "\(folder)/.\(name).tmp"
        // The paths are NUL-terminated copies that live through the calls.
        let descriptor = unsafe open(hidden, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(descriptor) }
        append(Self.line(self.records, file: file), to: descriptor)
        unsafe rename(hidden, "\(folder)/\(name)")
        var chunk = ""
        for index in 0..<records {
            chunk += Self.line(self.records, file: nil)
            progress.withLock { $0.records += 1 }
            if index % 7 == 6 || index == records - 1 {
                // In two parts, so that a reader finds a line without its end.
                let half = chunk.index(chunk.startIndex, offsetBy: chunk.count / 2)
                appendRaw(String(chunk[..<half]), to: descriptor)
                appendRaw(String(chunk[half...]), to: descriptor)
                chunk = ""
                if pause > 0 { usleep(pause) }
            }
        }
    }

    private func append(_ text: String, to descriptor: Int32) {
        appendRaw(text, to: descriptor)
        progress.withLock { $0.records += 1 }
    }

    private func appendRaw(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        // Reads bytes.count bytes.
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        precondition(count == bytes.count)
    }

    private func compress(_ name: LogFileName, _ method: CompressionMethod) throws {
        let bytes = Array(Scratch.content("\(folder)/\(name)").utf8)
        var packed: [UInt8] = []
        let compressor = try Compressor(method)
        try compressor.compress(bytes, count: bytes.count, into: &packed)
        try compressor.finish(into: &packed)
        var compressed = name
        compressed.compression = method
        let hidden = "\(folder)/.\(compressed).tmp"
        let descriptor = unsafe open(hidden, O_WRONLY | O_CREAT, 0o600)
        // Reads packed.count bytes.
        _ = unsafe packed.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        unsafe rename(hidden, "\(folder)/\(compressed)")
        unsafe unlink("\(folder)/\(name)")
    }

    /// Removes a file, however it is stored.
    func remove(file: Int) {
        var name = Self.name(file)
        for compression in [nil, CompressionMethod.zstd, .gzip] {
            name.compression = compression
            unsafe unlink("\(folder)/\(name)")
        }
    }

    /// The numbers of the records in what was delivered, in order; nil where a line is none of this log's.
    static func numbers(in text: String) -> [Int?] {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
            guard line.hasPrefix("{\"@timestamp\""), line.hasSuffix("\"}}"),
                let start = line.firstRange(of: "-u-")?.upperBound
            else { return nil }
            return Int(line[start...].prefix { $0.isNumber })
        }
    }
}

/// Runs what blocks on a thread of its own: those of the pool are as many as processors.
func onThread(_ body: @escaping @Sendable () throws -> Void) -> Task<Void, any Error> {
    Task {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "writer").async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
