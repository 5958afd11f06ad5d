internal import Testing

extension KernelSuite {
    /// Whoever else is at the same hooks takes nothing away.
    @Suite("Beside another tracer")
    struct Company {
        /// What fails, waits, succeeds and ends: of each hook of a set something.
        private static let kinds = [
            "tcp4-offline", "tcp4-refused", "tcp6-refused-nonblocking", "tcp4-timed-out", "tcp6-established",
            "tcp4-cgroup-denied", "tcp4-no-local-port", "udp4-connect-offline", "udp4-sendto-offline", "udp4-many",
            "udp6-connected-many", "udp4-sendmmsg", "udp4-splice", "mptcp4-established", "uring-tcp4-refused-sqpoll",
            "raw4-gre", "ping4", "packet4-udp", "compat-tcp4-refused",
        ].filter { Kernel.kinds.contains($0) }

        @Test("on the same hooks, both record every attempt, once", arguments: Kernel.anyHookSet)
        func bothRecord(hookSet: String) throws {
            let other = try Trace(hookSet, ["--settle", KindsRun.settle])
            try other.waitUntilLive()
            let run = try KindsRun(hookSet, Self.kinds)
            let log = try other.stop()
            let others = KindsRun(try log.records(), run.truths, log.errors)
            let truths = run.truths.values.filter { $0.status == "as_expected" }
            try #require(truths.count > Self.kinds.count / 2)
            for truth in truths {
                for (name, seen) in [("the first", others), ("the second", run)] {
                    let limits = Limit.of(hookSet, truth.kind)
                    let problems = Verdict(seen.records(of: truth), truth).problems.filter { problem in
                        !limits.contains { $0.facets.contains(problem.facet) }
                    }
                    try Kernel.checking { #expect(problems.isEmpty, "\(name) of \(truth.kind): \(problems)") }
                }
            }
            if !Kernel.skipsPrograms {
                #expect(run.records.of("events_lost").isEmpty)
                #expect(others.records.of("events_lost").isEmpty)
            }
        }
    }
}
