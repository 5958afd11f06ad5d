import Foundation
import Model
import Testing

@testable import Files

@Suite("Arguments that the kernel had cut")
struct ArgumentReaderTests {
    private let long = String(repeating: "a", count: 6000)

    /// A shell that stops itself: it takes any argument.
    private func process() throws -> (program: Program, all: [UInt8]) {
        let program = try Program("/bin/sh", ["-c", "kill -STOP $$; exit", long])
        let all = Array("/bin/sh\u{0}-c\u{0}kill -STOP $$; exit\u{0}\(long)\u{0}".utf8)
        // vfork() returns when the kernel has let go of the old memory: the new one has no arguments yet.
        while FileManager.default.contents(atPath: "/proc/\(program.pid)/cmdline").map(Array.init) != all {
            sched_yield()
        }
        return (program, all)
    }

    private func request(
        _ program: Program, _ all: [UInt8], first: Int = 4096, total: Int? = nil, start: UInt64? = nil,
        stamp: FileStamp? = nil
    ) throws -> ArgumentRequest {
        ArgumentRequest(
            process: ProcessIdentity(
                pid: program.pid, startBootNanoseconds: try start ?? startTicks(program.pid) * 10_000_000),
            execID: 1, stamp: try stamp ?? FilesTests.stamp("/bin/sh"), firstBytes: Array(all.prefix(first)),
            totalBytes: total ?? all.count)
    }

    private func startTicks(_ pid: UInt32) throws -> UInt64 {
        let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        let fields = text[try #require(text.lastIndex(of: ")"))...].dropFirst(2).split(separator: " ")
        return try #require(UInt64(fields[19]))
    }

    @Test("are read from the process that has them")
    func read() throws {
        let (program, all) = try process()
        let search = ArgumentSearch(limitBytes: 32 << 10)
        #expect(search.find(try request(program, all)) == all)
        #expect(ArgumentSearch(limitBytes: 5000).find(try request(program, all)) == Array(all.prefix(5000)))
    }

    @Test("are not believed of another process, another program or with other text")
    func disagreement() throws {
        let (program, all) = try process()
        let search = ArgumentSearch(limitBytes: 32 << 10)
        var other = all
        other[4000] = UInt8(ascii: "b")
        #expect(search.find(try request(program, other)) == nil)
        for total in [all.count - 1, all.count + 1] {
            #expect(search.find(try request(program, all, total: total)) == nil)
            #expect(ArgumentSearch(limitBytes: 5000).find(try request(program, all, total: total)) == nil)
        }
        let start = try startTicks(program.pid) * 10_000_000
        #expect(search.find(try request(program, all, start: start + 10_000_000)) == nil)
        #expect(search.find(try request(program, all, stamp: stamp("/bin/true"))) == nil)
        let right = try request(program, all)
        #expect(search.find(right) == all)
        program.end()
        #expect(search.find(right) == nil)
    }

    @Test("have to continue what is known, and be as long as was told")
    func agreement() throws {
        func agree(_ read: String, _ first: String, _ total: Int, limit: Int = 100) -> Bool {
            let request = ArgumentRequest(
                process: ProcessIdentity(pid: 1, startBootNanoseconds: 1), execID: nil, stamp: FileStamp(),
                firstBytes: Array(first.utf8), totalBytes: total)
            return ArgumentSearch.agree(Array(read.utf8), with: request, limitBytes: limit)
        }
        #expect(agree("abcdef", "abc", 6))
        #expect(agree("abcd", "abc", 6, limit: 4))
        #expect(!agree("abXdef", "abc", 6))
        #expect(!agree("abcde", "abc", 6) && !agree("abcdefg", "abc", 6))
        #expect(!agree("abc", "abc", 3), "nothing new")
        #expect(!agree("", "abc", 6))
    }

    @Test("come with a notification, once for each that was asked for")
    func thread() throws {
        let (program, all) = try process()
        let reader = try ArgumentReader()
        let right = try request(program, all)
        var gone = right
        gone.process.pid = try endedPid()
        gone.execID = 2
        #expect(!isReadable(reader.notificationDescriptor))
        #expect(reader.ask(right) && reader.ask(gone))
        var answers: [ArgumentKey: [UInt8]?] = [:]
        while answers.count < 2 {
            #expect(isReadable(reader.notificationDescriptor, within: 60_000))
            for answer in reader.acknowledge() { answers[answer.key] = answer.bytes }
        }
        #expect(answers == [right.key: all, gone.key: nil])
        #expect(!isReadable(reader.notificationDescriptor))
        reader.stop()
        #expect(!reader.ask(right))
    }

    @Test("are not asked for without a bound")
    func bound() throws {
        let (program, all) = try process()
        let reader = try ArgumentReader(search: ArgumentSearch(limitBytes: 32 << 10), queueLimit: 0)
        #expect(!reader.ask(try request(program, all)))
    }
}
