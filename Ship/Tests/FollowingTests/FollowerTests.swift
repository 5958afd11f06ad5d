import Compression
import Following
import Logs
import Testing

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

    @Test("A file that is compressed, or removed, while it is read is read to its end")
    func removedWhileRead() throws {
        let log = LogOfTest()
        log.write(10)
        let follower = LogFollower(folder: log.path, position: nil)
        let passage = try #require(try follower.next(PassageLimits(records: 3, bytes: 1 << 20)))
        follower.take(passage)
        let first = log.file
        log.rotate()
        log.write(5)
        log.remove(first)
        let (lines, skipped) = try readAll(follower)
        #expect(lines == Array(log.written.dropFirst(3)))
        #expect(skipped.isEmpty)
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

@Suite("Records that were removed before they were delivered")
struct SkippingTests {
    /// Reads some records of the first file; then it is removed.
    private func skip(
        delivered: Int, _ change: (LogOfTest) throws -> Void
    ) throws -> (log: LogOfTest, lines: [String], skipped: [SkippedRecords]) {
        let log = LogOfTest()
        log.write(9)
        let follower = LogFollower(folder: log.path, position: nil)
        let passage = try #require(try follower.next(PassageLimits(records: delivered, bytes: 1 << 20)))
        follower.take(passage)
        try change(log)
        let (lines, skipped) = try readAll(LogFollower(folder: log.path, position: follower.position))
        return (log, lines, skipped)
    }

    @Test("Those of one run are counted exactly", arguments: [1, 5, 10])
    func sameRun(delivered: Int) throws {
        let (log, lines, skipped) = try skip(delivered: delivered) { log in
            let first = log.file
            log.rotate()
            log.write(4)
            let second = log.file
            log.rotate()
            log.write(2)
            log.remove(first)
            log.remove(second)
        }
        #expect(lines == Array(log.written.suffix(3)))
        #expect(skipped.map(\.records) == [UInt64(log.written.count - 3 - delivered)])
        #expect(skipped.allSatisfy { $0.isExact && $0.cause == .deleted && $0.run == "run-0" })
    }

    @Test("A file that was delivered to its end may be removed without a word")
    func delivered() throws {
        let (log, lines, skipped) = try skip(delivered: 10) { log in
            let first = log.file
            log.rotate()
            log.remove(first)
        }
        #expect(lines == [log.written.last])
        #expect(skipped.isEmpty)
    }

    @Test("Where the run's end is gone too, nobody knows how many; where it was delivered, there are none")
    func nextRun() throws {
        let (_, _, unknown) = try skip(delivered: 10) { log in
            let first = log.file
            log.restart()
            log.remove(first)
        }
        #expect(unknown.map(\.isExact) == [false])
        let log = LogOfTest()
        log.write(9)
        let first = log.file
        log.restart(saying: true)
        let passage = try #require(
            try LogFollower(folder: log.path, position: nil).next(PassageLimits(records: 11, bytes: 1 << 20)))
        #expect(passage.end.endsRun)
        log.write(1)
        let second = log.file
        log.rotate()
        log.remove(first)
        log.remove(second)
        let (_, counted) = try readAll(LogFollower(folder: log.path, position: passage.end))
        #expect(counted.map(\.records) == [2])
        #expect(counted.map(\.isExact) == [true])
    }

    @Test("The first line of a file that replaces another is newer than the others: no hole")
    func replaced() throws {
        let log = LogOfTest()
        log.write(2)
        let follower = LogFollower(folder: log.path, position: nil)
        _ = try readAll(follower)
        log.remove(log.file)
        log.replace(waiting: 3)
        log.write(2)
        let position = follower.position
        let (lines, skipped) = try readAll(follower)
        #expect(lines == Array(log.written.suffix(6)))
        #expect(skipped.isEmpty)
        #expect(try readAll(LogFollower(folder: log.path, position: position)).skipped.isEmpty)
    }

    @Test("A file that is damaged is read as far as it goes, and the rest is counted")
    func damaged() throws {
        let log = LogOfTest()
        log.write(5000)
        let first = log.file
        log.rotate()
        log.write(2)
        try log.compress(first, .zstd, isDamaged: true)
        let (lines, skipped) = try readAll(LogFollower(folder: log.path, position: nil))
        #expect(lines.count < log.written.count)
        #expect(lines.suffix(3) == log.written.suffix(3))
        if lines.count > 3 {
            #expect(skipped.map(\.records) == [UInt64(log.written.count - lines.count)])
            #expect(skipped.map(\.cause) == [.damaged])
        }
    }
}
