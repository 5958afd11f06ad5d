import Model
import Testing

@testable import Records

@Suite("What is kept of a process")
struct FragmentTests {
    @Test("the second line of a process is like its first but for the sequence")
    func same() throws {
        var writer = GoldenRun.ecs()
        let event = TraceEvent.attempted(sampleEvent())
        let first = try json(&writer, event)
        let second = try json(&writer, event)
        let text = String(decoding: first.bytes, as: UTF8.self)
        #expect(
            text.replacing("\"sequence\":0", with: "\"sequence\":1") == String(decoding: second.bytes, as: UTF8.self))
    }

    @Test("after an exec, with another parent, another user or another pid at its place, nothing old is written")
    func other() throws {
        var writer = GoldenRun.ecs()
        let old = sampleFacts()
        let new = sampleFacts(name: Array("nc".utf8))
        let neighbor = sampleFacts(pid: 42 + 256, name: Array("ssh".utf8))
        func name(_ facts: ProcessFacts, parent: ProcessFacts? = nil, user: UInt32 = 1000) throws -> [String?] {
            var event = sampleEvent(facts) {
                $0.process = facts.identity
                $0.userID = user
            }
            if let parent { event.attribution.process = facts.with(parent: .some(parent)) }
            let line = try json(&writer, .attempted(event))
            return [line.string("process.name"), line.string("process.parent.name"), line.string("user.name")]
        }
        #expect(try name(old) == ["curl", nil, "ana"])
        #expect(try name(new) == ["nc", nil, "ana"])
        #expect(try name(old, parent: new) == ["curl", "nc", "ana"])
        #expect(try name(old, user: 0) == ["curl", nil, "root"])
        #expect(try name(neighbor) == ["ssh", nil, "ana"])
        #expect(try name(old) == ["curl", nil, "ana"])
    }

    @Test("a hash that comes later, another group, effective user or tracer is written")
    func laterKnowledge() throws {
        var writer = GoldenRun.ecs()
        var event = sampleEvent()
        event.attribution.isFilePending = true
        #expect(try json(&writer, .attempted(event)).flag("tattle.process.hash_pending"))
        event = AttemptEvent(
            attempt: event.attempt,
            attribution: Attribution(
                process: event.attribution.process, file: FileVerdict(sha256: [UInt8](repeating: 0xab, count: 32))))
        let hashed = try json(&writer, .attempted(event))
        #expect(hashed.string("process.hash.sha256") == String(repeating: "ab", count: 32))
        #expect(hashed.strings("related.hash") == [String(repeating: "ab", count: 32)])
        #expect(hashed["tattle.process.hash_pending"] == nil)
        event.attribution.group = ControlGroup(id: 9, path: Array("/a.slice/b.service".utf8), unit: "b.service")
        event.attempt.cgroupID = 9
        #expect(try json(&writer, .attempted(event)).string("tattle.unit") == "b.service")
        event.attempt.effectiveUserID = 0
        #expect(try json(&writer, .attempted(event)).string("process.user.name") == "root")
        event.attempt.isTraced = true
        #expect(try json(&writer, .attempted(event)).strings("tattle.process.flags") == ["ptraced"])
    }

    @Test("each thread of a process is written as itself, with all that is kept of the process")
    func threads() throws {
        var writer = GoldenRun.ecs()
        func thread(_ id: UInt32, _ name: String) throws -> (JSON, [String?]) {
            let event = sampleEvent {
                $0.threadID = id
                $0.threadName = ThreadName(name.utf8)
            }
            let line = try json(&writer, .attempted(event))
            return (line, [line.number("process.thread.id").map(String.init), line.string("process.thread.name")])
        }
        let (first, text) = try thread(43, "main")
        #expect(text == ["43", "main"])
        // Another one, the same under another name, one without a name, and the first again.
        #expect(try thread(44, "worker").1 == ["44", "worker"])
        #expect(try thread(43, "renamed").1 == ["43", "renamed"])
        #expect(try thread(44, "").1 == ["44", nil])
        let (again, _) = try thread(43, "main")
        let (one, other) = (String(decoding: first.bytes, as: UTF8.self), String(decoding: again.bytes, as: UTF8.self))
        #expect(one.replacing("\"sequence\":0", with: "\"sequence\":4") == other)
        let (worker, _) = try thread(44, "worker")
        let expected = one.replacing("\"sequence\":0", with: "\"sequence\":5")
            .replacing("\"id\":43,\"name\":\"main\"", with: "\"id\":44,\"name\":\"worker\"")
        #expect(String(decoding: worker.bytes, as: UTF8.self) == expected)
    }

    @Test("a clock that was set moves the start of a process; one that was slewed does not")
    func clock() throws {
        var writer = GoldenRun.ecs()
        let event = TraceEvent.attempted(sampleEvent())
        let before = try json(&writer, event).string("process.start")
        writer.clock.offsetNanoseconds += 1000
        #expect(try json(&writer, event).string("process.start") == before)
        writer.clock.offsetNanoseconds += 3_600_000_000_000
        #expect(try json(&writer, event).string("process.start") == "2026-01-01T10:00:04.000001000Z")
    }

    @Test("what is too long to be kept is written all the same, each time anew")
    func tooLong() throws {
        var writer = GoldenRun.ecs()
        let facts = sampleFacts(arguments: [[UInt8](repeating: UInt8(ascii: "x"), count: 8000)])
        let event = TraceEvent.attempted(sampleEvent(facts))
        let first = String(decoding: try json(&writer, event).bytes, as: UTF8.self)
        let second = String(decoding: try json(&writer, event).bytes, as: UTF8.self)
        #expect(first.utf8.count > 8000 && first.replacing("\"sequence\":0", with: "\"sequence\":1") == second)
    }

    @Test("a buffer that is emptied keeps its memory")
    func memory() {
        var writer = GoldenRun.ecs()
        var buffer = LineBuffer(capacity: 64)
        for _ in 0..<10 { writer.write(.attempted(sampleEvent()), into: &buffer) }
        let capacity = buffer.capacity
        buffer.removeAll()
        for _ in 0..<10 { writer.write(.attempted(sampleEvent()), into: &buffer) }
        #expect(buffer.capacity == capacity)
    }
}
