import Bytes
import Foundation
import Testing

@testable import Logs

@Suite("The writer", .timeLimit(.minutes(5)))
struct LogWriterTests {
    @Test("everything arrives, in order, through a pipe of one page and a slow reader")
    func smallPipe() throws {
        let pipe = TestPipe()
        let writer = try LogWriter(file: try pipe.open())
        let reader = pipe.reader
        // On a thread of its own: the other tests may keep the pool's.
        let received = Locked<[UInt8]?>(nil)
        Thread.detachNewThread {
            let bytes = (try? reader.readToEnd()).map(Array.init)
            received.with { $0 = bytes ?? [] }
        }
        var expected: [UInt8] = []
        for index in 0..<200 {
            let chunk = lines(index * 50..<(index + 1) * 50)
            writer.append(chunk)
            expected += chunk
        }
        let statistics = writer.finish(within: .seconds(20))
        #expect(statistics.bytesWritten == UInt64(expected.count))
        #expect(statistics.linesWritten == 10_000)
        #expect(statistics.bytesNotWritten == 0 && statistics.linesNotWritten == 0)
        #expect(writer.failure == nil)
        try waitUntil("the reader is done") { received.with { $0 != nil } }
        #expect(received.with { $0 } == expected)
    }

    @Test("writes that take a part, are interrupted or would wait are gone on with")
    func partialWrites() throws {
        let folder = try Folder()
        let written = Locked<([UInt8], Int)>(([], 0))
        var calls = SinkCalls()
        calls.write = { _, bytes in
            written.with { state in
                state.1 += 1
                switch state.1 % 4 {
                case 0: return -Int(EINTR)
                case 1: return -Int(EAGAIN)
                default:
                    let count = min(bytes.count, state.1 % 7 + 1)
                    state.0 += Array(copying: bytes.extracting(first: count))
                    return count
                }
            }
        }
        let writer = try LogWriter(file: try LogFile.open(folder.file("log")), limit: 1 << 20, calls: calls)
        let expected = lines(0..<500)
        writer.append(expected)
        let statistics = writer.finish(within: .seconds(20))
        #expect(written.with { $0.0 } == expected)
        #expect(statistics == LogStatistics(bytesWritten: UInt64(expected.count), linesWritten: 500))
    }

    @Test("a reader who leaves is a failure with EPIPE, and ends nothing")
    func closedPipe() throws {
        let pipe = TestPipe()
        let writer = try LogWriter(file: try pipe.open())
        try pipe.reader.close()
        let chunk = lines(0..<3)
        writer.append(chunk)
        #expect(isReadable(writer.notificationDescriptor, within: 5000))
        #expect(writer.failure == EPIPE)
        #expect(!writer.append(chunk))
        let statistics = writer.finish(within: .seconds(5))
        #expect(statistics.bytesWritten == 0 && statistics.linesWritten == 0)
        #expect(statistics.bytesNotWritten == UInt64(2 * chunk.count))
        #expect(statistics.linesNotWritten == 6)
        #expect(writer.backlogBytes == 0)
    }

    @Test("a backlog over the limit is said, and again when it is below half")
    func backlog() throws {
        let pipe = TestPipe()
        let writer = try LogWriter(file: try pipe.open(), limit: 64 << 10)
        var expected = 0
        var mayContinue = true
        while mayContinue {
            let chunk = lines(0..<100)
            mayContinue = writer.append(chunk)
            expected += chunk.count
        }
        #expect(writer.isOverLimit)
        #expect(writer.backlogBytes >= 64 << 10)
        #expect(!isReadable(writer.notificationDescriptor, within: 100))
        var received = 0
        while received < expected { received += pipe.reader.availableData.count }
        #expect(isReadable(writer.notificationDescriptor, within: 5000))
        writer.acknowledge()
        #expect(!isReadable(writer.notificationDescriptor))
        #expect(!writer.isOverLimit)
        #expect(writer.finish(within: .seconds(5)).bytesWritten == UInt64(expected))
    }

    @Test("a reader who takes nothing does not hold the end up")
    func stuckReader() throws {
        let pipe = TestPipe()
        let writer = try LogWriter(file: try pipe.open())
        let chunk = lines(0..<5000)
        writer.append(chunk)
        let begin = ContinuousClock.now
        let statistics = writer.finish(within: .milliseconds(200))
        #expect(ContinuousClock.now - begin < .seconds(5))
        #expect(statistics.bytesWritten + statistics.bytesNotWritten == UInt64(chunk.count))
        #expect(statistics.linesWritten + statistics.linesNotWritten == 5000)
        #expect(statistics.bytesNotWritten > 0)
        #expect(writer.failure == nil)
        #expect(!writer.append(chunk), "nothing is taken after the end")
    }

    @Test("several threads append whole lines without mixing or losing any")
    func concurrency() async throws {
        let folder = try Folder()
        let path = folder.file("log")
        let writer = try LogWriter(file: try LogFile.open(path))
        await withTaskGroup { group in
            for thread in 0..<4 {
                group.addTask {
                    for index in 0..<500 { writer.append(Array("\(thread) \(index)\n".utf8)) }
                }
            }
        }
        #expect(writer.finish(within: .seconds(10)).linesWritten == 2000)
        var next = [0, 0, 0, 0]
        for line in String(decoding: try contents(path), as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ").compactMap { Int($0) }
            #expect(words.count == 2 && words[1] == next[words[0]])
            next[words[0]] += 1
        }
        #expect(next == [500, 500, 500, 500])
    }

    @Test("memory that is handed over comes back empty, and what is made in it next is not in what was handed over")
    func exchange() throws {
        let folder = try Folder()
        let writer = try LogWriter(file: try LogFile.open(folder.file("log")))
        var memory = ByteMemory()
        var expected: [UInt8] = []
        // Few lines and many: copied, written at once, or handed on as they are.
        for (index, count) in [1, 40, 5000, 2, 9000, 9000, 1].enumerated() {
            let chunk = lines(index * 10_000..<index * 10_000 + count)
            memory.append(chunk.span)
            writer.append(&memory)
            #expect(memory.isEmpty && memory.capacity >= ByteMemory.exchangedCapacity)
            expected += chunk
        }
        writer.finish(within: .seconds(20))
        #expect(try contents(folder.file("log")) == expected)
        memory.append(Array("late\n".utf8).span)
        #expect(!writer.append(&memory) && memory.isEmpty, "what comes too late is counted, and not kept either")
        #expect(writer.statistics.linesNotWritten == 1 && writer.statistics.bytesNotWritten == 5)
    }

    @Test("the thread has a name, and dropping the writer ends it")
    func thread() throws {
        func names() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap {
                try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)
            }
        }
        let folder = try Folder()
        let writer = try LogWriter(file: try LogFile.open(folder.file("log")))
        var isNamed = false
        for _ in 0..<100 where !isNamed {
            isNamed = try names().contains("tattle-writer\n")
            usleep(10_000)
        }
        #expect(isNamed)
        writer.finish(within: .seconds(5))
    }
}
