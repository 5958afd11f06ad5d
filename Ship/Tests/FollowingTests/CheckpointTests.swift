import Compression
@testable import Following
import Glibc
import Logs
import Testing

@Suite("Checkpoints")
struct CheckpointTests {
    private static let position: LogPosition = {
        var position = LogPosition(
            file: LogFileName(unixNanoseconds: 1_767_225_600_000_000_000, sequence: 3), firstLine: 0x1234, offset: 567)
        (position.run, position.sequence, position.time) = ("run", 8, "2026-01-01T00:00:00.000000000Z")
        return position
    }()

    @Test("What is saved is loaded again, after any number of times")
    func save() throws {
        let log = LogOfTest()
        let file = CheckpointFile(folder: log.path, destination: "https://siem:443/in", log: log.path)
        #expect(file.load() == .none)
        for offset in 1...3 {
            var position = Self.position
            position.offset = UInt64(offset)
            #expect(file.save(position) == 0)
            #expect(
                file.load()
                    == .checkpoint(Checkpoint(destination: "https://siem:443/in", log: log.path, position: position)))
        }
        #expect(log.names().filter { $0.hasSuffix(".tmp") }.isEmpty)
    }

    @Test("Any byte that is changed or missing is noticed")
    func damage() throws {
        let text = Checkpoint(destination: "siem", log: "/var/log/tattle", position: Self.position).text
        #expect(Checkpoint(text: text)?.position == Self.position)
        let bytes = Array(text.utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(Checkpoint(text: String(decoding: changed, as: UTF8.self)) == nil, "byte \(index)")
            #expect(Checkpoint(text: String(decoding: bytes[..<index], as: UTF8.self)) == nil, "\(index) bytes")
        }
    }

    @Test("One of another destination, and one that is no text, are damaged")
    func foreign() throws {
        let log = LogOfTest()
        let file = CheckpointFile(folder: log.path, destination: "a", log: log.path)
        let other = CheckpointFile(folder: log.path, destination: "b", log: log.path)
        #expect(other.save(Self.position) == 0)
        #expect(unsafe rename(other.path, file.path) == 0)
        #expect(file.load() == .damaged)
        #expect(unsafe truncate(file.path, 0) == 0)
        #expect(file.load() == .damaged)
    }

    @Test("One that cannot be read is not damaged")
    func unreadable() throws {
        let log = LogOfTest()
        let file = CheckpointFile(folder: log.path, destination: "a", log: log.path)
        #expect(unsafe symlink("/dev/zero", file.path) == 0)
        #expect(file.load() == .unreadable(ELOOP))
        unsafe unlink(file.path)
        #expect(unsafe mkdir(file.path, 0o700) == 0)
        #expect(file.load() == .unreadable(EISDIR))
        unsafe rmdir(file.path)
    }

    @Test("It knows which folder it is of, whatever leads there; one of an older version does not")
    func anotherLog() throws {
        let (log, other) = (LogOfTest(), LogOfTest())
        let file = CheckpointFile(folder: log.path, destination: "a", log: "\(log.path)/.")
        #expect(file.save(Self.position) == 0)
        guard case .checkpoint(let found) = file.load() else {
            Issue.record("nothing was saved")
            return
        }
        #expect(!found.isOfAnotherLog(than: log.path))
        #expect(found.isOfAnotherLog(than: other.path))
        var old = Checkpoint(destination: "a", log: nil, position: Self.position)
        old = try #require(Checkpoint(text: old.text))
        #expect(old.position == Self.position)
        #expect(!old.isOfAnotherLog(than: other.path))
    }

    @Test("When the disk is full the one before stays")
    func full() throws {
        let log = LogOfTest()
        #expect(CheckpointFile(folder: log.path, destination: "a", log: log.path).save(Self.position) == 0)
        let file = CheckpointFile(folder: log.path, destination: "a", log: log.path, write: { _, _ in ENOSPC })
        var next = Self.position
        next.offset = 1000
        #expect(file.save(next) == ENOSPC)
        #expect(file.load() == .checkpoint(Checkpoint(destination: "a", log: log.path, position: Self.position)))
    }

    @Test("Destinations whose names differ in a byte have files of their own")
    func stems() {
        #expect(CheckpointFile.stem(of: "https://a/b") != CheckpointFile.stem(of: "https://a-b"))
        #expect(!CheckpointFile.stem(of: "../../etc/passwd").contains("/"))
    }
}

@Suite("What is behind")
struct BacklogTests {
    @Test("Bytes, records and seconds are those after the position")
    func backlog() throws {
        let log = LogOfTest()
        var reader = BacklogReader(folder: log.path)
        log.write(5)
        let follower = LogFollower(folder: log.path, position: nil)
        let all = try reader.backlog(behind: nil)
        #expect(all.bytes == log.written.reduce(0) { $0 + UInt64($1.utf8.count) + 1 })
        #expect(all.records == nil)
        #expect(all.seconds == UInt64(log.written.count - 1))
        let passage = try #require(try follower.next(PassageLimits(records: 2, bytes: 1 << 20)))
        follower.take(passage)
        log.rotate()
        log.write(3)
        let rest = try reader.backlog(behind: follower.position)
        #expect(rest.records == UInt64(log.written.count - 2))
        #expect(rest.seconds == UInt64(log.written.count - 2))
        #expect(rest.bytes == log.written.dropFirst(2).reduce(0) { $0 + UInt64($1.utf8.count) + 1 })
        _ = try readAll(follower)
        let none = try reader.backlog(behind: follower.position)
        #expect(none.bytes == 0 && none.records == 0 && none.seconds == 0)
    }

    @Test("One that never delivered is behind by what is there, also where the oldest file is compressed or damaged")
    func neverDelivered() throws {
        let log = LogOfTest()
        log.write(4)
        try log.compress(log.file, .zstd)
        log.rotate()
        log.write(4)
        var reader = BacklogReader(folder: log.path)
        #expect(try reader.backlog(behind: nil).seconds == 9)
        let damaged = LogOfTest()
        damaged.write(4)
        try damaged.compress(damaged.file, .zstd, isDamaged: true)
        damaged.rotate()
        damaged.write(4)
        var other = BacklogReader(folder: damaged.path)
        #expect(try other.backlog(behind: nil).seconds == 4)
    }
}
