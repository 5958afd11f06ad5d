import Foundation
import Testing

@testable import Logs

@Suite("A file that is replaced", .timeLimit(.minutes(5)))
struct ReplacedFileTests {
    @Test("readers see a whole version or the one before, and nothing is left beside it")
    func whole() throws {
        let folder = try Folder()
        let path = folder.file("tattle.prom")
        let file = try ReplacedFile(path: path)
        #expect(!FileManager.default.fileExists(atPath: path), "nothing is there before the first version")
        for number in 0..<200 {
            file.replace(lines(0..<number + 1, padding: 97) + Array("end\n".utf8))
            if let seen = try? contents(path) { #expect(seen.suffix(4).elementsEqual("end\n".utf8)) }
        }
        file.finish(within: .seconds(10))
        #expect(try contents(path) == lines(0..<200, padding: 97) + Array("end\n".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["tattle.prom"])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode.map { $0 & ~0o644 } == 0)
        #expect(file.failure == nil)
    }

    @Test("what was left of a temporary file does not stand in the way, not even as a link")
    func leftOver() throws {
        let folder = try Folder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.file(".m.tmp"), withDestinationPath: folder.file("elsewhere"))
        let file = try ReplacedFile(path: folder.file("m"))
        file.replace([97, 10])
        file.finish(within: .seconds(10))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["m"])
    }

    @Test("a path where nothing can be made is an error at once, and one that is gone later is told")
    func errors() throws {
        let folder = try Folder()
        func problem(_ path: String) -> LogError? {
            do {
                _ = try ReplacedFile(path: path)
                return nil
            } catch {
                return error
            }
        }
        let missing = folder.file("no/such")
        #expect(problem(missing)?.description == "cannot write to '\(missing)': No such file or directory")
        #expect(problem(folder.path)?.code == EISDIR)
        try FileManager.default.createDirectory(atPath: folder.file("sub"), withIntermediateDirectories: false)
        let file = try ReplacedFile(path: folder.file("sub/m"))
        try FileManager.default.removeItem(atPath: folder.file("sub"))
        file.replace([97])
        try waitUntil("it is told") { file.failure == ENOENT }
        try FileManager.default.createDirectory(atPath: folder.file("sub"), withIntermediateDirectories: false)
        file.replace([98])
        try waitUntil("it works again") { file.failure == nil }
        file.finish(within: .seconds(10))
        #expect(try contents(folder.file("sub/m")) == [98])
    }
}
