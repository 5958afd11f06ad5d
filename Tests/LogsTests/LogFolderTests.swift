import Compression
import Foundation
import Testing

@testable import Logs

@Suite("A log's folder")
struct LogFolderTests {
    private func problem(_ path: String) -> LogError? {
        do {
            _ = try LogFolder(path: path)
            return nil
        } catch {
            return error
        }
    }

    @Test("it is made, for owner and group only, when it is missing")
    func new() throws {
        let folder = try Folder()
        let log = try LogFolder(path: folder.file("log//"))
        #expect(log.path == folder.file("log"))
        let attributes = try FileManager.default.attributesOfItem(atPath: log.path)
        #expect(attributes[.type] as? FileAttributeType == .typeDirectory)
        #expect((attributes[.posixPermissions] as? Int).map { $0 & ~0o750 } == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: log.path) == [])
    }

    @Test("what ends with a slash is one, and what is one")
    func isFolder() throws {
        let folder = try Folder()
        #expect(LogFolder.isFolder(folder.path))
        #expect(LogFolder.isFolder(folder.file("missing/")))
        #expect(!LogFolder.isFolder(folder.file("missing")))
        #expect(!LogFolder.isFolder("-"))
        #expect(!LogFolder.isFolder("/dev/null"))
    }

    @Test("two never write there, and the second is told so")
    func lock() throws {
        let folder = try Folder()
        var first: LogFolder? = try LogFolder(path: folder.file("log"))
        #expect(
            problem(folder.file("log/"))?.description == "another tattle writes into the folder '\(folder.file("log"))'"
        )
        #expect(first?.ensure() == 0)
        first = nil
        #expect(problem(folder.file("log")) == nil)
    }

    @Test("what cannot be one says which path and why")
    func errors() throws {
        let folder = try Folder()
        try Data().write(to: URL(filePath: folder.file("file")))
        #expect(
            problem(folder.file("file/"))?.description
                == "cannot write into the folder '\(folder.file("file"))': Not a directory")
        #expect(problem(folder.file("no/such/"))?.code == ENOENT)
        #expect(problem("/proc/self/")?.operation == .folder)
    }

    @Test("a folder that was removed is made and locked again, one that is there is left alone")
    func ensure() throws {
        let folder = try Folder()
        let path = folder.file("log")
        let log = try LogFolder(path: path)
        let before = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
        #expect(log.ensure() == 0)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int == before)
        try FileManager.default.removeItem(atPath: path)
        #expect(log.ensure() == 0)
        #expect(problem(path)?.operation == .lock)
        // Moved away and made anew by somebody else, who writes there.
        try FileManager.default.moveItem(atPath: path, toPath: folder.file("moved"))
        let other = try LogFolder(path: path)
        #expect(log.ensure() == EWOULDBLOCK)
        withExtendedLifetime(other) {}
    }

    @Test("its files are those with our names, the oldest first")
    func files() throws {
        let folder = try Folder()
        let log = try LogFolder(path: folder.path)
        let names = [
            LogFileName(unixNanoseconds: 5, sequence: 1), LogFileName(unixNanoseconds: 7, sequence: 0),
            LogFileName(unixNanoseconds: 9, sequence: 0, compression: .zstd),
        ]
        for name in names.reversed() { try Data("abc".utf8).write(to: URL(filePath: log.path(of: name))) }
        try Data().write(to: URL(filePath: folder.file("other.ndjson")))
        try FileManager.default.createDirectory(
            atPath: log.path(of: LogFileName(unixNanoseconds: 1, sequence: 1)), withIntermediateDirectories: false)
        #expect(log.files().map(\.name) == names)
        #expect(log.files().map(\.bytes) == [3, 3, 3])
    }
}
