import Compression
import Foundation
import Testing

@testable import Logs

@Suite("Old files", .timeLimit(.minutes(5)))
struct ArchiveTests {
    private func unpacked(_ path: String) throws -> [UInt8] {
        guard let method = CompressionMethod(fileName: path) else { return try contents(path) }
        let decompressor = try Decompressor(method)
        var bytes: [UInt8] = []
        let packed = try contents(path)
        try decompressor.decompress(packed, count: packed.count) { bytes += $0 }
        #expect(decompressor.isAtEnd, "\(path) is not whole")
        return bytes
    }

    private func bodies(of log: TestLog) throws -> [[UInt8]] {
        try log.names().map { try unpacked(log.path + "/" + $0) }
    }

    @Test("all but the newest are compressed, and hold what they held", arguments: CompressionMethod.allCases, [1, 3])
    func compressed(method: CompressionMethod, plainFiles: Int) throws {
        let log = try TestLog()
        let writer = try log.start(archive: .init(compression: method, plainFiles: plainFiles))
        var expected: [[UInt8]] = []
        for index in 0..<6 {
            if index > 0 { log.begin(UInt64(index), writer) }
            writer.append(lines(0..<1000 * index))
            expected.append(log.head(UInt64(index)) + lines(0..<1000 * index))
        }
        let endings =
            [String](repeating: method.fileExtension, count: 6 - plainFiles)
            + [String](repeating: "ndjson", count: plainFiles)
        try waitUntil("all are compressed") {
            try log.names().map { String($0.split(separator: ".").last!) } == endings
        }
        writer.finish(within: .seconds(10))
        #expect(try bodies(of: log) == expected)
        #expect(writer.archiveFailure == nil)
    }

    @Test("a compressed file has the time and the mode of what it was")
    func facts() throws {
        let log = try TestLog()
        let folder = try LogFolder(path: log.path)
        let name = LogFileName(unixNanoseconds: 1, sequence: 1)
        let path = folder.path(of: name)
        try Data("a\n".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1000), .posixPermissions: 0o604], ofItemAtPath: path)
        #expect(FileCompressor(folder: folder, method: .gzip, calls: .init()).compress(name) { false } == 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: path + ".gz")
        #expect(attributes[.modificationDate] as? Date == Date(timeIntervalSince1970: 1000))
        #expect(attributes[.posixPermissions] as? Int == 0o604)
        #expect(folder.files().map(\.modifiedUnixNanoseconds) == [1_000_000_000_000])
    }

    @Test(
        "whichever call fails or is the last, one whole file is there, and the next try makes up for it",
        arguments: 0..<8)
    func interrupted(at failing: Int) throws {
        let log = try TestLog()
        let folder = try LogFolder(path: log.path)
        let name = LogFileName(unixNanoseconds: 1, sequence: 1)
        try Data(lines(0..<3000)).write(to: URL(filePath: folder.path(of: name)))
        let step = Locked(0)
        let fails: @Sendable () -> Bool = {
            step.with {
                $0 += 1
                return $0 > failing
            }
        }
        var calls = FolderCalls()
        let real = calls
        calls.create = { fails() ? -EIO : real.create($0) }
        calls.write = { fails() ? -Int(ENOSPC) : real.write($0, $1) }
        calls.synchronize = { fails() ? EIO : real.synchronize($0) }
        calls.rename = { fails() ? EIO : real.rename($0, $1) }
        calls.remove = { fails() ? EIO : real.remove($0) }
        // From that call on nothing works any more, as when it was ended there.
        let code = FileCompressor(folder: folder, method: .zstd, calls: calls).compress(name) { false }
        #expect((code == 0) == (failing >= 6), "\(step.with { $0 }) calls, errno \(code)")
        let whole = folder.files()
        #expect(try whole.allSatisfy { try unpacked(folder.path(of: $0.name)) == lines(0..<3000) } && !whole.isEmpty)
        // What the next run does.
        _ = try folder.recover()
        let archive = Archive(folder, policy: .init(compression: .zstd), calls: .init()) { _ in }
        archive?.filesChanged(current: LogFileName(unixNanoseconds: 2, sequence: 2))
        try waitUntil("only the compressed one is left") {
            try log.names() == ["\(LogFileName(unixNanoseconds: 1, sequence: 1, compression: .zstd))"]
        }
        archive?.stop()
        #expect(try bodies(of: log) == [lines(0..<3000)])
    }

    @Test("what somebody else began to compress is compressed anew", arguments: CompressionMethod.allCases)
    func foreign(method: CompressionMethod) throws {
        let log = try TestLog()
        let folder = try LogFolder(path: log.path)
        let name = LogFileName(unixNanoseconds: 1, sequence: 1)
        try Data(lines(0..<3000)).write(to: URL(filePath: folder.path(of: name)))
        var packed = name
        packed.compression = method
        // The beginning of a gzip member, whatever it is called.
        try Data([0x1f, 0x8b, 8]).write(to: URL(filePath: folder.path(of: packed)))
        let archive = Archive(folder, policy: .init(compression: .zstd), calls: .init()) { failure in
            Issue.record("\(failure)")
        }
        archive?.filesChanged(current: LogFileName(unixNanoseconds: 2, sequence: 2))
        try waitUntil("only what is whole is left") {
            try log.names() == ["\(LogFileName(unixNanoseconds: 1, sequence: 1, compression: .zstd))"]
        }
        archive?.stop()
        #expect(try bodies(of: log) == [lines(0..<3000)])
    }

    @Test("a compressed file that holds something else is told of, and both stay")
    func other() throws {
        let log = try TestLog()
        let folder = try LogFolder(path: log.path)
        let name = LogFileName(unixNanoseconds: 1, sequence: 1)
        try Data(lines(0..<3)).write(to: URL(filePath: folder.path(of: name)))
        #expect(FileCompressor(folder: folder, method: .gzip, calls: .init()).compress(name) { false } == 0)
        try Data(lines(3..<6)).write(to: URL(filePath: folder.path(of: name)))
        let told = Locked<[ArchiveFailure]>([])
        let archive = Archive(folder, policy: .init(compression: .gzip), calls: .init()) { failure in
            told.with { $0.append(failure) }
        }
        archive?.filesChanged(current: LogFileName(unixNanoseconds: 2, sequence: 2))
        try waitUntil("it is told") { told.with { !$0.isEmpty } }
        archive?.stop()
        #expect(told.with { $0 } == [ArchiveFailure(path: folder.path(of: name) + ".gz", code: EEXIST)])
        #expect(try bodies(of: log) == [lines(3..<6), lines(0..<3)])
    }

    @Test("no room for the compressed file: that is told, and the file stays")
    func noRoom() throws {
        let log = try TestLog()
        var calls = FolderCalls()
        let real = calls.create
        calls.create = { $0.contains(".zst") ? -ENOSPC : real($0) }
        let writer = try log.start(archive: .init(compression: .zstd), calls: calls)
        log.begin(1, writer)
        try waitUntil("it is told") { writer.archiveFailure != nil }
        #expect(writer.archiveFailure?.code == ENOSPC)
        #expect(isReadable(writer.notificationDescriptor))
        writer.finish(within: .seconds(10))
        #expect(writer.trouble == nil)
        #expect(try log.files() == [log.head(0), log.head(1)])
    }

    @Test("a torn line at the end of an old file is not kept")
    func torn() throws {
        let log = try TestLog()
        let folder = try LogFolder(path: log.path)
        let name = LogFileName(unixNanoseconds: 1, sequence: 1)
        try Data("a\nto".utf8).write(to: URL(filePath: folder.path(of: name)))
        #expect(FileCompressor(folder: folder, method: .zstd, calls: .init()).compress(name) { false } == 0)
        #expect(try bodies(of: log) == [Array("a\n".utf8)])
    }

    @Test("only so many files are kept")
    func retention() throws {
        let log = try TestLog()
        let writer = try log.start(archive: .init(compression: .zstd, retention: .init(files: 3)))
        for index in 1..<20 {
            writer.append(lines(0..<10))
            log.begin(UInt64(index), writer)
        }
        try waitUntil("three are left, and two of them compressed") {
            try log.names().map { LogFileName($0) }.map { $0.map { [$0.sequence, $0.compression == nil ? 0 : 1] } }
                == [[17, 1], [18, 1], [19, 0]]
        }
        writer.finish(within: .seconds(10))
        #expect(try log.names().count == 3)
    }
}
