internal import Testing

extension KernelSuite {
    /// Everything at once, as on a machine in use: kinds at random, eight at a time.
    @Suite("A mixed load")
    struct Mixed {
        @Test(
            "is recorded as it was made, kind by kind, and the kernel counted no more", arguments: Kernel.anyHookSet)
        func load(hookSet: String) throws {
            guard let seconds = Kernel.mixedSeconds else { try Test.cancel("MIXED_SECONDS says how long") }
            // The whole machine: what is filtered is not compared with the kernel's counters.
            let trace = try Trace(hookSet, ["--settle", KindsRun.settle, "--heartbeat", "5s"])
            try trace.waitUntilLive()
            let child = try Child(Kernel.attempts, ["mixed", "\(seconds)", "8", "7"])
            _ = try child.wait(seconds: Double(seconds) + 600)
            let log = try trace.stop()
            let records = try log.records()
            let truths = try child.output.decodedLines(as: Truth.self).filter { $0.status == "as_expected" }
            try #require(truths.count > seconds, "too little was made: \(child.errors)")
            let unseen = truths.filter { truth in
                Limit.of(hookSet, truth.kind).contains { $0.facets.contains(.recorded) && !truth.isKernels }
            }
            let seen = truths.filter { truth in !unseen.contains { $0.kind == truth.kind } }
            try Kernel.checking {
                for truth in seen where !truth.isKernels {
                    // How it ended may come later than in a quiet machine, but not what it was.
                    let problems = Verdict(records.by(truth.pids), truth).problems.filter { problem in
                        ![.outcome, .blocker].contains(problem.facet)
                            && !Limit.of(hookSet, truth.kind).contains { $0.facets.contains(problem.facet) }
                    }
                    #expect(problems.isEmpty, "\(truth.kind): \(problems)")
                }
                // Threads of the kernel's make the same attempts for one program as for another: they are counted.
                let kernels = seen.flatMap { $0.attempts.filter { $0.is_kernels == true } }
                let others = records.attempts.filter { $0.tattle?.via == "kernel" }
                for attempts in Dictionary(grouping: kernels, by: \.place).values {
                    let recorded = others.filter { attempts[0].matches($0) }
                    #expect(recorded.count == attempts.count, "\(attempts[0].summary)")
                }
                let losses = records.of("events_lost")
                #expect(losses.isEmpty, "\(losses.map { $0.tattle?.lost?.cause ?? "" })")
            }
            try checkReconciliation(records)
        }

        /// The kernel's own counters said nothing that was not recorded.
        private func checkReconciliation(_ records: [Record]) throws {
            let beats = records.of("heartbeat").compactMap { $0.tattle?.heartbeat }
            try #require(beats.count > 1)
            let namespaces = beats.flatMap { $0.namespaces ?? [] }
            #expect(namespaces.contains { ($0.recorded?.tcp_syn ?? 0) > 0 }, "nothing was compared")
            let missing = namespaces.filter { ($0.missing?.tcp_syn ?? 0) > 0 }
            try Kernel.checking { #expect(missing.isEmpty, "\(missing)") }
        }
    }
}

extension Truth {
    /// Whether a thread of the kernel's makes it on the program's behalf.
    fileprivate var isKernels: Bool { attempts.contains { $0.is_kernels == true } }
}

extension Truth.Attempt {
    /// Where it went to.
    fileprivate var place: String { "\(transport) \(ip) \(port)" }
}
