internal import Foundation
internal import Testing

extension KernelSuite {
    /// How tracing ends: with everything written and nothing left behind.
    @Suite("The end of tracing")
    struct End {
        @Test("by a signal flushes, and tracing_stopped is last", arguments: Kernel.hookSets, [SIGINT, SIGTERM])
        func signal(hookSet: String, signal: Int32) throws {
            let trace = try Trace(hookSet, ["--settle", "10m"])
            try trace.waitUntilLive()
            let workload = try Child(
                Kernel.attempts, ["run", "tcp4-refused", "udp4-connected-many", "tcp4-established"])
            #expect(try workload.wait() == 0)
            let truths = try workload.output.decodedLines(as: Truth.self)
            let log = try trace.stop(signal)
            #expect(log.status == 0, "\(log.errors)")
            let records = try log.records()
            let stop = records.last?.tattle?.stop
            #expect(stop?.reason == "signal")
            #expect(stop?.signal == signal)
            for truth in truths {
                #expect(records.by([truth.pid]).attempts.count == 1, "\(truth.kind)")
            }
            #expect(log.errors.split(separator: "\n").count == 1, "a summary of one line: \(log.errors)")
            #expect(log.errors.contains("\(records.attempts.count) attempt"), "\(log.errors)")
        }

        @Test("by --duration is a success", arguments: Kernel.hookSets)
        func duration(hookSet: String) throws {
            let log = try Trace(hookSet, ["--duration", "0.3s"]).end()
            #expect(log.status == 0, "\(log.errors)")
            #expect(try log.records().last?.tattle?.stop?.reason == "duration_elapsed")
        }

        @Test("because nobody reads any more is quiet", arguments: Kernel.hookSets)
        func closedPipe(hookSet: String) throws {
            let folder = try Folder()
            let script = """
                '\(Kernel.tattle)' trace --hooks \(hookSet) -- '\(Kernel.attempts)' flood-tcp 3000 \
                2>'\(folder.at("errors"))' | head -n 1
                """
            let child = try Child("/bin/sh", ["-c", script])
            #expect(try child.wait() == 0)
            #expect(child.output.split(separator: "\n").count == 1)
            #expect(child.output.contains("tracing_started"))
            #expect(folder.text("errors") == "")
        }

        @Test("leaves no program in the kernel", arguments: Kernel.hookSets)
        func nothingLeft(hookSet: String) throws {
            // Programs of other runs of tattle, and of the last one, whose end the kernel puts off, may be there.
            let before = try programs()
            let trace = try Trace(hookSet)
            try trace.waitUntilLive()
            let own = heldPrograms(of: trace.pid)
            let seen = try programs()
            #expect(!own.isEmpty, "tattle holds no program?")
            #expect(own.isSubset(of: seen))
            #expect(own.isDisjoint(with: before))
            _ = try trace.stop()
            try waitUntil("tattle's programs are gone") { try programs().isDisjoint(with: own) }
        }

        @Test("when killed leaves no program in the kernel", arguments: Kernel.hookSets)
        func nothingLeftWhenKilled(hookSet: String) throws {
            let trace = try Trace(hookSet)
            try trace.waitUntilLive()
            let own = heldPrograms(of: trace.pid)
            #expect(!own.isEmpty)
            #expect(try trace.stop(SIGKILL).status == 137)
            try waitUntil("tattle's programs are gone") { try programs().isDisjoint(with: own) }
        }

        private struct State: Decodable {
            var programs: Set<Int>
        }

        /// tattle's programs in the kernel, of whichever run.
        private func programs() throws -> Set<Int> {
            let child = try Child(Kernel.attempts, ["bpf-state"])
            _ = try child.wait()
            return try child.output.decodedLines(as: State.self).first?.programs ?? []
        }

        /// The programs that a process holds descriptors of, by itself or through a link.
        private func heldPrograms(of pid: Int32) -> Set<Int> {
            let folder = "/proc/\(pid)/fdinfo"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            let lines = names.flatMap { name in
                (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8))?.split(separator: "\n") ?? []
            }
            return Set(
                lines.compactMap { line in
                    line.hasPrefix("prog_id:") ? Int(line.dropFirst(8).trimmingCharacters(in: .whitespaces)) : nil
                })
        }
    }
}
