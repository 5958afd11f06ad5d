internal import Testing

extension KernelSuite {
    /// Whoever else is at the same hooks takes nothing away.
    @Suite("Beside another tracer")
    struct Company {
        /// What fails, waits, succeeds and ends, by each hook of a set.
        private static let kinds = Kernel.kinds.filter { kind in
            ["tcp4-refused", "tcp6-", "udp4-", "mptcp4-", "raw4-"].contains { kind.hasPrefix($0) }
        }

        @Test("on the same hooks, both record every attempt, once", arguments: Kernel.hookSets)
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
