import Glibc
import Testing

/// The real program, whose checkpoints are damaged, unreadable, foreign, or cannot be kept.
@Suite("tattle-ship's checkpoints", .serialized, .timeLimit(.minutes(5)))
struct ProgramCheckpointTests {
    @Test("A checkpoint that is damaged is told of, and everything comes again")
    func damagedCheckpoint() throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<3, recordsPerFile: 10)
        let call = scratch.arguments(to: "-") + ["--once"]
        #expect(GrowingLog.numbers(in: try Program.run(call, in: scratch).output) == (0..<33).map { $0 })
        #expect(try Program.run(call, in: scratch).output == "")
        let name = try #require(Scratch.names(scratch.path("state")).first { $0.hasSuffix(".checkpoint") })
        #expect(unsafe truncate(scratch.path("state/\(name)"), 40) == 0)
        let again = try Program.run(call, in: scratch)
        #expect(GrowingLog.numbers(in: again.output) == (0..<33).map { $0 })
        #expect(again.errors.contains("is damaged"))
        #expect(again.errors.split(separator: "\n").count == 1)
    }

    @Test("A checkpoint that cannot be read ends it: nothing comes twice for a wrong owner")
    func unreadableCheckpoint() throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<1, recordsPerFile: 10)
        let call = scratch.arguments(to: "-") + ["--once"]
        #expect(try Program.run(call, in: scratch).status == 0)
        let name = try #require(Scratch.names(scratch.path("state")).first { $0.hasSuffix(".checkpoint") })
        let path = scratch.path("state/\(name)")
        unsafe unlink(path)
        // Root may read whatever has a mode; a folder is read by nobody.
        #expect(unsafe mkdir(path, 0o700) == 0)
        for more in [[], ["--dry-run"]] {
            let result = try Program.run(call + more, in: scratch)
            #expect(result.status == 73)
            #expect(result.output == "")
            #expect(result.errors.contains("cannot be read: Is a directory: let tattle-ship's user read it"))
            #expect(result.errors.split(separator: "\n").count == 1)
        }
    }

    @Test("A checkpoint of another folder's log does not hide this one's")
    func anotherFolder() throws {
        let scratch = Scratch()
        let (log, other) = (GrowingLog(scratch.path("log")), GrowingLog(scratch.path("other")))
        try log.write(5..<6, recordsPerFile: 10)
        try other.write(0..<2, recordsPerFile: 10)
        #expect(try Program.run(scratch.arguments(to: "-") + ["--once"], in: scratch).status == 0)
        let call = ["--from", other.folder, "--state", scratch.path("state"), "--to", "-", "--once"]
        let result = try Program.run(call, in: scratch)
        #expect(GrowingLog.numbers(in: result.output) == (0..<22).map { $0 })
        #expect(result.errors.contains("is of another folder, '\(log.folder)': it begins with the oldest file again"))
        #expect(try Program.run(call, in: scratch).output == "")
    }

    @Test("When no checkpoint can be written it goes on, and says so once")
    func fullDisk() throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<3, recordsPerFile: 10)
        // No file may grow; a pipe may.
        let starve = """
            { ( ulimit -f 0; trap '' XFSZ; exec "$0" "$@" ) 2>&1 1>&3 | cat >&2; } 3>&1 | cat; exit;
            """
        let call = scratch.arguments(to: "-#batch-records=5") + ["--once"]
        let result = try Program.run(call, in: scratch, before: starve)
        #expect(GrowingLog.numbers(in: result.output) == (0..<33).map { $0 })
        #expect(result.errors.contains(".checkpoint' cannot be written: File too large"))
        #expect(result.errors.contains("status.json' cannot be written: File too large"))
        #expect(result.errors.split(separator: "\n").count == 2)
        #expect(GrowingLog.numbers(in: try Program.run(call, in: scratch).output) == (0..<33).map { $0 })
    }
}
