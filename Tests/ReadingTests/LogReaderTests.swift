import Compression
import Foundation
import Glibc
import Testing

@testable import Reading

@Suite("Logs")
struct LogReaderTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "tattle-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    private func line(_ sequence: Int) throws -> [UInt8] {
        let line = try #require(GoldenLines.all.first { $0.name == "tcp-refused" }?.line)
        return Array((line.replacing("\"sequence\":0", with: "\"sequence\":\(sequence)") + "\n").utf8)
    }

    private func compressed(_ bytes: [UInt8], _ method: CompressionMethod) throws -> [UInt8] {
        var result: [UInt8] = []
        let compressor = try Compressor(method)
        try compressor.compress(bytes, count: bytes.count, into: &result)
        try compressor.finish(into: &result)
        return result
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: folder.appending(path: name))
    }

    /// The sequence numbers that a reader gives, and `line N` for what is no record.
    private func all(_ paths: [String]) throws -> [String] {
        defer { try? FileManager.default.removeItem(at: folder) }
        var reader = LogReader(paths: paths)
        var result: [String] = []
        while let entry = try reader.next() {
            switch entry {
            case .record(let record): result.append("\(record.sequence)")
            case .malformed(_, let line, let problem): result.append("line \(line): \(problem)")
            }
        }
        return result
    }

    @Test("plain and compressed files are read one after the other")
    func methods() throws {
        try write(line(1) + line(2), "a")
        try write(compressed(line(3), .gzip), "b")
        // Two frames in one file, as after `cat a.zst b.zst`.
        try write(compressed(line(4), .zstd) + compressed(line(5), .zstd), "c.ndjson")
        #expect(try all([path("a"), path("b"), path("c.ndjson")]) == ["1", "2", "3", "4", "5"])
    }

    @Test(
        "what comes a byte at a time is known by its first bytes as well",
        arguments: [CompressionMethod?.none, .gzip, .zstd])
    func byteAtATime(method: CompressionMethod?) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let whole = try method.map { try compressed(line(1), $0) } ?? line(1)
        let pipe = Pipe()
        let source = try LogBytes(path: "/proc/self/fd/\(pipe.fileHandleForReading.fileDescriptor)")
        var bytes: [UInt8] = []
        for byte in whole {
            try pipe.fileHandleForWriting.write(contentsOf: [byte])
            #expect(try source.read(into: &bytes))
        }
        try pipe.fileHandleForWriting.close()
        #expect(try !source.read(into: &bytes))
        #expect(try bytes == line(1))
    }

    @Test("what is shorter than any compressed file begins is read as it is")
    func shorterThanASignature() throws {
        try write([0x28, 0xb5], "a")
        #expect(try all([path("a")]) == ["line 1: a value that cannot be, at byte 1"])
    }

    @Test("a folder's files are read in the order in which they were written, and each once")
    func folderOrder() throws {
        let names = [
            "tattle-20260101T100000.000000001Z-000000.ndjson", "tattle-20260101T100000.000000001Z-000001.ndjson",
            "tattle-20260102T090000.000000000Z-000002.ndjson",
        ]
        try write(line(3), names[2])
        try write(compressed(line(1), .zstd), names[0] + ".zst")
        // Being compressed: both are there for a moment.
        try write(line(2), names[1])
        try write(compressed(line(2), .gzip), names[1] + ".gz")
        try write(line(9), "notes.ndjson")
        #expect(try all([folder.path]) == ["1", "2", "3"])
    }

    @Test("what is cut, empty, too long or no record is told by the number of its line")
    func problems() throws {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 3 << 20)
        try write(line(1) + [10] + long + [10] + line(2) + Array("[]\n".utf8) + line(3).prefix(700), "a")
        #expect(
            try all([path("a")]) == [
                "1", "line 3: longer than any record", "2", "line 5: a value that cannot be, at byte 1",
                "line 6: it ends too early",
            ])
    }

    @Test("a compressed file that is cut is an error, after what is there of it")
    func truncated() throws {
        let whole = try compressed(line(1), .gzip)
        try write(Array(whole.dropLast(4)), "a")
        #expect(throws: ReadingError.self) { try all([path("a")]) }
    }

    @Test("a folder without a log is told once, and the next path is read", arguments: [false, true])
    func emptyFolder(isLeft: Bool) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let empty = folder.appending(path: "empty")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        try write(line(1), "a")
        var reader = LogReader(paths: isLeft ? [empty.path, path("a")] : [path("a"), empty.path])
        var came: [String] = []
        // One more than there can be, so that a reader that stays where it is ends.
        for _ in 0..<4 {
            do throws(ReadingError) {
                guard let entry = try reader.next() else { break }
                if case .record(let record) = entry { came.append("\(record.sequence)") }
            } catch {
                #expect(error == ReadingError(path: empty.path, reason: .empty))
                came.append("empty")
            }
        }
        #expect(came == (isLeft ? ["empty", "1"] : ["1", "empty"]))
    }

    @Test("a reader that follows what cannot be read says so once, and ends")
    func followingNothing() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write(Array(compressed(line(1), .gzip).dropLast(4)), "cut.gz")
        for path in [path("missing"), path("cut.gz"), folder.path] {
            var reader = LogReader(paths: [path], isFollowing: true)
            #expect(throws: ReadingError.self) { while try reader.next() != nil {} }
            #expect(try reader.next() == nil)
        }
    }

    @Test("a reader that follows a folder goes on after a file that cannot be read")
    func followingPastDamage() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let names = (1...2).map { "tattle-20260101T100000.00000000\($0)Z-00000\($0).ndjson" }
        try write([0x1f, 0x8b], names[0] + ".gz")
        var reader = LogReader(paths: [folder.path], isFollowing: true)
        #expect(throws: ReadingError.self) { try reader.next() }
        try write(line(2), names[1])
        guard case .record(let record) = try reader.next() else {
            Issue.record("no record")
            return
        }
        #expect(record.sequence == 2)
    }

    @Test("a reader that follows reads on in the same file, and in the one that takes its place")
    func following() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write(line(1), "log")
        var reader = LogReader(paths: [path("log")], isFollowing: true)
        func next() throws -> UInt64? {
            guard case .record(let record) = try reader.next() else { return nil }
            return record.sequence
        }
        #expect(try next() == 1)
        let half = try line(2)
        try append(Array(half.prefix(300)))
        let rest = Array(half.dropFirst(300)) + (try line(3))
        try append(rest)
        #expect(try next() == 2)
        #expect(try next() == 3)
        // Rotated, with a last line for the old one.
        try append(try line(4))
        try FileManager.default.moveItem(atPath: path("log"), toPath: path("log.1"))
        try write(line(5), "log")
        #expect(try next() == 4)
        #expect(try next() == 5)
    }

    @Test("a reader that follows a file that is cut in place says so and goes on at its beginning")
    func cutInPlace() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write(line(1) + line(2), "log")
        var reader = LogReader(paths: [path("log")], isFollowing: true)
        func next() throws -> UInt64? {
            guard case .record(let record) = try reader.next() else { return nil }
            return record.sequence
        }
        #expect(try next() == 1)
        #expect(try next() == 2)
        // As logrotate's copytruncate does; whoever writes appends.
        try #require(unsafe truncate(path("log"), 0) == 0)
        try append(try line(3))
        #expect(throws: ReadingError(path: path("log"), reason: .cut)) { try next() }
        #expect(try next() == 3)
        try append(try line(4))
        #expect(try next() == 4)
    }

    @Test("a reader that follows a folder goes on with its newer files")
    func followingFolder() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let names = (1...3).map { "tattle-20260101T100000.00000000\($0)Z-00000\($0).ndjson" }
        try write(line(1), names[0])
        var reader = LogReader(paths: [folder.path], isFollowing: true)
        for (index, name) in names.enumerated() {
            if index > 0 { try write(line(index + 1), name) }
            guard case .record(let record) = try reader.next() else {
                Issue.record("no record in \(name)")
                return
            }
            #expect(record.sequence == UInt64(index + 1))
            // It is read to its end and compressed before the next one comes.
            if index == 0 {
                try write(compressed(line(1), .zstd), name + ".zst")
                try FileManager.default.removeItem(atPath: path(name))
            }
        }
    }

    private func append(_ bytes: [UInt8]) throws {
        let handle = try FileHandle(forWritingTo: folder.appending(path: "log"))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }
}
