internal import Foundation
internal import Testing

extension KernelSuite {
    /// What comes through the ring and tells of nothing by itself.
    @Suite("Processes that attempt nothing")
    struct QuietProcesses {
        @Test("do not wake tattle for each, and are known as soon as one attempts", arguments: Kernel.hookSets)
        func processes(hookSet: String) throws {
            let count = 60
            // Nobody else's attempts: those would wake it.
            let trace = try Trace(hookSet, ["--comm", "attempts"])
            try trace.waitUntilLive()
            let before = try wakings(of: trace.pid)
            for _ in 0..<count {
                // Says how it is used, and attempts nothing.
                _ = try Child(Kernel.attempts, []).wait()
                // By themselves: of many on end tattle reads several at once anyway.
                usleep(20_000)
            }
            let after = try wakings(of: trace.pid)
            // Three records each: each would wake it, or two of them.
            #expect(after - before < count / 2)

            let child = try Child(Kernel.attempts, ["run", "tcp4-refused"])
            #expect(try child.wait() == 0, "\(child.errors)")
            try waitUntil("the attempt is written") { trace.folder.text("log").contains("\"connection_attempted\"") }
            let truths = try child.output.decodedLines(as: Truth.self)
            let records = try trace.stop().records()
            try Kernel.checking {
                for truth in truths {
                    let problems = Verdict(records.by(truth.pids), truth).problems
                    #expect(problems.isEmpty, "\(truth.kind): \(problems)")
                }
                #expect(records.attempts.by(Set(truths.flatMap(\.pids))).allSatisfy { $0.process?.parent != nil })
                #expect(records.of("events_lost").isEmpty)
            }
            #expect(truths.count == 1)
        }

        /// How often a process's first thread has waited.
        private func wakings(of pid: Int32) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") })
            return try #require(line.split(separator: "\t").last.flatMap { Int($0) })
        }
    }
}
