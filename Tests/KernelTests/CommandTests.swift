internal import Foundation
internal import Testing

extension KernelSuite {
    /// `tattle trace -- COMMAND`.
    @Suite("A traced command")
    struct Command {
        @Test(
            "ends tattle with its status",
            arguments: Kernel.hookSets,
            [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)] as [(String, Int32)])
        func status(hookSet: String, script: (String, Int32)) throws {
            let log = try Trace.run(hookSet, [], ["/bin/sh", "-c", script.0])
            #expect(log.status == script.1)
            let records = try log.records()
            #expect(records.last?.tattle?.stop?.reason == "command_exited")
            #expect(records.last?.tattle?.stop?.status == script.1)
            #expect(records.first?.tattle?.command == ["/bin/sh", "-c", script.0])
            #expect(log.errors.split(separator: "\n").count == 1, "a summary of one line: \(log.errors)")
        }

        @Test(
            "that is not found is 127, that may not be executed 126, and nothing is left", arguments: Kernel.anyHookSet)
        func notExecutable(hookSet: String) throws {
            let folder = try Folder()
            try folder.make("plain")
            _ = FileManager.default.createFile(
                atPath: folder.at("broken"), contents: Data("#!/nonexistent/interpreter\n".utf8),
                attributes: [.posixPermissions: 0o755])
            for (command, status) in [
                ("/nonexistent/program", 127), ("no-such-program-xyz", 127), (folder.at("plain"), 126),
                (folder.path, 126), (folder.at("broken"), 126),
            ] as [(String, Int32)] {
                let log = try Trace.run(hookSet, [], [command])
                #expect(log.status == status, "\(command): \(log.errors)")
                #expect(log.errors.split(separator: "\n").count == 1, "\(command): \(log.errors)")
                #expect(log.errors.contains(command), "\(command): \(log.errors)")
                // Nothing half-written: either no log or a whole one.
                if !log.data.isEmpty { _ = try log.records() }
            }
        }

        @Test(
            "is logged with its descendants, orphans in another session too, and nobody else",
            arguments: Kernel.hookSets)
        func descendants(hookSet: String) throws {
            let folder = try Folder()
            let stranger = try Child(Kernel.attempts, ["--start-when", folder.at("go"), "tcp4-refused"])
            let script = """
                touch '\(folder.at("go"))'
                '\(Kernel.attempts)' background udp4-no-listener
                '\(Kernel.attempts)' tcp6-refused
                sleep 1
                """
            let log = try Trace.run(hookSet, [], ["/bin/sh", "-c", script])
            #expect(log.status == 0, "\(log.errors)")
            #expect(try stranger.wait() == 0)
            let pids = Set(try log.truths().map(\.pid))
            let records = try log.records()
            #expect(Set(records.attempts.compactMap { $0.process?.pid }) == pids)
            #expect(records.attempts.count == 2)
            #expect(records.disconnects.count == 1)
        }

        @Test("with --system is logged with everybody", arguments: Kernel.hookSets)
        func systemWide(hookSet: String) throws {
            let folder = try Folder()
            let stranger = try Child(Kernel.attempts, ["--start-when", folder.at("go"), "tcp4-refused"])
            let script = "touch '\(folder.at("go"))'; while ! test -e '\(folder.at("done"))'; do sleep 0.1; done"
            let trace = try Trace(hookSet, ["--system"], command: ["/bin/sh", "-c", script])
            #expect(try stranger.wait() == 0)
            try folder.make("done")
            let log = try trace.end()
            #expect(log.status == 0, "\(log.errors)")
            #expect(try log.records().by([stranger.pid]).attempts.count == 1)
        }

        @Test("gets neither tattle's descriptors nor its signal mask", arguments: Kernel.hookSets)
        func inheritance(hookSet: String) throws {
            let script = "ls -l /proc/self/fd; grep -E '^Sig(Blk|Ign)' /proc/self/status"
            let plain = try Child("/bin/sh", ["-c", script])
            #expect(try plain.wait() == 0)
            let traced = try Trace.run(hookSet, [], ["/bin/sh", "-c", script])
            func facts(_ text: String) -> [String] {
                // `ls` itself has the folder open; without it, what is open is what was inherited.
                let lines = text.split(separator: "\n").map(String.init)
                // The C library's own signals, from 32 on, are whatever the test's parent made of them.
                let masks = lines.filter { $0.hasPrefix("Sig") }.map { line in
                    "\(line.prefix(6)) \((UInt64(line.suffix(16), radix: 16) ?? .max) & 0x7fff_ffff)"
                }
                return masks + ["\(lines.count { $0.contains(" -> ") }) open"]
            }
            #expect(facts(traced.output) == facts(plain.output))
            #expect(!traced.output.contains("bpf"))
        }

        @Test("is sent the signals that tattle gets; the log is whole", arguments: Kernel.hookSets, [SIGINT, SIGTERM])
        func forwarded(hookSet: String, signal: Int32) throws {
            let script = "trap 'exit 9' INT TERM; '\(Kernel.attempts)' tcp4-refused; while :; do sleep 0.1; done"
            let trace = try Trace(hookSet, [], command: ["/bin/sh", "-c", script])
            try waitUntil("the attempt was made") { trace.folder.text("stdout").contains("tcp4-refused") }
            let log = try trace.stop(signal)
            #expect(log.status == 9, "\(log.errors)")
            #expect(try log.records().attempts.count == 1)
        }
    }
}
