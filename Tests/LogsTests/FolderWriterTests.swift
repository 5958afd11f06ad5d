import Compression
import Foundation
import Testing

@testable import Logs

@Suite("The writer of a folder", .timeLimit(.minutes(5)))
struct FolderWriterTests {
    @Test("500 files: every line once, in order, each file with its own first line", arguments: Durability.allCases)
    func manyFiles(durability: Durability) throws {
        let log = try TestLog()
        let writer = try log.start(durability: durability)
        let count = durability == .never ? 500 : 40
        var expected: [[UInt8]] = []
        for index in 0..<count {
            if index > 0 { log.begin(UInt64(index), writer) }
            let chunk = lines(index * 20..<(index + 1) * 20)
            writer.append(Array(chunk[..<(chunk.firstIndex(of: 10)! + 1)]))
            writer.append(Array(chunk[(chunk.firstIndex(of: 10)! + 1)...]))
            expected.append(log.head(UInt64(index)) + chunk)
        }
        let statistics = writer.finish(within: .seconds(60))
        #expect(try log.files() == expected)
        #expect(statistics.bytesWritten == UInt64(expected.reduce(0) { $0 + $1.count }))
        #expect(statistics.linesWritten == UInt64(count * 21))
        #expect(statistics.bytesNotWritten == 0 && statistics.linesNotWritten == 0)
        #expect(try log.names().compactMap { LogFileName($0)?.sequence } == Array(0..<UInt64(count)))
        #expect(writer.trouble == nil && writer.troubleCount == 0)
    }

    @Test("a file has its name only when its first lines are in it")
    func atomicHead() throws {
        let log = try TestLog()
        var calls = FolderCalls()
        let names = Locked<[String]>([])
        let (rename, write, path) = (calls.rename, calls.write, log.path)
        calls.write = { descriptor, bytes in
            names.with { $0 += (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
            return write(descriptor, bytes.extracting(first: 2))
        }
        calls.rename = { from, to in
            names.with { $0.append("renamed: " + String(decoding: (try? contents(from)) ?? [], as: UTF8.self)) }
            return rename(from, to)
        }
        let writer = try log.start(calls: calls)
        writer.finish(within: .seconds(10))
        let seen = names.with { $0 }
        #expect(seen.count == 5 && seen.last == "renamed: file 0\n")
        #expect(seen.dropLast().allSatisfy { $0.hasPrefix(".tattle-") && $0.hasSuffix(".tmp") })
        #expect(try log.files() == [log.head(0)])
    }

    @Test("files are for owner and group only")
    func mode() throws {
        let log = try TestLog()
        try log.start().finish(within: .seconds(10))
        let file = log.path + "/" + (try #require(try log.names().first))
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode.map { $0 & ~0o640 } == 0)
    }

    @Test("names go on where the last run ended, even when the clock was set back")
    func clock() throws {
        let log = try TestLog()
        try FileManager.default.createDirectory(atPath: log.path, withIntermediateDirectories: true)
        let last = LogFileName(unixNanoseconds: 4_000_000_000_000_000_000, sequence: 3, compression: .gzip)
        try Data().write(to: URL(filePath: log.path + "/\(last)"))
        let writer = try log.start()
        log.begin(1, writer)
        writer.finish(within: .seconds(10))
        #expect(
            try log.names().compactMap { LogFileName($0)?.unixNanoseconds } == [
                4_000_000_000_000_000_000, 4_000_000_000_000_000_001, 4_000_000_000_000_000_002,
            ])
    }

    @Test(
        "what is synchronized: nothing, or files as they end and the names, or every write",
        arguments: Durability.allCases)
    func durability(durability: Durability) throws {
        let log = try TestLog()
        var calls = FolderCalls()
        let count = Locked(0)
        let real = calls.synchronize
        calls.synchronize = { descriptor in
            count.with { $0 += 1 }
            return real(descriptor)
        }
        let writer = try log.start(durability: durability, calls: calls)
        for index in 1..<4 {
            writer.append(lines(0..<3))
            // Written on its own.
            try waitUntil("the line is written") { writer.backlogBytes == 0 }
            log.begin(UInt64(index), writer)
        }
        writer.finish(within: .seconds(10))
        try waitUntil("each file is synchronized") { count.with { $0 } >= (durability == .never ? 0 : 8) }
        // Four heads; three writes or three ends; the last end.
        #expect(durability != .never || count.with { $0 } == 0)
    }
}
