import Glibc
import Synchronization
import Testing

/// The real program, killed, starved and misled.
@Suite("tattle-ship", .serialized, .timeLimit(.minutes(15)))
struct ProgramTests {
    /// The n-th moment that is waited for, microseconds; the same each time.
    private func moment(_ number: Int, upTo most: UInt64) -> UInt64 {
        var value = UInt64(number + 1) &* 0x9e37_79b9_7f4a_7c15
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        return (value ^ value >> 27) % most
    }

    @Test("Killed at 50 moments while the log grows, is rotated a hundred times and compressed: nothing is lost")
    func killed() async throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        let writing = onThread { try log.write(0..<100, recordsPerFile: 200, untilStopped: true) }
        let file = scratch.path("delivered")
        for number in 0..<50 {
            let run = try Program.start(scratch.arguments(to: "file:\(file)"), in: scratch)
            try await Task.sleep(for: .microseconds(moment(number, upTo: 60_000)))
            run.signal(SIGKILL)
            _ = run.wait()
        }
        log.stop()
        try await writing.value
        #expect(log.files >= 100)
        let last = try Program.run(scratch.arguments(to: "file:\(file)") + ["--once"], in: scratch)
        #expect(last.status == 0)
        #expect(last.errors == "")
        let numbers = GrowingLog.numbers(in: Scratch.content(file))
        #expect(!numbers.contains(nil))
        #expect(Set(numbers.compactMap { $0 }) == Set(0..<log.records))
        // What comes twice is what was not acknowledged when it was killed: a number that was there before begins a run
        // of consecutive ones.
        for (before, after) in zip(numbers.compactMap { $0 }, numbers.compactMap { $0 }.dropFirst()) {
            #expect(after <= before + 1)
        }
    }

    @Test("Asked to end, it finishes the batch, and nothing comes twice", arguments: [SIGTERM, SIGINT])
    func terminated(signal: Int32) async throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        let writing = onThread { try log.write(0..<1, recordsPerFile: 200, untilStopped: true, pause: 200) }
        let file = scratch.path("delivered")
        for _ in 0..<5 {
            let before = Scratch.content(file).utf8.count
            let run = try Program.start(scratch.arguments(to: "file:\(file)#linger=0s"), in: scratch)
            // It takes signals once it delivers.
            while Scratch.content(file).utf8.count == before { try await Task.sleep(for: .milliseconds(5)) }
            // This one is no such wish.
            run.signal(SIGHUP)
            // The batch in flight would be delivered all the same; not further ones.
            for _ in 0..<3 {
                let delivered = Scratch.content(file).utf8.count
                while Scratch.content(file).utf8.count == delivered { try await Task.sleep(for: .milliseconds(5)) }
            }
            run.signal(signal)
            #expect(run.wait().status == 0)
        }
        log.stop()
        try await writing.value
        #expect(try Program.run(scratch.arguments(to: "file:\(file)") + ["--once"], in: scratch).status == 0)
        #expect(GrowingLog.numbers(in: Scratch.content(file)) == (0..<log.records).map { $0 })
    }

    @Test("Whoever reads the standard output and stops doing so does not hold up the end")
    func stuckOutput() async throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<1, recordsPerFile: 500)
        let pipe = scratch.path("pipe")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        // Open for both, so that nobody waits for another end.
        let reader = unsafe open(pipe, O_RDWR)
        defer { close(reader) }
        let settings = scratch.write("ship.toml", "stop-limit = \"0s\"\n")
        let run = try Program.start(
            scratch.arguments(to: "-") + ["--config", settings], in: scratch, before: "exec >'\(pipe)';")
        // Nobody has read anything; a pipe has room for less than a batch.
        var there: Int32 = 0
        while there < 32 << 10 {
            try await Task.sleep(for: .milliseconds(5))
            // Fills `there`.
            _ = unsafe ioctl(reader, UInt(FIONREAD), &there)
        }
        run.signal(SIGTERM)
        #expect(run.wait().status == 0)
        #expect(Scratch.names(scratch.path("state")).filter { $0.hasSuffix(".checkpoint") }.isEmpty)
    }

    @Test("Files that are removed before they are delivered are counted, in the log and in a record of its own")
    func removed() throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<1, recordsPerFile: 10)
        let call = scratch.arguments(to: "-") + ["--once"]
        #expect(GrowingLog.numbers(in: try Program.run(call, in: scratch).output) == (0..<11).map { $0 })
        try log.write(1..<6, recordsPerFile: 10)
        for file in 1...3 { log.remove(file: file) }
        let rest = try Program.run(call, in: scratch)
        let lines = rest.output.split(separator: "\n")
        #expect(lines.first?.contains("\"action\":\"records_skipped\"") == true)
        #expect(lines.first?.contains("\"cause\":\"deleted\",\"count\":33,\"exact\":true") == true)
        #expect(GrowingLog.numbers(in: lines.dropFirst().joined(separator: "\n") + "\n") == (44..<66).map { $0 })
        #expect(rest.errors.contains("33 records were removed"))
        #expect(try Program.run(call, in: scratch).output == "")
    }

    @Test("A last file that is damaged is told of, though nothing follows it")
    func damagedEnd() throws {
        for length: off_t in [20, 2000] {
            let scratch = Scratch()
            let log = GrowingLog(scratch.path("log"))
            try log.write(0..<3, recordsPerFile: 300)
            for file in 1...2 { log.remove(file: file) }
            let name = try #require(Scratch.names(log.folder).first { $0.hasSuffix(".zst") })
            #expect(unsafe truncate("\(log.folder)/\(name)", length) == 0)
            let result = try Program.run(scratch.arguments(to: "-") + ["--once"], in: scratch)
            #expect(result.status == 0)
            #expect(GrowingLog.numbers(in: result.output).count < 301)
            #expect(result.errors.contains("\(name.dropLast(4))' is damaged: what is behind the damage"))
            #expect(result.errors.split(separator: "\n").count == 1)
        }
    }

    @Test(
        "What is wrong is one line and an exit code from the table",
        arguments: [
            ("--to -", Int32(64)), ("--from /does/not/exist --to -", 66),
            ("--from /tmp --to ftp://siem", 64), ("--from /tmp --to https://a:b@siem", 64),
            ("--from /tmp --to - --state /proc/none", 73),
            ("--from /tmp --to - --metrics-file /does/not/exist", 73),
            ("--config /does/not/exist", 78), ("--nothing", 64), ("status --state /does/not/exist", 66),
        ])
    func wrong(_ call: String, status: Int32) throws {
        let scratch = Scratch()
        let result = try Program.run(call.split(separator: " ").map(String.init), in: scratch)
        #expect(result.status == status)
        #expect(result.output == "")
        #expect(result.errors.hasPrefix("tattle-ship: "))
        #expect(result.errors.split(separator: "\n").count == 1)
    }

    @Test(
        "What stands alone in a call may be a secret, and is not repeated",
        arguments: [
            ["splunk+https://u:hunter2@h"], ["a", "https://u:hunter2@h"], ["--to", "-", "https://h/?token=hunter2"],
            ["status", "https://u:hunter2@h"], ["--too=https://u:hunter2@h"],
            ["--metrics-port", "https://u:hunter2@h"],
            ["template", "https://u:hunter2@h"], ["--once=https://u:hunter2@h"],
        ])
    func secret(_ call: [String]) throws {
        let scratch = Scratch()
        let result = try Program.run(call, in: scratch)
        #expect(result.status == 64)
        #expect(!result.errors.contains("hunter2"), "\(result.errors)")
    }

    @Test("Two with the same state folder are one too many")
    func locked() async throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<1, recordsPerFile: 1)
        let file = scratch.path("delivered")
        let first = try Program.start(scratch.arguments(to: "file:\(file)"), in: scratch)
        while Scratch.content(file).isEmpty || Scratch.content(scratch.path("state/status.json")).isEmpty {
            try await Task.sleep(for: .milliseconds(5))
        }
        let metrics = scratch.write("metrics", "those of the first\n")
        let second = try Program.run(scratch.arguments(to: "-") + ["--metrics-file", metrics], in: scratch)
        #expect(second.status == 73)
        #expect(Scratch.content(metrics) == "those of the first\n")
        let status = try Program.run(["status", "--state", scratch.path("state")], in: scratch)
        #expect(status.status == 0)
        #expect(status.output.contains("(pid \(first.pid))\n"))
        first.signal(SIGTERM)
        #expect(first.wait().status == 0)
    }

    @Test("A destination that is dead does not hold up another one, and is told of once")
    func deadBesideLive() async throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<5, recordsPerFile: 100)
        let (dead, live) = (scratch.path("no/folder"), scratch.path("delivered"))
        let run = try Program.start(scratch.arguments(to: "file:\(dead)", "file:\(live)"), in: scratch)
        while GrowingLog.numbers(in: Scratch.content(live)).count < log.records
            || !run.errors.contains("make its folder")
        {
            try await Task.sleep(for: .milliseconds(5))
        }
        // It is there again; what waited arrives.
        unsafe mkdir(scratch.path("no"), 0o700)
        while GrowingLog.numbers(in: Scratch.content(dead)).count < log.records {
            try await Task.sleep(for: .milliseconds(5))
        }
        run.signal(SIGTERM)
        let result = run.wait()
        #expect(result.status == 0)
        #expect(GrowingLog.numbers(in: Scratch.content(dead)) == (0..<log.records).map { $0 })
        #expect(result.errors.split(separator: "\n").filter { $0.contains("make its folder") }.count == 1)
        #expect(result.errors.split(separator: "\n").filter { $0.contains("delivered again after") }.count == 1)
        #expect(result.errors.split(separator: "\n").count == 2)
    }

    @Test("A dry run tells what would be sent, and remembers nothing")
    func dryRun() throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<2, recordsPerFile: 10)
        let call = scratch.arguments(to: "https://siem.invalid/in#kinds=tracing_started") + ["--dry-run"]
        for _ in 0..<2 {
            let result = try Program.run(call, in: scratch)
            #expect(result.status == 0)
            #expect(result.output.hasPrefix("https://siem.invalid:443/in: 2 records, "))
        }
        #expect(Scratch.names(scratch.path("state")).isEmpty)
    }

    @Test("The status has each destination, for a person and for a program")
    func status() throws {
        let scratch = Scratch()
        let log = GrowingLog(scratch.path("log"))
        try log.write(0..<2, recordsPerFile: 10)
        let metrics = scratch.path("ship.prom")
        let call = scratch.arguments(to: "-") + ["--once", "--metrics-file", metrics]
        #expect(try Program.run(call, in: scratch).status == 0)
        let text = try Program.run(["status", "--state", scratch.path("state")], in: scratch)
        #expect(text.output.contains("delivered  22 records"))
        // It has ended: somebody should look.
        #expect(text.status == 3)
        let settings = scratch.write("ship.toml", "state = \"\(scratch.path("state"))\"\n")
        #expect(try Program.run(["status", "--config", settings], in: scratch).output.contains("22 records"))
        let json = try Program.run(["status", "--json", "--state", scratch.path("state")], in: scratch)
        #expect(json.output.contains("\"delivered_records\":22"))
        #expect(Scratch.content(metrics).contains("tattle_ship_delivered_records_total{destination=\"-\"} 22\n"))
    }
}
