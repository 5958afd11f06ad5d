import Compression
import Logs
import Testing

@testable import Following

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

    @Test("Where whole runs may have been between, nobody knows how many", arguments: [true, false])
    func nextRun(isStopDelivered: Bool) throws {
        let log = LogOfTest()
        log.write(9)
        let first = log.file
        log.restart(saying: isStopDelivered)
        let position = try log.position(behind: isStopDelivered ? 11 : 10)
        log.write(50)
        let second = log.file
        log.restart(saying: true)
        log.remove(first)
        log.remove(second)
        let (lines, skipped) = try readAll(LogFollower(folder: log.path, position: position))
        #expect(lines == [log.written.last])
        #expect(skipped.map(\.records) == [0])
        #expect(skipped.map(\.isExact) == [false])
        #expect(skipped.map(\.run) == [nil])
    }

    @Test("A run that goes on where its beginning is gone has at least so many")
    func middleOfNextRun() throws {
        let (_, _, skipped) = try skip(delivered: 11) { log in
            let first = log.file
            log.restart(saying: true)
            log.write(1)
            let second = log.file
            log.rotate()
            log.remove(first)
            log.remove(second)
        }
        #expect(skipped.map(\.records) == [2])
        #expect(skipped.map(\.isExact) == [false])
    }

    @Test("Where the next run says how far the one before came, they are counted exactly", arguments: [3, 9, 10])
    func deadRun(delivered: Int) throws {
        let (log, lines, skipped) = try skip(delivered: delivered) { log in
            let first = log.file
            log.restart(telling: true)
            log.remove(first)
        }
        #expect(lines == Array(log.written.suffix(2)))
        #expect(skipped.map(\.records) == (delivered == 10 ? [] : [UInt64(10 - delivered)]))
        #expect(skipped.allSatisfy { $0.isExact && $0.run == "run-0" })
    }

    @Test(
        "What a run tells of the one before is found in ECS and in OCSF",
        arguments: [
            #"{"event":{"action":"events_lost"},"tattle":{"lost":{"cause":"previous_run_died","run":{"id":"a","last_sequence":17}}}}"#,
            #"{"status_code":"previous_run_died","unmapped":{"tattle":{"count":0,"run":{"id":"a","last_sequence":17}}}}"#,
        ])
    func deadRunInBoth(line: String) {
        let dead = LineFacts.deadRun(Array(line.utf8)[...])
        #expect(dead?.id == "a")
        #expect(dead?.lastSequence == 17)
        let other = line.replacing("previous_run_died", with: "disk_full")
        #expect(LineFacts.deadRun(Array(other.utf8)[...]) == nil)
    }

    @Test("What the next run says of another one is the least")
    func otherDeadRun() throws {
        let (_, _, skipped) = try skip(delivered: 11) { log in
            let first = log.file
            log.restart(saying: true)
            log.write(6)
            let second = log.file
            log.restart(telling: true)
            log.remove(first)
            log.remove(second)
        }
        #expect(skipped.map(\.records) == [7])
        #expect(skipped.map(\.isExact) == [false])
    }

    @Test("Files that are removed while an older one is open are told of, also when another run follows")
    func behindOpenFile() throws {
        for (isTold, isOpenListed) in [(false, false), (true, false), (false, true)] {
            let log = LogOfTest()
            log.write(9)
            let follower = LogFollower(folder: log.path, position: nil)
            _ = try readAll(follower)
            let first = log.file
            log.rotate()
            log.write(50)
            let second = log.file
            log.restart(telling: isTold)
            if !isOpenListed {
                log.remove(first)
                log.remove(second)
            }
            let (lines, skipped) = try readAll(follower)
            #expect(lines == Array(log.written.suffix(isOpenListed ? 52 : isTold ? 2 : 1)))
            #expect(skipped.map(\.records) == (isOpenListed ? [] : [isTold ? 51 : 0]))
            #expect(skipped.map(\.isExact) == (isOpenListed ? [] : [isTold]))
            #expect(skipped.allSatisfy { $0.cause == .deleted })
        }
    }

    @Test("A line that is too long is counted with what is missing in front of it")
    func tooLongBehindGap() throws {
        let (log, lines, skipped) = try skip(delivered: 7) { log in
            let first = log.file
            log.beginFile(with: String(repeating: "x", count: 3 << 20) + "\n")
            log.write(1)
            log.remove(first)
        }
        #expect(lines == [log.written.last])
        #expect(skipped.map(\.records) == [4])
        #expect(skipped.map(\.isExact) == [false])
        #expect(skipped.map(\.cause) == [.deleted])
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
        // Several blocks of what compresses them, of which half are left.
        log.write(5000)
        let first = log.file
        log.rotate()
        log.write(2)
        try log.compress(first, .gzip, isDamaged: true)
        let (lines, skipped) = try readAll(LogFollower(folder: log.path, position: nil))
        #expect(lines.count > 3)
        #expect(lines.count < log.written.count)
        #expect(lines.suffix(3) == log.written.suffix(3))
        #expect(skipped.map(\.records) == [UInt64(log.written.count - lines.count)])
        #expect(skipped.map(\.cause) == [.damaged])
        #expect(skipped.map(\.isExact) == [true])
    }

    @Test(
        "A file that is damaged before its first line ends is damaged, wherever it stands", arguments: [0, 3, 10])
    func damagedAtBeginning(delivered: Int) throws {
        for isNextRun in [false, true] {
            let log = LogOfTest()
            log.write(9)
            let position = try log.position(behind: delivered)
            // One that is delivered from, or one behind it.
            if delivered == 10 { log.rotate() }
            let damaged = log.file
            if isNextRun { log.restart() } else { log.rotate() }
            log.write(2)
            try log.compress(damaged, .zstd, isDamaged: true)
            let (lines, skipped) = try readAll(LogFollower(folder: log.path, position: position))
            #expect(lines == log.written.suffix(3))
            #expect(skipped.map(\.cause) == [.damaged])
            let isCounted = delivered > 0 && !isNextRun
            #expect(skipped.map(\.isExact) == [isCounted])
            #expect(skipped.map(\.records) == [isCounted ? UInt64(log.written.count - 3 - delivered) : 0])
        }
    }
}
