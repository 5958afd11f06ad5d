internal import Foundation
internal import Testing

extension KernelSuite {
    /// What is wrong is said in one line, with an exit code from the table, and nothing was touched.
    @Suite("Bad input")
    struct BadInput {
        /// Options that are no good.
        struct Case: Sendable, CustomTestStringConvertible {
            var options: [String]
            var testDescription: String { options.joined(separator: " ") }
        }

        static let mistakes = [
            ["--to", "300.1.2.3/8"], ["--to", "10.0.0.0/33"], ["--to", "10.0.0.0/"], ["--to", "10.0.0.0/-1"],
            ["--to", "banana"], ["--to", ""], ["--to", "10.0.0.0/8/8"], ["--not-to", "fe80::/129"],
            ["--not-to", "fe80::g/64"], ["--port", "70000"], ["--port=-1"], ["--port", "0"], ["--port", "http"],
            ["--ring-size", "3MiB"], ["--ring-size", "0"], ["--ring-size", "100"], ["--ring-size", "big"],
            ["--ring-size", "1KiB"], ["--ring-size", "16EiB"], ["--user", "no-such-user-xyz"], ["--user", ""],
            ["--pid=-5"], ["--pid", "many"], ["--settle", "banana"], ["--settle=-1s"], ["--settle", "1y"],
            ["--duration=-1s"], ["--duration", "soon"], ["--proto", "icmp"], ["--hooks", "fishing"],
            ["--format", "xml"], ["--frobnicate"],
            ["--env", "HOME", "--env", "none"], ["--output"], ["stray"],
        ].map { Case(options: $0) }

        @Test("in the call is 64 and one line", arguments: mistakes)
        func usage(bad: Case) throws {
            let folder = try Folder()
            // Options given last win, so the output is one that a mistake would create.
            let child = try Child(Kernel.tattle, ["trace", "--output", folder.at("log")] + bad.options)
            #expect(try child.wait() == 64, "\(child.errors)")
            checkOneLine(child.errors)
            if let value = bad.options.last?.split(separator: "=").last, bad.options != ["--output"],
                bad.options.last != ""
            {
                #expect(child.errors.contains(value), "it does not say what was wrong: \(child.errors)")
            }
            #expect(child.output == "")
            #expect(!folder.has("log"), "the output was created")
        }

        @Test("that wants beacons in a form without a place for them is 64 and says so")
        func beaconsAsZeek() throws {
            let folder = try Folder()
            let child = try Child(
                Kernel.tattle, ["trace", "--output", folder.at("log"), "--beacons", "--format", "zeek"])
            #expect(try child.wait() == 64, "\(child.errors)")
            checkOneLine(child.errors)
            #expect(child.errors.contains("conn.log has no place for what --beacons finds"))
            #expect(!folder.has("log"), "the output was created")
        }

        @Test("that asks for everybody beside no command is 64")
        func systemWithoutCommand() throws {
            let folder = try Folder()
            let child = try Child(Kernel.tattle, ["trace", "--output", folder.at("log"), "--system"])
            #expect(try child.wait() == 64, "\(child.errors)")
            checkOneLine(child.errors)
            #expect(!folder.has("log"), "the output was created")
        }

        @Test("in a place for the metrics is 73, and no log is begun", arguments: Kernel.anyHookSet)
        func metricsFile(hookSet: String) throws {
            let folder = try Folder()
            let child = try Child(
                Kernel.tattle,
                ["trace", "--hooks", hookSet, "--output", folder.at("log"), "--metrics-file", "/nonexistent/metrics"])
            #expect(try child.wait() == 73, "\(child.errors)")
            checkOneLine(child.errors)
            #expect(!folder.has("log"), "the output was created")
        }

        @Test("in a place for the output is 73 and one line", arguments: Kernel.anyHookSet)
        func output(hookSet: String) throws {
            for path in ["/nonexistent/folder/log", "/nonexistent/folder/log/", "/proc/log", "/proc"] {
                let child = try Child(
                    Kernel.tattle, ["trace", "--hooks", hookSet, "--duration", "0.1s", "--output", path])
                #expect(try child.wait() == 73, "\(path): \(child.errors)")
                checkOneLine(child.errors)
                #expect(child.errors.contains("'\(path.hasSuffix("/") ? String(path.dropLast()) : path)'"))
            }
        }

        @Test("that is a full disk is 74 and one line", arguments: Kernel.anyHookSet)
        func fullDisk(hookSet: String) throws {
            let command = [Kernel.attempts, "run", "tcp4-refused"]
            for options in [["--duration", "1s"], ["--"] + command] {
                let child = try Child(Kernel.tattle, ["trace", "--hooks", hookSet, "--output", "/dev/full"] + options)
                #expect(try child.wait() == 74, "\(child.errors)")
                checkOneLine(child.errors)
                let told = try #require(
                    child.errors.firstMatch(
                        of: /'\/dev\/full': .*; (\d+) of (\d+) lines are not in the log of \d+ attempt/),
                    "\(child.errors)")
                #expect(told.1 == told.2 && told.1 != "0", "\(child.errors)")
            }
        }

        @Test(
            "that is a full disk is 74 and one line for what only tells something",
            arguments: ["doctor", "schema", "--help"])
        func fullDiskWithoutTrace(word: String) throws {
            let child = try Child("/bin/sh", ["-c", "exec \"$0\" \"$1\" >/dev/full", Kernel.tattle, word])
            #expect(try child.wait() == 74, "\(child.errors)")
            checkOneLine(child.errors)
            #expect(child.errors.contains("No space left on device"))
        }

        @Test(
            "is no missing configuration that nobody asked for",
            .enabled(if: !FileManager.default.fileExists(atPath: "/etc/tattle/tattle.toml")))
        func noConfiguration() throws {
            let child = try Child(Kernel.tattle, ["config", "check"])
            #expect(try child.wait() == 0, "\(child.errors)")
            #expect(child.errors.contains("everything is recorded"))
            let named = try Child(Kernel.tattle, ["config", "check", "--config", "/nonexistent/tattle.toml"])
            #expect(try named.wait() == 78, "\(named.errors)")
        }

        @Test("starts no command", arguments: Kernel.anyHookSet)
        func commandNotStarted(hookSet: String) throws {
            let folder = try Folder()
            for options in [["--port", "70000"], ["--output", "/nonexistent/log"], ["--user", "no-such-user-xyz"]] {
                let command = ["--", "/bin/sh", "-c", "touch '\(folder.at("started"))'"]
                let child = try Child(Kernel.tattle, ["trace", "--hooks", hookSet] + options + command)
                #expect(try child.wait() != 0)
                #expect(!folder.has("started"), "\(options)")
            }
        }

        @Test("that is a file with lines already is appended to", arguments: Kernel.anyHookSet)
        func appends(hookSet: String) throws {
            let folder = try Folder()
            for _ in 0..<2 {
                _ = try Trace(hookSet, ["--duration", "0.1s"], folder: folder).end()
            }
            let records = try folder.text("log").decodedLines(as: Record.self)
            #expect(records.of("tracing_started").count == 2)
            #expect(records.of("tracing_stopped").count == 2)
        }

        private func checkOneLine(_ text: String) {
            #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == 2, "not one line: \(text)")
            #expect(text.hasSuffix("\n"))
        }
    }
}
