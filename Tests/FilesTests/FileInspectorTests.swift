import Foundation
import Model
import Testing

@testable import Files

@Suite("The inspector", .timeLimit(.minutes(5)))
struct FileInspectorTests {
    @Test("what was read once is answered at once, without process and file")
    func cached() throws {
        let folder = try Folder()
        let inspector = try FileInspector(packages: nil)
        let path = try folder.copy("/bin/sleep", to: "program")
        let program = try Program(path)
        let request = try request(path, pid: program.pid)
        #expect(inspector.verdict(for: request) == nil)
        let ready = inspector.next()
        #expect(ready.map(\.key) == [request.key])
        #expect(!isReadable(inspector.notificationDescriptor))
        program.end()
        try remove(path)
        #expect(inspector.verdict(for: request) == ready.first?.verdict)
        #expect(inspector.acknowledge().isEmpty)
    }

    @Test("many processes that run one file cost one reading")
    func merged() throws {
        let folder = try Folder()
        let inspector = try FileInspector(packages: nil)
        let path = try folder.copy("/bin/sleep", to: "program")
        let request = try request(path)
        var early: [FileVerdict] = []
        for pid in 1...50 as ClosedRange<UInt32> {
            var other = request
            other.pid = pid + 0x4000_0000
            if let verdict = inspector.verdict(for: other) { early.append(verdict) }
        }
        let ready = inspector.next()
        #expect(ready.map(\.key) == [request.key])
        #expect(early.allSatisfy { $0 == ready.first?.verdict })
        #expect(inspector.verdict(for: request) == ready.first?.verdict)
        #expect(inspector.acknowledge().isEmpty)
    }

    @Test("two paths to one file are two questions")
    func links() throws {
        let folder = try Folder()
        let inspector = try FileInspector(packages: nil)
        let path = try folder.copy("/bin/sleep", to: "program")
        try hardLink(path, folder.file("link"))
        let first = try request(path)
        let second = try request(folder.file("link"))
        #expect(first.stamp == second.stamp && first.key != second.key)
        #expect(try inspector.finalVerdict(for: first).sha256 == inspector.finalVerdict(for: second).sha256)
    }

    @Test("over the limit: too large, and that is remembered")
    func tooLarge() throws {
        let folder = try Folder()
        let path = try folder.write("123456789", to: "program")
        let request = try request(path)
        let small = try FileInspector(hashLimitBytes: 8, packages: nil)
        #expect(try small.finalVerdict(for: request) == FileVerdict(failure: .tooLarge))
        #expect(small.verdict(for: request) == FileVerdict(failure: .tooLarge))
        let exact = try FileInspector(hashLimitBytes: 9, packages: nil)
        #expect(try hexadecimal(exact.finalVerdict(for: request).sha256) == sha256sum(path))
    }

    @Test("failures are not remembered: a later request may have more luck")
    func retried() throws {
        let folder = try Folder()
        let inspector = try FileInspector(packages: nil)
        let path = try folder.copy("/bin/sleep", to: "program")
        let program = try Program(path)
        var request = try request(path, pid: endedPid())
        try remove(path)
        #expect(try inspector.finalVerdict(for: request).failure == .gone)
        request.pid = program.pid
        #expect(inspector.verdict(for: request) == nil)
        #expect(inspector.next().first?.verdict.sha256 != nil)
    }

    @Test("a full queue refuses, and takes requests again when answers were taken")
    func busy() throws {
        let folder = try Folder()
        let inspector = try FileInspector(queueLimit: 2, packages: nil)
        let requests = try (0..<3).map { try request(folder.write("\($0)", to: "program-\($0)")) }
        #expect(inspector.verdict(for: requests[0]) == nil)
        #expect(inspector.verdict(for: requests[1]) == nil)
        // Whether those wait, are being read or are ready.
        #expect(inspector.verdict(for: requests[2]) == FileVerdict(failure: .busy))
        var count = 0
        while count < 2 {
            let ready = inspector.next()
            try #require(!ready.isEmpty)
            count += ready.count
        }
        #expect(inspector.verdict(for: requests[2]) == nil)
        #expect(inspector.next().first?.key == requests[2].key)
    }

    @Test("a thousand files at once, each with its own answer")
    func many() throws {
        let folder = try Folder()
        let inspector = try FileInspector(packages: nil)
        let paths = try (0..<1000).map { try folder.write("content \($0)", to: "program-\($0)") }
        let requests = try paths.map { try request($0) }
        for request in requests { #expect(inspector.verdict(for: request) == nil) }
        var verdicts: [FileKey: FileVerdict] = [:]
        while verdicts.count < requests.count {
            let ready = inspector.next()
            try #require(!ready.isEmpty)
            for (key, verdict) in ready { #expect(verdicts.updateValue(verdict, forKey: key) == nil) }
        }
        #expect(Set(verdicts.values.compactMap(\.sha256)).count == 1000)
        let last = try #require(requests.last)
        #expect(try hexadecimal(verdicts[last.key]?.sha256) == sha256sum(folder.file("program-999")))
    }

    @Test("after stop: busy, and what is remembered")
    func stopped() throws {
        let folder = try Folder()
        let inspector = try FileInspector(packages: nil)
        let known = try request(folder.write("known", to: "known"))
        let verdict = try inspector.finalVerdict(for: known)
        inspector.stop()
        inspector.stop()
        #expect(try inspector.verdict(for: request(folder.write("other", to: "other"))) == FileVerdict(failure: .busy))
        #expect(inspector.verdict(for: known) == verdict)
    }
}

@Suite("What is remembered")
struct RecentCacheTests {
    @Test("the recent half of the limit at least, and never more than the limit")
    func bounded() {
        var cache = RecentCache<Int, Int>(limit: 8)
        for number in 0..<100 {
            cache.insert(number * 2, for: number)
            #expect(cache.count <= 8)
            for recent in max(0, number - 3)...number { #expect(cache.value(for: recent) == recent * 2) }
        }
        #expect(cache.value(for: 10) == nil)
    }

    @Test("what is asked for stays")
    func kept() {
        var cache = RecentCache<Int, String>(limit: 4)
        cache.insert("kept", for: -1)
        for number in 0..<50 {
            cache.insert("other", for: number)
            #expect(cache.value(for: -1) == "kept")
        }
    }

    @Test("nothing with no limit")
    func none() {
        var cache = RecentCache<Int, Int>(limit: 0)
        cache.insert(1, for: 1)
        #expect(cache.value(for: 1) == nil && cache.count == 0)
    }
}
