import Foundation
import Testing

@testable import Logs

@Suite("A folder that fails for a while", .timeLimit(.minutes(5)))
struct FolderFailureTests {
    /// A device with room for `room` bytes, which takes at most 64 at once and then says `code`.
    private func limited(_ room: Locked<Int>, code: Int32) -> FolderCalls {
        var calls = FolderCalls()
        let real = calls.write
        calls.write = { descriptor, bytes in
            let count = room.with { room in
                let count = min(room, bytes.count, 64)
                room -= count
                return count
            }
            return count == 0 ? -Int(code) : real(descriptor, bytes.extracting(first: count))
        }
        return calls
    }

    @Test(
        "full: what waits is held and written when there is room, wherever the write broke off",
        arguments: [0, 3, 8, 9, 50, 333, 1000], [ENOSPC, EDQUOT])
    func full(room: Int, code: Int32) throws {
        let log = try TestLog()
        let left = Locked(room)
        let writer = try log.start(calls: limited(left, code: code))
        let chunk = lines(0..<200)
        writer.append(chunk)
        log.begin(1, writer)
        writer.append(chunk)
        #expect(isReadable(writer.notificationDescriptor, within: 30_000))
        writer.acknowledge()
        #expect(writer.trouble == code && writer.failure == nil)
        // Whole lines only, also now.
        #expect(try log.files().allSatisfy { ($0.last ?? 10) == 10 })
        left.with { $0 = .max }
        #expect(isReadable(writer.notificationDescriptor, within: 30_000))
        #expect(writer.trouble == nil && writer.troubleCount == 1)
        let statistics = writer.finish(within: .seconds(10))
        #expect(try log.files() == [log.head(0) + chunk, log.head(1) + chunk])
        #expect(statistics.linesWritten == 402 && statistics.linesNotWritten == 0)
        #expect(writer.backlogBytes == 0)
    }

    @Test("full until the end: the lines that are missing are counted, and the others whole")
    func fullToTheEnd() throws {
        let log = try TestLog()
        let writer = try log.start(calls: limited(Locked(1000), code: ENOSPC))
        let chunk = lines(0..<200)
        writer.append(chunk)
        #expect(isReadable(writer.notificationDescriptor, within: 30_000))
        let statistics = writer.finish(within: .milliseconds(100))
        let written = try #require(try log.files().first)
        #expect(written.count > 900 && (log.head(0) + chunk).starts(with: written) && written.last == 10)
        #expect(statistics.bytesWritten == UInt64(written.count))
        #expect(statistics.linesWritten + statistics.linesNotWritten == 201)
        #expect(statistics.bytesWritten + statistics.bytesNotWritten == UInt64(chunk.count + log.head(0).count))
        #expect(writer.trouble == ENOSPC)
    }

    @Test(
        "an error of the device: what waits goes into a new file, and nothing is there twice",
        arguments: [EIO, EROFS, ESTALE])
    func replaced(code: Int32) throws {
        let log = try TestLog()
        var calls = FolderCalls()
        let real = calls.write
        let failing = Locked<Int32?>(nil)
        calls.write = { descriptor, bytes in
            // The first write after the head ends in the midst of a line, and then the file is done for.
            if failing.with({ $0 }) == descriptor { return -Int(code) }
            if bytes.count > 1000, failing.with({ $0 == nil }) {
                failing.with { $0 = descriptor }
                return real(descriptor, bytes.extracting(first: 100))
            }
            return real(descriptor, bytes)
        }
        calls.cutBack = { [cutBack = calls.cutBack] descriptor, bytes in
            let isDone = cutBack(descriptor, bytes)
            failing.with { $0 = -1 }
            return isDone
        }
        let writer = try log.start(calls: calls)
        try waitUntil("the file is there") { writer.backlogBytes == 0 }
        writer.append(lines(0..<200))
        #expect(replaceFiles(of: writer, from: 1) { writer.backlogBytes == 0 } == 1)
        #expect(writer.troubleCount == 1)
        writer.append(lines(200..<201))
        writer.finish(within: .seconds(10))
        let files = try log.files()
        #expect(files.count == 2 && files.allSatisfy { $0.last == 10 })
        let bodies = files.enumerated().map { Array($1.dropFirst(log.head(UInt64($0)).count)) }
        #expect(bodies[0].count > 50 && bodies[0].count <= 100)
        #expect(bodies[0] + bodies[1] == lines(0..<201), "\(bodies.map(\.count))")
    }

    @Test(
        "a file that somebody removed: what comes after goes into a new one, in a new folder if need be",
        arguments: [true, false])
    func removed(withFolder: Bool) throws {
        let log = try TestLog()
        let writer = try log.start()
        writer.append(lines(0..<10))
        try waitUntil("the first lines are written") { writer.backlogBytes == 0 }
        let path = withFolder ? log.path : log.path + "/" + (try log.names()[0])
        try FileManager.default.removeItem(atPath: path)
        writer.append(lines(10..<20))
        #expect(replaceFiles(of: writer, from: 1) { writer.backlogBytes == 0 } == 1)
        writer.append(lines(20..<30))
        writer.finish(within: .seconds(10))
        #expect(try log.files() == [log.head(1) + lines(10..<30)])
        #expect(writer.trouble == nil && writer.troubleCount == 1)
    }

    @Test("what is missing at the end is counted, however many files were begun in the place of others")
    func replacedAtTheEnd() throws {
        let log = try TestLog()
        var calls = FolderCalls()
        let real = calls.write
        // Takes first lines only.
        calls.write = { descriptor, bytes in
            bytes[0] == UInt8(ascii: "f") ? real(descriptor, bytes) : -Int(EIO)
        }
        let writer = try log.start(calls: calls)
        try waitUntil("the file is there") { writer.backlogBytes == 0 }
        writer.append(Array("x\n".utf8))
        var next: UInt64 = 1
        next += replaceFiles(of: writer, from: next) { ((try? log.names().count) ?? 0) >= 4 }
        #expect(next >= 4)
        let statistics = writer.finish(within: .milliseconds(100))
        let files = try log.files()
        #expect(files == (0..<UInt64(files.count)).map(log.head))
        // The last one that was asked for may come too late.
        let late = next - UInt64(files.count)
        #expect(late <= 1)
        #expect(statistics.bytesNotWritten == 2 + 7 * late && statistics.linesNotWritten == 1 + late)
    }

    @Test("a folder that another tattle took meanwhile is left to it, until it is gone")
    func taken() throws {
        let log = try TestLog()
        let writer = try log.start()
        try waitUntil("the file is there") { writer.backlogBytes == 0 }
        try FileManager.default.removeItem(atPath: log.path)
        var other: LogFolder? = try LogFolder(path: log.path)
        writer.append(lines(0..<10))
        let isTried = Locked(0)
        _ = replaceFiles(of: writer, from: 1) {
            isTried.with { $0 += 1 }
            return writer.trouble == EWOULDBLOCK
        }
        #expect(try log.names() == [])
        withExtendedLifetime(other) {}
        other = nil
        try waitUntil("it is written") { writer.backlogBytes == 0 }
        writer.finish(within: .seconds(10))
        #expect(try log.files() == [log.head(1) + lines(0..<10)])
    }

    @Test(
        "a file system that is really full for a while: everything arrives",
        .enabled(
            if: geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare"),
            "mounting a small file system needs root and unshare"))
    func fullFileSystem() throws {
        guard let holder = try SmallFileSystem.mount(kibibytes: 256) else {
            try Test.cancel("no tmpfs can be mounted here")
        }
        let filler = holder.path + "/filler"
        try Data(count: 200 << 10).write(to: URL(filePath: filler))
        let writer = try LogWriter(
            folder: try LogFolder(path: holder.path + "/log/"), options: .init(durability: .interval))
        writer.beginFile(sequence: 0, unixNanoseconds: 1, head: Array("file 0\n".utf8))
        let chunk = lines(0..<2000, padding: 97)
        for index in 0..<20 { writer.append(lines(index * 100..<(index + 1) * 100, padding: 97)) }
        #expect(isReadable(writer.notificationDescriptor, within: 30_000))
        #expect(writer.trouble == ENOSPC)
        let folder = try FileManager.default.contentsOfDirectory(atPath: holder.path + "/log")
        let path = holder.path + "/log/" + (try #require(folder.first))
        #expect(try contents(path).last == 10)
        try FileManager.default.removeItem(atPath: filler)
        try waitUntil("it is written") { writer.backlogBytes == 0 }
        writer.finish(within: .seconds(10))
        #expect(try contents(path) == Array("file 0\n".utf8) + chunk)
        #expect(writer.trouble == nil)
    }
}
