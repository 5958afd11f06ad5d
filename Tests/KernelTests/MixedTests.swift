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
            let all = try child.output.decodedLines(as: Truth.self)
            let truths = all.filter { $0.status == "as_expected" }
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
                // Threads of the kernel's make the same attempts for one program as for another: they are counted, with those
                // of a program for which the kernel connected twice, which is no kind of its own.
                let kernels = all.flatMap { $0.attempts.filter { $0.is_kernels == true } }
                // Some the kernel sends in the program's own call.
                let programs = Set(all.filter(\.isKernels).map(\.pid))
                let others = records.attempts.filter {
                    $0.tattle?.via == "kernel" || programs.contains($0.process?.pid ?? 0)
                }
                for attempts in Dictionary(grouping: kernels, by: \.place).values {
                    let recorded = others.filter { record in attempts.contains { $0.matches(record) } }
                    #expect(recorded.count == attempts.count, "\(attempts[0].summary)")
                }
                #expect(records.of("events_lost").isEmpty, "\(Self.lossesAndTheirNamespaces(log, records))")
            }
            try checkReconciliation(records)
        }

        /// What a person needs who looks for what is missing: each loss, the heartbeats around it, and what was attempted
        /// in the namespaces that those are about.
        private static func lossesAndTheirNamespaces(_ log: Log, _ records: [Record]) -> String {
            let lines = String(decoding: log.data, as: UTF8.self).split(separator: "\n")
            var told: [String] = []
            for (index, record) in records.enumerated() where record.event.action == "events_lost" {
                let beats = records[..<index].filter { $0.event.action == "heartbeat" }.suffix(3)
                told.append(String(lines[index]))
                told += beats.compactMap {
                    lines.indices.contains(Int($0.event.sequence)) ? String(lines[Int($0.event.sequence)]) : nil
                }
                let namespaces = Set(beats.flatMap { ($0.tattle?.heartbeat?.namespaces ?? []).map(\.netns) })
                told += records[..<index].suffix(400).filter {
                    $0.network?.transport == "tcp" && namespaces.contains($0.tattle?.netns ?? 0)
                }.map { "\($0.tattle?.netns ?? 0) \($0.tattle?.via ?? "") \($0.summary)" }
            }
            return told.joined(separator: "\n")
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
