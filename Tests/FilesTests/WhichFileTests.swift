import Foundation
import Model
import Testing

@testable import Files

@Suite("Which file is hashed", .timeLimit(.minutes(5)))
struct WhichFileTests {
    let folder: Folder
    let inspector: FileInspector
    /// A program of the test's own, and its hash.
    let path: String
    let hash: String

    init() throws {
        folder = try Folder()
        inspector = try FileInspector(packages: nil)
        path = try folder.copy("/bin/sleep", to: "program")
        hash = try sha256sum(path)
    }

    private func verdict(_ request: FileRequest) throws -> FileVerdict { try inspector.finalVerdict(for: request) }

    @Test("the program of a process: as sha256sum says")
    func running() throws {
        let program = try Program(path)
        let verdict = try verdict(request(path, pid: program.pid))
        #expect(hexadecimal(verdict.sha256) == hash)
        #expect(verdict.failure == nil && !verdict.hasChangedSinceStart)
        #expect(verdict.package == nil && !verdict.isPackageKnown)
    }

    @Test("a program that was deleted after it was started")
    func deleted() throws {
        let request = try request(path, pid: 0)
        let program = try Program(path)
        try remove(path)
        var running = request
        running.pid = program.pid
        #expect(try hexadecimal(verdict(running).sha256) == hash)
    }

    @Test("a program that was replaced while it runs: the one that runs")
    func replaced() throws {
        let program = try Program(path)
        let request = try request(path, pid: program.pid)
        try replace(path, with: folder.copy("/bin/sleep", to: "successor", padding: "!"))
        #expect(try hexadecimal(verdict(request).sha256) == hash)
    }

    @Test("a program whose mode was changed while it runs")
    func modeChanged() throws {
        let program = try Program(path)
        let request = try request(path, pid: program.pid)
        try changeMode(path, 0o700)
        #expect(try hexadecimal(verdict(request).sha256) == hash)
    }

    @Test("the process has ended, its program is still there")
    func ended() throws {
        let program = try Program(path)
        let request = try request(path, pid: program.pid)
        program.end()
        #expect(try hexadecimal(verdict(request).sha256) == hash)
    }

    @Test("the process has ended, and so has its file: gone")
    func endedAndDeleted() throws {
        let request = try request(path, pid: endedPid())
        try remove(path)
        #expect(try verdict(request) == FileVerdict(failure: .gone))
    }

    @Test("the process has ended, a successor is at its path: never hashed")
    func successor() throws {
        let request = try request(path, pid: endedPid())
        try replace(path, with: folder.copy("/bin/sleep", to: "successor"))
        #expect(try verdict(request) == FileVerdict(failure: .gone))
    }

    @Test("the process has ended, the file at its path was touched since: not believed")
    func touched() throws {
        let before = try request(path, pid: endedPid())
        // Even with the old mtime: somebody may have put everything back but ctime, which nobody can.
        try append("!", to: path)
        try shorten(path, off_t(before.stamp.size))
        var times = [timespec](repeating: timespec(), count: 2)
        for index in times.indices {
            times[index].tv_sec = Int(before.stamp.modifiedNanoseconds / 1_000_000_000)
            times[index].tv_nsec = Int(before.stamp.modifiedNanoseconds % 1_000_000_000)
        }
        // Two times, as utimensat wants.
        try #require(unsafe utimensat(AT_FDCWD, path, &times, 0) == 0)
        let now = try stamp(path)
        try #require(now.modifiedNanoseconds == before.stamp.modifiedNanoseconds && now.size == before.stamp.size)
        var request = before
        // As the clock of ctime may not have ticked since.
        request.stamp.changedNanoseconds = now.changedNanoseconds - 1
        #expect(try verdict(request) == FileVerdict(failure: .gone))
    }

    @Test("the process has ended, its file was written to: changed")
    func written() throws {
        let request = try request(path, pid: endedPid())
        try append("!", to: path)
        let verdict = try verdict(request)
        #expect(verdict == FileVerdict(failure: .changed))
        #expect(verdict.hasChangedSinceStart)
    }

    @Test("a running file with another length or mtime than at exec: changed")
    func changedWhileRunning() throws {
        let program = try Program(path)
        var longer = try request(path, pid: program.pid)
        longer.stamp.size += 1
        #expect(try verdict(longer).hasChangedSinceStart)
        var older = try request(path, pid: program.pid)
        older.stamp.modifiedNanoseconds -= 1
        #expect(try verdict(older).hasChangedSinceStart)
    }

    @Test("a process that executes another program by now: the file at the path, if it is the one")
    func otherProgram() throws {
        let other = try Program(folder.copy("/bin/sleep", to: "other", padding: "!"))
        let request = try request(path, pid: other.pid)
        #expect(try hexadecimal(verdict(request).sha256) == hash)
        var gone = request
        gone.path = Array(folder.file("nothing").utf8)
        #expect(try verdict(gone) == FileVerdict(failure: .gone))
    }

    @Test("inode and device that stat tells differently (btrfs, overlayfs): by length, mtime and ctime")
    func otherNumbers() throws {
        let program = try Program(path)
        var request = try request(path, pid: program.pid)
        request.stamp.device = 0x42
        request.stamp.inode += 1
        #expect(try hexadecimal(verdict(request).sha256) == hash)
        request.stamp.changedNanoseconds -= 1
        #expect(try verdict(request) == FileVerdict(failure: .gone))
    }

    @Test("a link as last component, a FIFO, a folder at the path")
    func notFiles() throws {
        let link = folder.file("link")
        try symbolicLink(path, link)
        #expect(try verdict(request(link, stamp: stamp(path))) == FileVerdict(failure: .gone))
        let fifo = folder.file("fifo")
        try makeFIFO(fifo)
        #expect(try verdict(request(fifo)) == FileVerdict(failure: .notRegular))
        #expect(try verdict(request(folder.path)) == FileVerdict(failure: .notRegular))
    }

    @Test("paths that cannot be: relative, cut at the front, with NUL, too long")
    func badPaths() throws {
        for bad in ["", "program", "…/program", "/a\0b", "/" + String(repeating: "x", count: 5000)] {
            #expect(try verdict(request(bad, stamp: stamp(path))) == FileVerdict(failure: .gone))
        }
    }

    @Test("a file that gives an error to its reader")
    func unreadable() throws {
        // Its first bytes belong to no memory: EIO, even for root.
        let program = try Program(path)
        let memory = "/proc/\(program.pid)/mem"
        let held = try OpenFile(memory, flags: O_RDONLY)
        let stamp = FileStamp(try held.status())
        #expect(try verdict(request(memory, stamp: stamp)) == FileVerdict(failure: .unreadable))
    }

    @Test("a program that its user may not read", .enabled(if: geteuid() != 0))
    func noRight() throws {
        try changeMode(path, 0o111)
        #expect(try verdict(request(path)) == FileVerdict(failure: .unreadable))
    }

    @Test("nothing known of the file: what the process runs, if it is that process")
    func unknownStamp() throws {
        let program = try Program(path)
        var request = try request(path, pid: program.pid, stamp: FileStamp())
        #expect(try hexadecimal(verdict(request).sha256) == hash)
        let stat = try String(contentsOfFile: "/proc/\(program.pid)/stat", encoding: .utf8)
        let ticks = try #require(UInt64(stat.split(separator: ")").last!.split(separator: " ")[19]))
        request.startBootNanoseconds = ticks * 10_000_000 + 3_000_000
        #expect(try hexadecimal(verdict(request).sha256) == hash)
        request.startBootNanoseconds += 10_000_000
        #expect(try verdict(request) == FileVerdict(failure: .gone))
        request.pid = try endedPid()
        #expect(try verdict(request) == FileVerdict(failure: .gone))
    }

    @Test("any of several processes leads to a deleted file")
    func severalProcesses() throws {
        let program = try Program(path)
        let living = try request(path, pid: program.pid)
        let ended = try request(path, pid: endedPid())
        try remove(path)
        let search = ExecutableSearch(stamp: living.stamp, path: living.path)
        #expect(throws: HashFailure.gone) { try search.find([ended]).get() }
        #expect(try search.find([ended, living]).get().stamp.inode == living.stamp.inode)
    }
}
