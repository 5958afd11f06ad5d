import Foundation
import Model
import Records
import Testing

@Suite("Golden files")
struct GoldenTests {
    /// With TATTLE_WRITE_GOLDEN set, the files get what the writers write: look at the difference.
    private let isWriting = ProcessInfo.processInfo.environment["TATTLE_WRITE_GOLDEN"] != nil

    @Test("each event is written as its file says", arguments: try! GoldenFile.all.map(\.name))
    func lines(name: String) throws {
        var file = try #require(try GoldenFile.all.first { $0.name == name })
        let event = try file.event()
        var buffer = LineBuffer()
        var ecs = GoldenRun.ecs()
        ecs.write(event, into: &buffer)
        let line = String(decoding: buffer.copy(), as: UTF8.self)
        buffer.removeAll()
        var ocsf = GoldenRun.ocsf()
        ocsf.write(event, into: &buffer)
        let other = String(decoding: buffer.copy(), as: UTF8.self)
        buffer.removeAll()
        GoldenRun.table(width: 160).write(event, into: &buffer)
        let row = String(decoding: buffer.copy(), as: UTF8.self)
        if isWriting {
            try file.replace("ecs", with: line)
            try file.replace("ocsf", with: other)
            try file.replace("table", with: row)
        }
        #expect(line == file.text("ecs"))
        #expect(row == file.text("table"))
        #expect(other == file.text("ocsf"))
        _ = try JSON(line: Array(line.utf8))
        _ = try JSON(line: Array(other.utf8))
    }

    @Test("there are files")
    func some() throws {
        #expect(try GoldenFile.all.count >= 12)
    }
}
