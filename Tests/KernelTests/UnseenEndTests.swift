internal import Testing

extension KernelSuite {
    /// Kernels may run no program in some threads, nor in what interrupts them, and say nothing.
    @Suite("A connection's end that no program saw")
    struct UnseenEnds {
        private struct Report: Decodable {
            var is_kept: Bool
        }

        @Test(
            "is counted as lost when its socket is closed, and nothing is kept of it",
            arguments: Kernel.hookSets.filter { $0 == "tracepoint" })
        func isCounted(hookSet: String) throws {
            let trace = try Trace(hookSet, ["--no-inventory"])
            try trace.waitUntilLive()
            let child = try Child(Kernel.attempts, ["unseen-end", "\(trace.pid)"])
            #expect(try child.wait() == 0, "\(child.errors)")
            #expect(try child.output.decodedLines(as: Report.self).map(\.is_kept) == [false])
            let records = try trace.stop().records()
            let lost = records.of("events_lost").compactMap(\.tattle?.lost).filter { $0.cause == "skipped" }
            #expect(lost.reduce(0) { $0 + $1.count } == 1, "\(records.of("events_lost").map(\.summary))")
        }
    }
}
