internal import Foundation
internal import Testing

extension KernelSuite {
    /// Names and arguments that nobody would choose but to break a log.
    @Suite("Hostile names and arguments")
    struct Names {
        /// What the workload says of its arguments.
        private struct Arguments: Decodable {
            var pid: Int32
            var args_bytes: UInt64
            var args_count: Int
            var args: [String]

            /// As bytes, read as UTF-8 with U+FFFD for what is none.
            var texts: [String] {
                args.map { hexadecimal in
                    let digits = Array(hexadecimal)
                    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
                        UInt8(String(digits[$0..<$0 + 2]), radix: 16)
                    }
                    return String(decoding: bytes, as: UTF8.self)
                }
            }
        }

        private func arguments(_ log: Log) throws -> Arguments {
            let line = try #require(log.output.split(separator: "\n").first { $0.contains("\"args\"") })
            return try JSONDecoder().decode(Arguments.self, from: Data(line.utf8))
        }

        @Test("that need escaping are valid JSON and come back as they were", arguments: Kernel.hookSets)
        func weird(hookSet: String) throws {
            let log = try Trace.attempts(hookSet, [], ["weird-args"])
            #expect(log.status == 0, "\(log.errors)")
            let truth = try arguments(log)
            let records = try log.records()
            #expect(records.attempts.count == 1)
            let record = try #require(records.attempts.first)
            let args = try #require(record.process?.args)
            #expect(args.map { Array($0.utf8) } == truth.texts.map { Array($0.utf8) })
            #expect(record.tattle?.process?.args_truncated == nil)
            // Nothing that deceives whoever prints the line.
            for scalar in String(decoding: log.data, as: UTF8.self).unicodeScalars where scalar != "\n" {
                #expect(scalar.value >= 0x20 && scalar.value != 0x7f && scalar.value != 0x85 && scalar.value != 0x202e)
                if scalar.value < 0x20 { break }
            }
        }

        @Test("of 4 KiB are not cut", arguments: Kernel.hookSets)
        func notCut(hookSet: String) throws {
            let log = try Trace.attempts(hookSet, [], ["big-args", "4096"])
            #expect(log.status == 0, "\(log.errors)")
            let record = try #require(try log.records().attempts.first)
            #expect(record.process?.args == (try arguments(log)).texts)
            #expect(record.tattle?.process?.args_truncated == nil)
            #expect(record.tattle?.process?.args_rest_source == nil)
        }

        /// tattle stands still until the process has ended: there is nobody left to ask.
        @Test("of a process that has ended are cut to 4 KiB, and the record says so", arguments: Kernel.hookSets)
        func ended(hookSet: String) throws {
            let trace = try Trace(hookSet)
            try trace.waitUntilLive()
            trace.send(SIGSTOP)
            let child = try Child(Kernel.attempts, ["big-args", "\(2 << 20)"])
            #expect(try child.wait() == 0)
            trace.send(SIGCONT)
            let log = try trace.stop()
            let record = try #require(log.records().attempts.first { $0.process?.pid == child.pid })
            #expect(record.tattle?.process?.args_truncated == true)
            #expect(record.tattle?.process?.args_bytes == 2 << 20)
            #expect(record.tattle?.process?.args_rest_source == nil)
            let args = try #require(record.process?.args)
            let kept = args.reduce(0) { $0 + $1.utf8.count + 1 }
            #expect((3_000...4_097).contains(kept), "\(kept) bytes")
        }

        /// It lives until its record is written.
        @Test(
            "of a process that lives are told up to what a line holds", arguments: Kernel.hookSets,
            [5_000, 20_000, 2 << 20])
        func alive(hookSet: String, bytes: Int) throws {
            let folder = try Folder()
            let trace = try Trace(
                hookSet, command: [Kernel.attempts, "big-args", "\(bytes)", "refused-until", folder.at("log")],
                folder: folder)
            let log = try trace.end()
            #expect(log.status == 0, "\(log.errors)")
            let truth = try arguments(log)
            let record = try #require(try log.records().attempts.first)
            let args = try #require(record.process?.args)
            #expect(record.tattle?.process?.args_rest_source == "procfs")
            let isCut = bytes > 20_000
            #expect(record.tattle?.process?.args_truncated == (isCut ? true : nil))
            #expect(record.tattle?.process?.args_bytes == (isCut ? UInt64(bytes) : nil))
            if isCut {
                let kept = args.reduce(0) { $0 + $1.utf8.count + 1 }
                #expect(kept > 20_000, "only \(kept) bytes were kept")
            } else {
                #expect(args == truth.texts)
            }
        }

        @Test("that a process has written over are as they were at exec", arguments: Kernel.hookSets)
        func overwritten(hookSet: String) throws {
            let folder = try Folder()
            let trace = try Trace(
                hookSet, command: [Kernel.attempts, "big-args", "20000", "overwriting", folder.at("log")],
                folder: folder)
            let log = try trace.end()
            #expect(log.status == 0, "\(log.errors)")
            let record = try #require(try log.records().attempts.first)
            let args = try #require(record.process?.args)
            #expect(args.dropFirst(3).allSatisfy { !$0.contains("*") } && args.count == 4)
            #expect(record.tattle?.process?.args_truncated == true)
            #expect(record.tattle?.process?.args_rest_source == nil)
            #expect(record.tattle?.process?.args_bytes == 20_000)
        }

        @Test("of processes and threads are valid JSON", arguments: Kernel.hookSets)
        func names(hookSet: String) throws {
            let folder = try Folder()
            let log = try Trace.attempts(hookSet, [], ["hostile-name", folder.path])
            #expect(log.status == 0, "\(log.errors)")
            let record = try #require(try log.records().attempts.first)
            #expect(record.process?.name == "\u{1b}[31m\nroot\u{fffd}\"")
            #expect(record.process?.thread.name == "\u{1b}[2J\u{1b}]0;own\u{7}\u{fffd}\n")
            let path = folder.path + "/\u{1b}[31m\nroot\u{fffd}\""
            #expect(record.process?.executable?.hasSuffix("/\u{1b}[31m\nroot\u{fffd}\"") == true)
            #expect(record.process?.args == [path, "hostile-name"])
        }

        @Test("do not escape in the table", arguments: Kernel.hookSets)
        func table(hookSet: String) throws {
            let folder = try Folder()
            for command in [["hostile-name", folder.path], ["weird-args"]] {
                let log = try Trace.attempts(hookSet, ["--format", "table"], command)
                #expect(log.status == 0, "\(log.errors)")
                let text = try #require(String(data: log.data, encoding: .utf8), "not UTF-8")
                let rows = text.split(separator: "\n").filter { $0.contains("127.0.0.1:9") }
                #expect(rows.count == 1, "\(text)")
                #expect(rows.first?.contains("refused") == true)
                let bad = text.unicodeScalars.filter {
                    $0 != "\n" && ($0.value < 0x20 || (0x7f...0x9f).contains($0.value) || $0.value == 0x202e)
                }
                #expect(bad.isEmpty, "\(bad.map(\.value))")
            }
        }
    }
}
