import Compression
import Foundation
import Testing

@testable import Logs

@Suite("What a run before left")
struct RecoveryTests {
    private func file(_ number: UInt64) -> LogFileName { LogFileName(unixNanoseconds: number, sequence: number) }

    private func write(_ text: String, _ name: LogFileName, in folder: LogFolder) throws {
        try Data(text.utf8).write(to: URL(filePath: folder.path(of: name)))
    }

    private func compressed(_ text: String, _ method: CompressionMethod) throws -> [UInt8] {
        var result: [UInt8] = []
        let compressor = try Compressor(method)
        try compressor.compress(Array(text.utf8), count: text.utf8.count, into: &result)
        try compressor.finish(into: &result)
        return result
    }

    @Test("a torn last line is cut off, wherever it was torn")
    func torn() throws {
        let folder = try Folder()
        let log = try LogFolder(path: folder.path)
        let text = "{\"first\":1}\n{\"second\":2}\n{\"third\":3}\n"
        let ends = [12, 25, 37]
        for length in 0...text.utf8.count {
            try write(String(text.utf8.prefix(length))!, file(1), in: log)
            let recovery = try log.recover()
            let whole = ends.last { $0 <= length } ?? 0
            let path = log.path(of: file(1))
            if whole == 0 {
                #expect(recovery.torn == [.init(path: path, bytes: length, isRemoved: true)])
                #expect(recovery.lastLine == nil && recovery.firstLine == nil)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
            } else {
                let torn: [LogRecovery.Torn] =
                    whole == length ? [] : [.init(path: path, bytes: length - whole, isRemoved: false)]
                #expect(recovery.torn == torn)
                #expect(try contents(path) == Array(text.utf8.prefix(whole)))
                #expect(recovery.firstLine == Array(text.utf8.prefix(12)))
                #expect(
                    recovery.lastLine
                        == Array(text.utf8.prefix(whole).suffix([12, 13, 12][ends.firstIndex(of: whole)!])))
            }
        }
    }

    @Test("a torn line that is longer than what is read at once is found as well")
    func longLine() throws {
        let folder = try Folder()
        let log = try LogFolder(path: folder.path)
        for length in [(64 << 10) - 1, 64 << 10, (64 << 10) + 1, 200_000] {
            try write("a\nb\n" + String(repeating: "x", count: length), file(1), in: log)
            #expect(try log.recover().torn.map(\.bytes) == [length])
            try write("a\n" + String(repeating: "x", count: length) + "\n", file(1), in: log)
            let recovery = try log.recover()
            #expect(recovery.torn.isEmpty && recovery.lastLine?.count == length + 1)
        }
    }

    @Test("every file is mended, and the newest that has a line tells where it ended")
    func several() throws {
        let folder = try Folder()
        let log = try LogFolder(path: folder.path)
        try write("a\nto", file(1), in: log)
        try write("b\nc\n", file(2), in: log)
        try write("torn", file(3), in: log)
        try write("", file(4), in: log)
        let recovery = try log.recover()
        #expect(recovery.torn.map(\.bytes) == [2, 4, 0])
        #expect(recovery.torn.map(\.isRemoved) == [false, true, true])
        #expect(recovery.firstLine == Array("b\n".utf8) && recovery.lastLine == Array("c\n".utf8))
        #expect(log.files().map(\.name) == [file(1), file(2)])
    }

    @Test("a file that had been compressed, and not yet removed, is removed")
    func twice() throws {
        let folder = try Folder()
        let log = try LogFolder(path: folder.path)
        var packed = file(1)
        packed.compression = .gzip
        try write("a\n", file(1), in: log)
        try Data(compressed("a\n", .gzip)).write(to: URL(filePath: log.path(of: packed)))
        try write("b\n", file(2), in: log)
        #expect(try log.recover().lastLine == Array("b\n".utf8))
        #expect(log.files().map(\.name) == [packed, file(2)])
    }

    @Test(
        "a compressed file that is not whole costs the plain one nothing, and is removed",
        arguments: CompressionMethod.allCases,
        ["cut", "empty", "damaged", "shorter"])
    func partial(method: CompressionMethod, fault: String) throws {
        let folder = try Folder()
        let log = try LogFolder(path: folder.path)
        var packed = file(1)
        packed.compression = method
        let text = String(decoding: lines(0..<20_000), as: UTF8.self)
        try write(text, file(1), in: log)
        let whole = try compressed(text, method)
        let bytes: [UInt8] =
            switch fault {
            case "cut": whole.dropLast(whole.count / 2)
            case "damaged": Array(whole.prefix(100)) + [UInt8](repeating: 0xff, count: whole.count)
            case "shorter": try compressed("0 \n", method)
            default: []
            }
        try Data(bytes).write(to: URL(filePath: log.path(of: packed)))
        let recovery = try log.recover()
        #expect(log.files().map(\.name) == [file(1)])
        #expect(try contents(log.path(of: file(1))) == Array(text.utf8))
        #expect(recovery.firstLine == Array("0 \n".utf8) && recovery.torn.isEmpty)
    }

    @Test("a compressed file that holds something else stays beside the plain one", arguments: ["a\nb\n", "c\n"])
    func foreign(text: String) throws {
        let folder = try Folder()
        let log = try LogFolder(path: folder.path)
        var packed = file(1)
        packed.compression = .zstd
        try write("a\n", file(1), in: log)
        try Data(compressed(text, .zstd)).write(to: URL(filePath: log.path(of: packed)))
        #expect(try log.recover().lastLine == Array("a\n".utf8))
        #expect(log.files().map(\.name) == [file(1), packed])
    }

    @Test("what was not finished is removed, and what is not ours stays")
    func temporaries() throws {
        let folder = try Folder()
        let log = try LogFolder(path: folder.path)
        var packed = file(1)
        packed.compression = .zstd
        for path in [
            log.temporaryPath(of: file(2)), log.temporaryPath(of: packed), folder.file(".other.tmp"), folder.file("x"),
        ] {
            try Data("half".utf8).write(to: URL(filePath: path))
        }
        try write("whole", packed, in: log)
        let recovery = try log.recover()
        #expect(recovery.torn.isEmpty && recovery.lastLine == nil)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                == [".other.tmp", "\(packed)", "x"].sorted())
    }
}
