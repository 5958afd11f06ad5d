import Compression
import Logs
import Testing

@testable import Following

/// Everything that a follower gives until there is nothing more, and what it says was skipped.
func readAll(_ follower: LogFollower, records: Int = 1000) throws -> (lines: [String], skipped: [SkippedRecords]) {
    var lines: [String] = []
    var skipped: [SkippedRecords] = []
    while let passage = try follower.next(PassageLimits(records: records, bytes: 1 << 20)) {
        lines += String(decoding: passage.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        if let missing = passage.skipped { skipped.append(missing) }
        follower.take(passage)
    }
    return (lines, skipped)
}

@Suite("A log that is followed")
struct FollowerTests {
    @Test("Every line of every file comes once, in order, whatever the limits", arguments: [1, 2, 7, 1000])
    func everything(records: Int) throws {
        let log = LogOfTest()
        let follower = LogFollower(folder: log.path, position: nil)
        var lines: [String] = []
        for round in 0..<20 {
            log.write(round)
            if round % 3 == 2 { log.rotate() }
            if round % 7 == 6 { log.restart() }
            let (more, skipped) = try readAll(follower, records: records)
            #expect(skipped.isEmpty)
            lines += more
        }
        #expect(lines == log.written)
    }

    @Test("What was not taken comes again, with what was written since")
    func untaken() throws {
        let log = LogOfTest()
        let follower = LogFollower(folder: log.path, position: nil)
        let limits = PassageLimits(records: 100, bytes: 1 << 20)
        let first = try #require(try follower.next(limits))
        #expect(first.isTail)
        log.write(2)
        let second = try #require(try follower.next(limits))
        #expect(second.bytes.count > first.bytes.count)
        #expect(second.bytes.starts(with: first.bytes))
    }

    @Test("A follower goes on behind any record, in a plain file or in one that was compressed meanwhile")
    func positions() throws {
        let log = LogOfTest()
        log.write(10)
        log.rotate()
        log.write(10)
        let follower = LogFollower(folder: log.path, position: nil)
        var positions: [LogPosition?] = [nil]
        while let passage = try follower.next(PassageLimits(records: 1, bytes: 1 << 20)) {
            follower.take(passage)
            positions.append(passage.end)
        }
        for isCompressed in [false, true] {
            if isCompressed {
                try log.compress(LogFileName(unixNanoseconds: 1_767_225_600_000_000_000, sequence: 0), .zstd)
            }
            for (count, position) in positions.enumerated() {
                let (lines, skipped) = try readAll(LogFollower(folder: log.path, position: position))
                #expect(lines == Array(log.written.dropFirst(count)))
                #expect(skipped.isEmpty)
            }
        }
    }

    @Test("Files are read whether they are compressed or not", arguments: CompressionMethod.allCases)
    func compressed(_ method: CompressionMethod) throws {
        let log = LogOfTest()
        var names: [LogFileName] = []
        for _ in 0..<5 {
            log.write(500)
            names.append(log.file)
            log.rotate()
        }
        for name in names.dropLast(2) { try log.compress(name, method) }
        let (lines, skipped) = try readAll(LogFollower(folder: log.path, position: nil), records: 64)
        #expect(lines == log.written)
        #expect(skipped.isEmpty)
    }

    @Test("A file that is compressed, or removed, while it is read is read to its end", arguments: [true, false])
    func goneWhileRead(isCompressed: Bool) throws {
        let log = LogOfTest()
        log.write(10)
        let follower = LogFollower(folder: log.path, position: nil)
        let passage = try #require(try follower.next(PassageLimits(records: 3, bytes: 1 << 20)))
        follower.take(passage)
        let first = log.file
        log.rotate()
        log.write(5)
        if isCompressed { try log.compress(first, .gzip) } else { log.remove(first) }
        let (lines, skipped) = try readAll(follower)
        #expect(lines == Array(log.written.dropFirst(3)))
        #expect(skipped.isEmpty)
    }

    @Test("A file that is compressed after the folder was listed is read all the same", arguments: [0, 3, 10])
    func compressedAfterListing(delivered: Int) throws {
        let log = LogOfTest()
        log.write(9)
        var names = [log.file]
        for _ in 0..<3 {
            log.rotate()
            log.write(9)
            names.append(log.file)
        }
        let position = try log.position(behind: delivered)
        // Each time that the folder was listed, the next file is compressed before anybody opens it.
        let files = FolderFiles(log.path) { path throws(LogError) in
            let there = try LogFolder.files(at: path)
            if let name = names.first {
                try? log.compress(name, .zstd)
                names.removeFirst()
            }
            return there
        }
        let (lines, skipped) = try readAll(LogFollower(folder: log.path, position: position, files: files))
        #expect(names.isEmpty)
        #expect(lines == Array(log.written.dropFirst(delivered)))
        #expect(skipped.isEmpty)
    }

    @Test(
        "A file that one listing misses, because it is just being compressed, is read all the same", arguments: 0...2,
        [0, 3, 10])
    func missedByListing(file: Int, delivered: Int) throws {
        for isNextRun in [false, true] {
            let log = LogOfTest()
            log.write(9)
            var names = [log.file]
            for _ in 0..<2 {
                if isNextRun { log.restart(saying: true) } else { log.rotate() }
                log.write(9)
                names.append(log.file)
            }
            let position = try log.position(behind: delivered)
            var isFirst = true
            let files = FolderFiles(log.path) { path throws(LogError) in
                defer { isFirst = false }
                return try LogFolder.files(at: path).filter { !isFirst || $0.name != names[file] }
            }
            let (lines, skipped) = try readAll(LogFollower(folder: log.path, position: position, files: files))
            #expect(lines == Array(log.written.dropFirst(delivered)))
            #expect(skipped.isEmpty)
        }
    }

    @Test("A torn last line waits, and what is written in its place is read")
    func torn() throws {
        let log = LogOfTest()
        let follower = LogFollower(folder: log.path, position: nil)
        _ = try readAll(follower)
        log.appendRaw("{\"torn")
        #expect(try readAll(follower).lines.isEmpty)
        log.cut(6)
        log.write()
        #expect(try readAll(follower).lines == [log.written.last])
    }

    @Test("A file that was cut shorter than what was delivered is passed, and what follows is read")
    func cut() throws {
        let log = LogOfTest()
        log.write(3)
        let follower = LogFollower(folder: log.path, position: nil)
        _ = try readAll(follower)
        let position = follower.position
        log.cut(log.written[3].utf8.count + 1)
        log.restart()
        log.write(2)
        let (lines, _) = try readAll(follower)
        #expect(lines == Array(log.written.suffix(3)))
        #expect(try readAll(LogFollower(folder: log.path, position: position)).lines == Array(log.written.suffix(3)))
    }

    @Test("A line longer than any record is passed, and told of")
    func tooLong() throws {
        let log = LogOfTest()
        log.appendRaw(String(repeating: "x", count: 3 << 20) + "\n")
        log.write(2)
        let (lines, skipped) = try readAll(LogFollower(folder: log.path, position: nil))
        #expect(lines == log.written)
        #expect(skipped.map(\.cause) == [.tooLong])
    }

    @Test("The clock may be set back: new files are seen whatever times they and the folder have")
    func clockSetBack() throws {
        let log = LogOfTest()
        log.write(3)
        let follower = LogFollower(folder: log.path, position: nil)
        _ = try readAll(follower)
        for seconds in [2_000_000_000, 1_000_000_000, 1_000_000_001] {
            log.rotate()
            log.write(2)
            log.setTimes(seconds)
            #expect(try readAll(follower).lines == Array(log.written.suffix(3)))
            // Looked at again: now it is known.
            #expect(try readAll(follower).lines.isEmpty)
        }
    }

    @Test("An empty folder, and one that is not there, are no end")
    func empty() throws {
        let log = LogOfTest()
        log.remove(log.file)
        let follower = LogFollower(folder: log.path, position: nil)
        #expect(try readAll(follower).lines.isEmpty)
        log.write()
        #expect(try readAll(follower).lines == [log.written.last])
        let missing = LogFollower(folder: "\(log.path)/none", position: nil)
        #expect(throws: FollowingError.self) { try readAll(missing) }
    }
}
