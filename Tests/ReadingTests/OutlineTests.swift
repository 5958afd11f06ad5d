import Foundation
import Model
import Records
import Testing

@testable import Reading

@Suite("Outlines of attempts")
struct OutlineTests {
    private func outline(
        _ line: String, _ reader: inout OutlineReader
    ) throws -> (outline: AttemptOutline, text: (Range<Int>) -> String) {
        let bytes = Array(line.utf8)
        let outline = try reader.read(bytes, 0..<bytes.count)
        return (
            outline,
            { place in
                // With its quotes, so that what is escaped there is told as it is.
                var scanner = JSONScanner(bytes, max(place.lowerBound - 1, 0)..<min(place.upperBound + 1, bytes.count))
                return place.isEmpty ? "" : (try? scanner.text()) ?? String(decoding: bytes[place], as: UTF8.self)
            }
        )
    }

    private func golden(_ name: String) throws -> String {
        try #require(GoldenLines.all.first { $0.name == name }?.line)
    }

    @Test("an outline says of each golden what the whole record does", arguments: GoldenLines.all.map(\.name))
    func golden(name: String) throws {
        let line = try golden(name)
        var (reader, parser) = (OutlineReader(), RecordParser())
        let record = try parser.parse(line)
        let (outline, text) = try outline(line, &reader)
        let event: AttemptEvent
        switch record.event {
        case .attempted(let attempted):
            event = attempted
            #expect(outline.telling == .attempted)
        case .resolved(let resolved):
            event = resolved
            #expect(outline.telling == .resolved)
        case .disconnected(let end):
            event = AttemptEvent(attempt: end.attempt, attribution: end.attribution)
            #expect(outline.telling == .ended)
        default:
            #expect(outline.telling == .none)
            return
        }
        let (attempt, process) = (event.attempt, event.attribution.process)
        #expect(
            outline.started.map { Int64($0) }
                == Int64(attempt.startedBootNanoseconds) + record.clock.offsetNanoseconds)
        #expect(outline.transport == attempt.transport)
        #expect(outline.address == (attempt.destination.kind == .ip ? attempt.destination.address : nil))
        #expect(attempt.destination.kind != .ip || outline.port == attempt.destination.port)
        #expect(outline.result == AttemptResult(attempt.outcome))
        #expect(outline.bytes == attempt.bytes)
        #expect(
            text(outline.who.executable) == process.program.executable.map { String(decoding: $0, as: UTF8.self) } ?? ""
        )
        #expect(text(outline.who.name) == String(decoding: process.program.name.bytes, as: UTF8.self))
        #expect(text(outline.who.script) == process.program.script.map { String(decoding: $0, as: UTF8.self) } ?? "")
        #expect(text(outline.who.package) == event.attribution.file?.package?.name ?? "")
        #expect(text(outline.who.container) == event.attribution.group?.container?.id ?? "")
        #expect(text(outline.who.unit) == event.attribution.group?.unit ?? "")
        #expect(
            text(outline.who.groupPath) == event.attribution.group.map { String(decoding: $0.path, as: UTF8.self) }
                ?? "")
        let user = event.attribution.process.surroundings.namespaces.user
        #expect(text(outline.who.userNamespace) == (user == 0 ? "" : "\(user)"))
        #expect(text(outline.who.host) == record.run.hostName)
    }

    @Test("a line whose end is as that of the line before says the same, and one with another end does not")
    func tails() throws {
        let line = try golden("tcp-refused")
        let other = line.replacing("\"name\":\"web-1\"", with: "\"name\":\"web-22\"")
        let moved = line.replacing("203.0.113.9", with: "203.0.113.10")
        var reader = OutlineReader()
        for (line, host) in [(line, "web-1"), (moved, "web-1"), (other, "web-22"), (line, "web-1"), (line, "web-1")] {
            let (outline, text) = try outline(line, &reader)
            #expect(text(outline.who.host) == host)
        }
        #expect(try outline(moved, &reader).outline.address == .v4(0xcb00_710a))
    }

    @Test("what was read before changes nothing of what a line says, whatever was done to it")
    func changed() throws {
        let lines = GoldenLines.all.map { Array($0.line.utf8) }
        var numbers = SameNumbers()
        var reader = OutlineReader()
        var refused = 0
        for _ in 0..<4000 {
            var bytes = lines.randomElement(using: &numbers) ?? []
            let place = Int.random(in: 0..<bytes.count, using: &numbers)
            switch Int.random(in: 0..<4, using: &numbers) {
            case 0: bytes[place] = UInt8.random(in: 0x20..<0x7f, using: &numbers)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8(ascii: " "), at: place)
            default: bytes += Array("  ".utf8)
            }
            var other = OutlineReader()
            let expected = Result { () throws(Malformed) in try other.read(bytes, 0..<bytes.count) }
            let result = Result { () throws(Malformed) in try reader.read(bytes, 0..<bytes.count) }
            guard case .success(let new) = expected, case .success(let old) = result else {
                let isRefused = (try? expected.get()) == nil && (try? result.get()) == nil
                #expect(isRefused, "\(String(decoding: bytes, as: UTF8.self))")
                refused += 1
                continue
            }
            #expect(
                (old.telling, old.started, old.address, old.port) == (new.telling, new.started, new.address, new.port))
            #expect(old.who == new.who && old.result == new.result, "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect((100..<3000).contains(refused))
    }

    @Test("members may come in any order")
    func order() throws {
        let line = try golden("full-attribution")
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        let sorted = String(
            decoding: try JSONSerialization.data(
                withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes]), as: UTF8.self)
        #expect(sorted != line)
        var reader = OutlineReader()
        for _ in 0..<2 {
            let (outline, text) = try outline(sorted, &reader)
            #expect(outline.address == .v4(0xcb00_7109))
            #expect(outline.port == 443)
            #expect(text(outline.who.executable) == "/usr/bin/dash")
            #expect(text(outline.who.host) == "web-1")
            #expect(text(outline.who.flags).contains("\"preload\""))
            // What stands behind `agent` there must not be taken for that of the line before.
            let moved = sorted.replacing("203.0.113.9", with: "203.0.113.10")
            #expect(try self.outline(moved, &reader).outline.address == .v4(0xcb00_710a))
        }
    }

    @Test("a line that is cut anywhere is refused, whatever was read before")
    func cut() throws {
        let line = try golden("full-attribution")
        var reader = OutlineReader()
        _ = try outline(line, &reader)
        for length in 1..<line.utf8.count {
            let bytes = Array(line.utf8.prefix(length))
            #expect(throws: Malformed.self, "\(length)") { try reader.read(bytes, 0..<bytes.count) }
        }
        #expect(throws: Malformed.self) { try outline(line + "}", &reader) }
        #expect(throws: Malformed.foreign(missing: "event.action")) { try outline("{\"event\":{}}", &reader) }
        #expect(throws: Malformed.foreign(missing: "process")) {
            try outline("{\"event\":{\"action\":\"connection_attempted\"}}", &reader)
        }
    }
}

/// Numbers that are the same in each run (Knuth's MMIX; its low bits are not by chance).
private struct SameNumbers: RandomNumberGenerator {
    private var state: UInt64 = 1

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 32
    }
}
