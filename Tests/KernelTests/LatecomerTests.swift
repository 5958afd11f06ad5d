internal import Foundation
internal import Testing

extension KernelSuite {
    /// What was not there yet when tattle started.
    @Suite("What comes late")
    struct Latecomers {
        @Test(
            "a network namespace that comes and goes between two heartbeats hides nothing", arguments: Kernel.hookSets)
        func namespace(hookSet: String) throws {
            let trace = try Trace(hookSet, ["--settle", KindsRun.settle, "--heartbeat", "1s"])
            try trace.waitUntilLive()
            var truths: [Truth] = []
            for _ in 0..<12 {
                // Each in a namespace of its own, which ends with it.
                let child = try Child(Kernel.attempts, ["run", "tcp4-refused", "udp4-no-listener"])
                #expect(try child.wait() == 0, "\(child.errors)")
                truths += try child.output.decodedLines(as: Truth.self)
            }
            let records = try trace.stop().records()
            try Kernel.checking {
                for truth in truths {
                    let problems = Verdict(records.by(truth.pids), truth).problems
                    #expect(problems.isEmpty, "\(truth.kind): \(problems)")
                }
                let namespaces = records.of("heartbeat").flatMap { $0.tattle?.heartbeat?.namespaces ?? [] }
                #expect(namespaces.allSatisfy { ($0.missing?.tcp_syn ?? 0) == 0 }, "\(namespaces)")
                #expect(records.of("events_lost").isEmpty)
            }
            #expect(truths.count == 24 && truths.allSatisfy { $0.status == "as_expected" })
        }

        @Test("a tattle takes away the probes that one left behind which was killed", arguments: Kernel.hookSets)
        func probes(hookSet: String) throws {
            guard hookSet == "kprobe" else { return }
            let killed = try Trace(hookSet)
            try killed.waitUntilLive()
            #expect(try probes(of: killed.pid) > 0)
            _ = try killed.stop(SIGKILL)
            #expect(try probes(of: killed.pid) > 0)
            let next = try Trace(hookSet)
            try next.waitUntilLive()
            #expect(try probes(of: killed.pid) == 0 && probes(of: next.pid) > 0)
            _ = try next.stop()
            #expect(try probes(of: next.pid) == 0)
        }

        /// How many probes a process has made that stay when it goes.
        private func probes(of pid: Int32) throws -> Int {
            let list = try String(contentsOfFile: "/sys/kernel/tracing/kprobe_events", encoding: .utf8)
            return list.split(separator: "\n").count { $0.contains(":tattle_\(pid)/") }
        }
    }
}
