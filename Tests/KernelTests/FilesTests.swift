internal import Foundation
internal import Testing

extension KernelSuite {
    /// A log of many files.
    @Suite("Files of a folder")
    struct Files {
        private let folder: Folder
        private let log: LogFolder

        init() throws {
            folder = try Folder()
            log = LogFolder(path: folder.at("log"))
        }

        private func arguments(_ hookSet: String, _ options: [String], command: [String]) -> [String] {
            ["trace", "--hooks", hookSet, "--output", log.path + "/"] + options
                + (command.isEmpty ? [] : ["--"] + command)
        }

        private func start(_ hookSet: String, _ options: [String] = [], command: [String] = []) throws -> Child {
            try Child(Kernel.tattle, arguments(hookSet, options, command: command))
        }

        private func waitForFiles(_ count: Int, of tattle: Child) throws {
            try waitUntil("there are \(count) files; tattle says: \(tattle.errors)") {
                (try? log.names().count) ?? 0 >= count
            }
        }

        @Test("500 of them under load: every record once, numbered without a gap", arguments: Kernel.anyHookSet)
        func rotation(hookSet: String) throws {
            // Each file holds its first line and two or three others.
            let count = 1500
            let tattle = try start(
                hookSet, ["--rotate-size", "8KiB", "--compress", "zstd", "--no-inventory"],
                command: [Kernel.attempts, "flood-tcp", "\(count)"])
            #expect(try tattle.wait() == 0, "\(tattle.errors)")
            #expect(tattle.errors.contains(" 0 lost"), "\(tattle.errors)")
            #expect(try log.names().count > 500)
            let records = try log.records()
            #expect(records.checkRuns().count == 1)
            #expect(records.map(\.event.sequence) == Array(0..<UInt64(records.count)))
            #expect(records.attempts.count == count)
            let heads = records.of("tracing_started").compactMap { $0.tattle?.file }
            #expect(heads.map(\.sequence) == Array(0..<UInt64(heads.count)))
            #expect(heads.first?.cause == "start" && heads.dropFirst().allSatisfy { $0.cause == "size" })
            #expect(records.last?.event.action == "tracing_stopped")
        }

        @Test(
            "killed at random moments: files are whole, every death is told, nothing is there twice",
            arguments: Kernel.anyHookSet)
        func killed(hookSet: String) throws {
            let options = ["--rotate-size", "60KiB", "--compress", "zstd", "--fsync", "none", "--no-inventory"]
            // Some of it is under way whenever tattle is killed.
            let load = "for i in $(seq 60); do '\(Kernel.attempts)' flood-tcp 8 >/dev/null; sleep 0.01; done"
            var starts = 0
            // Killed after their first file was there.
            var begun = 0
            for number in 0..<Kernel.kills {
                let hasToBegin = number % 2 == 0
                let filesBefore = (try? log.names().count) ?? 0
                let tattle = try start(hookSet, options, command: ["/bin/sh", "-c", load])
                // Every other one from before the hooks are live until after the command's end.
                if hasToBegin { try waitForFiles(filesBefore + 1, of: tattle) }
                usleep(.random(in: hasToBegin ? 0...500_000 : 200_000...1_500_000))
                tattle.send(SIGKILL)
                let wasKilled = try tattle.wait() == 137
                starts += wasKilled ? 1 : 0
                begun += wasKilled && hasToBegin ? 1 : 0
            }
            #expect(begun > 0, "it never was killed: it ended before")
            let last = try start(hookSet, options, command: ["/bin/true"])
            #expect(try last.wait() == 0, "\(last.errors)")
            #expect(try log.temporaries().filter { !$0.contains(".ndjson.zst.") } == [])
            let records = try log.records()
            let runs = records.checkRuns()
            let stopped = Set(records.of("tracing_stopped").compactMap { $0.agent?.ephemeral_id })
            let died = runs.filter { !stopped.contains($0.run) }
            let told = records.compactMap { $0.tattle?.lost?.run }
            #expect(told.map(\.id) == died.map(\.run))
            #expect(told.map(\.last_sequence) == died.map(\.last))
            #expect((begun / 2...starts).contains(died.count), "\(died.count) died, \(begun) of \(starts) had begun")
        }

        @Test("SIGHUP and --rotate-every end a file, and not the run", arguments: Kernel.anyHookSet)
        func signalAndTime(hookSet: String) throws {
            let tattle = try start(hookSet, ["--no-inventory"])
            try waitForFiles(1, of: tattle)
            for count in 2...3 {
                tattle.send(SIGHUP)
                try waitForFiles(count, of: tattle)
            }
            tattle.send(SIGTERM)
            #expect(try tattle.wait() == 0, "\(tattle.errors)")
            // An idle file is not ended: here the heartbeats fill them.
            let timed = try start(hookSet, ["--no-inventory", "--rotate-every", "100ms", "--heartbeat", "50ms"])
            try waitForFiles(6, of: timed)
            timed.send(SIGTERM)
            #expect(try timed.wait() == 0, "\(timed.errors)")
            let records = try log.records()
            #expect(records.checkRuns().count == 2)
            let causes = records.of("tracing_started").compactMap { $0.tattle?.file?.cause }
            #expect(causes.prefix(5) == ["start", "signal", "signal", "start", "time"])
            #expect(records.of("tracing_stopped").count == 2)
            #expect(records.of("events_lost").isEmpty)
        }

        @Test("a second tattle is refused, with the reason", arguments: Kernel.anyHookSet)
        func second(hookSet: String) throws {
            let first = try start(hookSet)
            try waitForFiles(1, of: first)
            let second = try start(hookSet)
            #expect(try second.wait() == 73)
            #expect(second.errors == "tattle: another tattle writes into the folder '\(log.path)'\n")
            first.send(SIGTERM)
            #expect(try first.wait() == 0, "\(first.errors)")
            #expect(try log.records().checkRuns().count == 1)
        }

        @Test("a folder that is removed is made again, and what comes after is there", arguments: Kernel.anyHookSet)
        func removed(hookSet: String) throws {
            let tattle = try start(hookSet, ["--no-inventory", "--settle", "0"])
            try waitForFiles(1, of: tattle)
            try FileManager.default.removeItem(atPath: log.path)
            let workload = try Child(Kernel.attempts, ["flood-tcp", "50"])
            #expect(try workload.wait() == 0)
            try waitUntil("it writes again: \(tattle.errors)") { tattle.errors.contains("again") }
            tattle.send(SIGTERM)
            #expect(try tattle.wait() == 0, "\(tattle.errors)")
            let records = try log.records()
            #expect(records.first?.tattle?.file?.cause == "replaced")
            #expect(records.by([workload.pid]).attempts.count == 50)
            #expect(records.last?.event.action == "tracing_stopped")
            let complaints = tattle.errors.split(separator: "\n").filter { $0.contains(log.path) }
            #expect(complaints.count == 2, "\(tattle.errors)")
        }

        @Test(
            "a full disk for a while: what is lost is counted, and it goes on by itself", arguments: Kernel.anyHookSet)
        func fullDisk(hookSet: String) throws {
            // Far more than the 64 MiB that are held, and than there is room for.
            let count = 40_000
            let disk = try Child(
                "/usr/bin/unshare",
                ["-m", "sh", "-c", "mount -t tmpfs -o size=160m tmpfs /mnt && echo ready && exec sleep 3600"])
            try waitUntil("a file system is mounted: \(disk.errors)") { disk.output == "ready\n" }
            let place = "/proc/\(disk.pid)/root/mnt"
            try Data(count: 150 << 20).write(to: URL(filePath: place + "/filler"))
            let log = LogFolder(path: place + "/log")
            let tattle = try Child(
                Kernel.tattle,
                [
                    "trace", "--hooks", hookSet, "--output", log.path + "/", "--rotate-size", "4MiB", "--heartbeat",
                    "200ms",
                    "--ring-size", "32MiB", "--comm", Kernel.attemptsName, "--metrics-file", folder.at("tattle.prom"),
                ])
            try waitUntil("there is a file; tattle says: \(tattle.errors)") { (try? log.names().count) ?? 0 > 0 }
            let flood = try Child(Kernel.attempts, ["flood-tcp", "\(count)"])
            #expect(try flood.wait() == 0)
            try waitUntil("all of them are told of or dropped; tattle says: \(tattle.errors)") {
                let metrics = folder.metrics("tattle.prom")
                let dropped = metrics["tattle_records_lost_total{cause=\"disk_full\"}"] ?? 0
                return metrics["tattle_log_failing"] == 1 && dropped > 0
                    && (metrics["tattle_attempts_total"] ?? 0) + dropped >= Double(count)
            }
            try FileManager.default.removeItem(atPath: place + "/filler")
            try waitUntil("it writes again: \(tattle.errors)") {
                folder.metrics("tattle.prom")["tattle_log_backlog_bytes"] == 0
            }
            let late = try Child(Kernel.attempts, ["flood-tcp", "100"])
            #expect(try late.wait() == 0)
            tattle.send(SIGTERM)
            #expect(try tattle.wait() == 0, "\(tattle.errors)")
            #expect(
                tattle.errors.split(separator: "\n").filter { $0.contains(log.path) }.count == 2, "\(tattle.errors)")
            let records = try log.records()
            #expect(records.checkRuns().count == 1)
            let lost = records.of("events_lost").compactMap { $0.tattle?.lost }
            #expect(lost.contains { $0.cause == "disk_full" && $0.attempts > 0 })
            #expect(records.by([flood.pid]).attempts.count + Int(records.lostAttempts) == count)
            #expect(records.by([late.pid]).attempts.count == 100)
            let metrics = folder.metrics("tattle.prom")
            #expect(metrics["tattle_running"] == 0 && metrics["tattle_log_failing"] == 0)
            #expect(metrics["tattle_attempts_total"] == Double(records.attempts.count))
            #expect(metrics["tattle_log_lines_total"] == Double(records.count))
        }

        @Test(
            "a disk that stays full: how many lines are not in the log is told", arguments: Kernel.anyHookSet)
        func fullDiskToTheEnd(hookSet: String) throws {
            let disk = try Child(
                "/usr/bin/unshare",
                ["-m", "sh", "-c", "mount -t tmpfs -o size=200k tmpfs /mnt && echo ready && exec sleep 3600"])
            try waitUntil("a file system is mounted: \(disk.errors)") { disk.output == "ready\n" }
            let log = LogFolder(path: "/proc/\(disk.pid)/root/mnt/log")
            let tattle = try Child(
                Kernel.tattle,
                [
                    "trace", "--hooks", hookSet, "--output", log.path + "/", "--comm", Kernel.attemptsName,
                    "--no-inventory", "--settle", "0",
                ])
            try waitUntil("there is a file; tattle says: \(tattle.errors)") { (try? log.names().count) ?? 0 > 0 }
            let flood = try Child(Kernel.attempts, ["flood-tcp", "400"])
            #expect(try flood.wait() == 0)
            // The first ends the run, the next one the waiting for room.
            try waitUntil("it ends: \(tattle.errors)") {
                tattle.send(SIGTERM)
                return !tattle.isRunning
            }
            #expect(try tattle.wait() == 74, "\(tattle.errors)")
            let told = try #require(
                tattle.errors.firstMatch(of: /; (\d+) of (\d+) lines are not in the log of (\d+) attempts/),
                "\(tattle.errors)")
            let (missing, all) = (try #require(Int(told.1)), try #require(Int(told.2)))
            // Others on this machine may have made some as well.
            #expect(try #require(Int(told.3)) >= 400)
            let records = try log.records()
            #expect(missing > 0 && records.count == all - missing)
        }

        @Test("a call that makes no sense is refused, and nothing is made", arguments: Kernel.anyHookSet)
        func badCall(hookSet: String) throws {
            let table = try start(hookSet, ["--format", "table"])
            #expect(try table.wait() == 64)
            let file = try Child(
                Kernel.tattle, ["trace", "--hooks", hookSet, "--output", folder.at("file"), "--keep-files", "3"])
            #expect(try file.wait() == 64)
            let metrics = try start(hookSet, ["--metrics-file", folder.at("metrics"), "--heartbeat", "0"])
            #expect(try metrics.wait() == 64)
            #expect(!folder.has("log") && !folder.has("file"))
        }
    }
}

extension Folder {
    /// The samples of a file for Prometheus, by name and labels.
    func metrics(_ name: String) -> [String: Double] {
        let samples = text(name).split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
            line.lastIndex(of: " ").map { (String(line[..<$0]), Double(line[line.index(after: $0)...]) ?? .nan) }
        }
        return Dictionary(samples, uniquingKeysWith: { first, _ in first })
    }
}
