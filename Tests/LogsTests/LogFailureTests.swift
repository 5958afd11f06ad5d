import Foundation
import Testing

@testable import Logs

@Suite("A sink that fails", .timeLimit(.minutes(5)))
struct LogFailureTests {
    @Test("/dev/full: ENOSPC, and all of it is counted as not written")
    func devFull() throws {
        let writer = try LogWriter(file: try LogFile.open("/dev/full"))
        writer.append(lines(0..<10))
        #expect(isReadable(writer.notificationDescriptor, within: 5000))
        #expect(writer.failure == ENOSPC)
        let statistics = writer.finish(within: .seconds(1))
        #expect(statistics.linesWritten == 0 && statistics.linesNotWritten == 10)
    }

    @Test(
        "a file keeps whole lines only, wherever the write broke off", arguments: [0, 1, 2, 3, 5, 100, 333, 1000],
        [EIO, ENOSPC])
    func tornWrite(at limit: Int, code: Int32) throws {
        let folder = try Folder()
        let path = folder.file("log")
        try Data("before\n".utf8).write(to: URL(filePath: path))
        var calls = SinkCalls()
        let real = calls.write
        let left = Locked(limit)
        calls.write = { descriptor, bytes in
            // A device with room for `limit` bytes: takes a part, and then nothing.
            let count = left.with { left in
                let count = min(left, bytes.count, 64)
                left -= count
                return count
            }
            return count == 0 ? -Int(code) : real(descriptor, bytes.extracting(first: count))
        }
        let writer = try LogWriter(file: try LogFile.open(path), limit: 1 << 20, calls: calls)
        let chunk = lines(0..<60)
        writer.append(chunk)
        #expect(isReadable(writer.notificationDescriptor, within: 5000))
        #expect(writer.failure == code)
        let statistics = writer.finish(within: .seconds(1))
        let content = try contents(path)
        #expect(content.starts(with: Array("before\n".utf8)))
        #expect(content.last == 10)
        let ours = Array(content.dropFirst(7))
        #expect(chunk.starts(with: ours))
        #expect(limit - ours.count >= 0 && limit - ours.count <= 64, "no whole line is cut off")
        #expect(statistics.bytesWritten == UInt64(ours.count))
        #expect(statistics.linesWritten == UInt64(ours.filter { $0 == 10 }.count))
        #expect(statistics.bytesWritten + statistics.bytesNotWritten == UInt64(chunk.count))
        #expect(statistics.linesWritten + statistics.linesNotWritten == 60)
    }

    @Test("what somebody else appended meanwhile is not cut off")
    func otherWriter() throws {
        let folder = try Folder()
        let path = folder.file("log")
        var calls = SinkCalls()
        let real = calls.write
        let count = Locked(0)
        calls.write = { descriptor, bytes in
            if count.with({
                $0 += 1; return $0
            }) == 1 {
                return real(descriptor, bytes.extracting(first: 3))
            }
            let other = FileHandle(forWritingAtPath: path)
            _ = try? other?.seekToEnd()
            try? other?.write(contentsOf: Data("other\n".utf8))
            try? other?.close()
            return -Int(EIO)
        }
        let writer = try LogWriter(file: try LogFile.open(path), limit: 1 << 20, calls: calls)
        writer.append(Array("abcdef\n".utf8))
        writer.finish(within: .seconds(5))
        #expect(try contents(path) == Array("abcother\n".utf8))
    }

    @Test(
        "a file system that is full keeps whole lines only",
        .enabled(
            if: geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare"),
            "mounting a small file system needs root and unshare"))
    func fullFileSystem() throws {
        guard let small = try SmallFileSystem.mount(kibibytes: 64) else {
            try Test.cancel("no tmpfs can be mounted here")
        }
        let path = small.path + "/log"
        let writer = try LogWriter(file: try LogFile.open(path))
        for index in 0..<100 { writer.append(lines(index * 100..<(index + 1) * 100, padding: 97)) }
        #expect(isReadable(writer.notificationDescriptor, within: 5000))
        #expect(writer.failure == ENOSPC)
        let statistics = writer.finish(within: .seconds(5))
        let content = try contents(path)
        #expect(content.count > 32 << 10 && content.last == 10)
        #expect(lines(0..<10_000, padding: 97).starts(with: content))
        #expect(statistics.bytesWritten == UInt64(content.count))
        #expect(statistics.linesWritten + statistics.linesNotWritten == 10_000)
    }
}
