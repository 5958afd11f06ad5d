import Foundation
import Model
import Records
import Testing

@testable import Reading

@Suite("Reading back")
struct RoundTripTests {
    @Test("what is read of a line makes the same line again", arguments: GoldenLines.all.map(\.name))
    func golden(name: String) throws {
        let line = try #require(GoldenLines.all.first { $0.name == name }?.line)
        var parser = RecordParser()
        let record = try parser.parse(line)
        #expect(parser.written(record) == line)
    }

    @Test("a parser that has read every other line before reads each as a new one does")
    func remembered() throws {
        var parser = RecordParser()
        for _ in 0..<2 {
            for (name, line) in GoldenLines.all {
                let record = try parser.parse(line)
                #expect(parser.written(record) == line, "\(name)")
            }
        }
        #expect(GoldenLines.all.count >= 12)
    }

    @Test("a line from before the boot that lines before it are of keeps its times, in another run and in the same")
    func older() throws {
        let newer = try #require(GoldenLines.all.first { $0.name == "tcp-refused" }?.line)
            // The machine booted again a year later.
            .replacing("\"2026-", with: "\"2027-")
        let otherRun = newer.replacing("5f0c9a52-", with: "5f0c9a53-")
        try #require(otherRun != newer)
        var names: [String] = []
        for (name, older) in GoldenLines.all {
            for first in [newer, otherRun] {
                var parser = RecordParser()
                let expected = parser.written(try parser.parse(first))
                #expect(parser.written(try parser.parse(older)) == older, "\(name)")
                #expect(parser.written(try parser.parse(first)) == expected)
            }
            if !older.contains("\"process\":{\"pid\"") { names.append(name) }
        }
        // These have no process that says when it was.
        #expect(Set(["heartbeat", "started-config", "stopped-rules"]).isSubset(of: names))
    }

    @Test("lines of two runs that take turns are each of their own run's clock")
    func turns() throws {
        func line(_ name: String, run: String = "5f0c9a52-", year: String = "2026") throws -> String {
            try #require(GoldenLines.all.first { $0.name == name }?.line)
                .replacing("5f0c9a52-", with: run).replacing("\"2026-", with: "\"\(year)-")
        }
        var parser = RecordParser()
        let attempt = try parser.parse(try line("tcp-refused"))
        let other = try parser.parse(try line("tcp-refused", run: "5f0c9a53-", year: "2027"))
        let stopped = try parser.parse(try line("stopped-rules"))
        #expect(attempt.clock != other.clock)
        #expect(stopped.clock == attempt.clock)
    }

    @Test("of a process that is known, what its line says otherwise is seen")
    func changed() throws {
        let line = try #require(GoldenLines.all.first { $0.name == "full-attribution" }?.line)
        var parser = RecordParser()
        _ = try parser.parse(line)
        let changes = [
            ("\"name\":\"beacon.sh\"", "\"name\":\"other.sh\""), ("\"vpid\":7", "\"vpid\":77"),
            ("\"minor\":3", "\"minor\":4"), ("CAP_NET_RAW", "CAP_NET_ADMIN"), ("\"id\":\"0123\"", "\"id\":\"0124\""),
            ("\"/usr/sbin/cron\"}]", "\"/usr/sbin/crond\"}]"), ("docker-0123.scope\",\"slice", "other.scope\",\"slice"),
            ("{\"source\":\"kernel\"}", "{\"source\":\"partial\"}"), ("\"version\":\"0.1.0\"", "\"version\":\"0.1.1\""),
            ("\"name\":\"web-1\"", "\"name\":\"web-2\""), ("\"name\":\"curl\"", "\"name\":\"curl2\""),
        ]
        for (old, new) in changes {
            let changed = line.replacing(old, with: new, maxReplacements: 1)
            #expect(changed != line, "\(old)")
            var other = RecordParser()
            let expected = other.written(try other.parse(changed))
            #expect(parser.written(try parser.parse(changed)) == expected)
            #expect(parser.written(try parser.parse(line)) == line)
        }
    }
}
