import Foundation
import Testing

@testable import Logs

@Suite("Opening a log")
struct LogFileTests {
    private func write(_ text: String, to path: String) throws {
        let writer = try LogWriter(file: try LogFile.open(path))
        writer.append(Array(text.utf8))
        let statistics = writer.finish(within: .seconds(5))
        #expect(statistics.bytesNotWritten == 0)
    }

    @Test("a new file is made, for owner and group only")
    func new() throws {
        let folder = try Folder()
        let path = folder.file("new")
        try write("a\n", to: path)
        #expect(try contents(path) == Array("a\n".utf8))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode.map { $0 & ~0o640 } == 0)
    }

    @Test("a file that exists is appended to")
    func append() throws {
        let folder = try Folder()
        let path = folder.file("log")
        try write("a\n", to: path)
        try write("b\n", to: path)
        #expect(try contents(path) == Array("a\nb\n".utf8))
    }

    @Test("a torn last line is ended, and the next one begins on its own")
    func torn() throws {
        let folder = try Folder()
        let path = folder.file("log")
        try Data("a\n{\"torn\":".utf8).write(to: URL(filePath: path))
        try write("b\n", to: path)
        #expect(try contents(path) == Array("a\n{\"torn\":\nb\n".utf8))
    }

    @Test("a symbolic link is followed")
    func link() throws {
        let folder = try Folder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"), withDestinationPath: folder.file("real"))
        try write("a\n", to: folder.file("link"))
        #expect(try contents(folder.file("real")) == Array("a\n".utf8))
    }

    @Test("what cannot be opened says which path and why")
    func errors() throws {
        let folder = try Folder()
        func problem(_ path: String) -> LogError? {
            do {
                _ = try LogFile.open(path)
                return nil
            } catch {
                return error
            }
        }
        let missing = folder.file("no/such")
        #expect(problem(missing)?.description == "cannot write to '\(missing)': No such file or directory")
        #expect(problem(missing)?.code == ENOENT)
        #expect(problem(folder.path)?.description == "cannot write to '\(folder.path)': Is a directory")
        #expect(problem("")?.code == ENOENT)
        #expect(problem("/proc/version")?.code == EACCES || getuid() == 0)
    }

    @Test("- is standard output, which stays open")
    func standardOutput() throws {
        do {
            let file = try LogFile.open("-")
            #expect(file.path == "-")
            #expect(file.descriptor == STDOUT_FILENO)
        }
        #expect(fcntl(STDOUT_FILENO, F_GETFD) >= 0)
    }
}
