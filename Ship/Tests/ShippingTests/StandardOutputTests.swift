import Glibc
import Testing

/// The real program, whose standard output is closed, full, or taken away.
@Suite("tattle-ship's standard output", .serialized, .timeLimit(.minutes(5)))
struct StandardOutputTests {
    @Test("Whoever stops reading it ends this destination alone, also when it is to be done once")
    func closed() async throws {
        for isAlone in [false, true] {
            let scratch = Scratch()
            let log = GrowingLog(scratch.path("log"))
            try log.write(0..<1, recordsPerFile: 5000)
            let (pipe, file) = (scratch.path("pipe"), scratch.path("delivered"))
            #expect(unsafe mkfifo(pipe, 0o600) == 0)
            let reader = unsafe open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            let call = isAlone ? scratch.arguments(to: "-") : scratch.arguments(to: "-", "file:\(file)#linger=0s")
            let run = try Program.start(call + ["--once"], in: scratch, before: "exec >'\(pipe)';")
            // A pipe has room for less than the log has.
            var there: Int32 = 0
            while there < 32 << 10 {
                try await Task.sleep(for: .milliseconds(5))
                // Fills `there`.
                _ = unsafe ioctl(reader, UInt(FIONREAD), &there)
            }
            close(reader)
            let result = run.wait()
            #expect(result.status == 0)
            guard !isAlone else {
                #expect(result.errors == "")
                continue
            }
            #expect(GrowingLog.numbers(in: Scratch.content(file)) == (0..<log.records).map { $0 })
            #expect(result.errors == "tattle-ship: -: nobody reads it any more: it ends; the others go on\n")
            let status = try Program.run(["status", "--state", scratch.path("state")], in: scratch)
            #expect(status.output.contains("TROUBLE    nobody reads it any more"))
        }
    }

    @Test("A terminal that goes away ends it, for all that SIGHUP does not")
    func terminal() async throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<1, recordsPerFile: 500)
        let terminal = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(terminal >= 0)
        var (isLocked, number) = (Int32(0), UInt32(0))
        // TIOCSPTLCK reads `isLocked`, TIOCGPTN fills `number`: ioctl_tty(2).
        try #require(unsafe ioctl(terminal, 0x4004_5431, &isLocked) == 0 && ioctl(terminal, 0x8004_5430, &number) == 0)
        let name = "/dev/pts/\(number)"
        let run = try Program.start(scratch.arguments(to: "-"), in: scratch, before: "exec >'\(name)';")
        var there: Int32 = 0
        while there == 0 {
            try await Task.sleep(for: .milliseconds(5))
            // Fills `there`.
            _ = unsafe ioctl(terminal, UInt(FIONREAD), &there)
        }
        run.signal(SIGHUP)
        close(terminal)
        let result = run.wait()
        #expect(result.status == 0)
        #expect(result.errors == "")
    }

    @Test("A full one is an outage that is told of, and the others go on")
    func full() async throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<1, recordsPerFile: 100)
        let file = scratch.path("delivered")
        let run = try Program.start(
            scratch.arguments(to: "-", "file:\(file)") + ["--once"], in: scratch, before: "exec >/dev/full;")
        while !run.errors.contains("make room") || GrowingLog.numbers(in: Scratch.content(file)).count < log.records {
            try await Task.sleep(for: .milliseconds(5))
        }
        run.signal(SIGTERM)
        let result = run.wait()
        #expect(result.status == 0)
        #expect(result.errors.split(separator: "\n").count == 1)
        // One of the file, none of what took nothing.
        #expect(Scratch.names(scratch.path("state")).filter { $0.hasSuffix(".checkpoint") }.count == 1)
        let status = try Program.run(["status", "--state", scratch.path("state")], in: scratch)
        #expect(status.output.contains("TROUBLE    cannot write to the standard output"))
    }

    @Test("A batch that went to a file in part is taken back before it comes again")
    func torn() async throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<1, recordsPerFile: 500)
        let before = "0123456789\n"
        let output = scratch.write("output", before)
        // A file may grow to 64 blocks of 512 bytes, which is in the midst of the batch.
        let run = try Program.start(
            scratch.arguments(to: "-") + ["--once"], in: scratch,
            before: "exec >>'\(output)'; ulimit -f 64; trap '' XFSZ;")
        while !run.errors.contains("cannot write to the standard output") {
            try await Task.sleep(for: .milliseconds(5))
        }
        run.signal(SIGTERM)
        #expect(run.wait().status == 0)
        #expect(Scratch.content(output) == before)
    }
}
