internal import Foundation
internal import Testing

extension KernelSuite {
    /// Each kind of attempt is recorded as what it was.
    @Suite("Each kind of attempt")
    struct Kinds {
        @Test(
            "is recorded once, with destination, process and how it ended, but for what is named",
            arguments: Kernel.hookSets, Kernel.kinds)
        func isRecordedOnce(hookSet: String, kind: String) throws {
            let run = try KindsRun.with(hookSet)
            let truth = try #require(run.truths[kind], "the workload told nothing of \(kind)")
            if truth.status == "missing" {
                run.keep(.missing(truth.problem), hookSet, kind)
                try Test.cancel("\(truth.problem)")
            }
            try #require(truth.status == "as_expected", "the application saw something else: \(truth.problem)")
            let verdict = Verdict(run.records(of: truth), truth)
            if run.isMissingSkippedEnd(truth) {
                let reason = "the kernel ran no program when its socket closed, and tattle says so"
                run.keep(.limited([reason]), hookSet, kind)
                withKnownIssue("\(reason)") { #expect(verdict.problems.isEmpty) }
                return
            }
            let limits = Limit.of(hookSet, kind)
            let named = verdict.problems.filter { problem in limits.contains { $0.facets.contains(problem.facet) } }
            let unnamed = verdict.problems.filter { problem in !limits.contains { $0.facets.contains(problem.facet) } }
            run.keep(
                unnamed.isEmpty ? named.isEmpty ? .right : .limited(limits.map(\.reason)) : .wrong(unnamed), hookSet,
                kind)
            try Kernel.checking {
                #expect(unnamed.isEmpty, "\(unnamed.map { "\($0.facet.rawValue): \($0.text)" })")
            }
        }

        @Test("that failed before anything was sent has lasted from its call to its return", arguments: Kernel.hookSets)
        func hasLasted(hookSet: String) throws {
            let run = try KindsRun.with(hookSet)
            for kind in ["tcp4-offline", "tcp6-offline", "tcp4-route-prohibit"] {
                let truth = try #require(run.truths[kind])
                let durations = run.records(of: truth).attempts.map { $0.event.duration ?? 0 }
                #expect(durations.count == 1 && durations.allSatisfy { $0 > 0 }, "\(kind): \(durations)")
            }
        }

        @Test("is all that is recorded, and nothing is lost", arguments: Kernel.hookSets)
        func nothingElse(hookSet: String) throws {
            let run = try KindsRun.with(hookSet)
            let known = run.truths.values.reduce(into: Set<Int32>()) { $0.formUnion($1.pids) }
            let kernels = run.truths.values.flatMap { $0.attempts.filter { $0.is_kernels == true } }
            let others = run.records.filter { $0.process.map { !known.contains($0.pid) } ?? false }
            #expect(others.isEmpty, "\(others.map(\.summary))")
            let strays = run.machine.attempts.filter { record in
                record.tattle?.via == "kernel" && !kernels.contains { $0.matches(record) }
            }
            #expect(strays.isEmpty, "\(strays.map(\.summary))")
            let losses = run.records.of("events_lost") + run.machine.of("events_lost")
            let isLossAllowed =
                Kernel.skipsPrograms && losses.allSatisfy { $0.tattle?.lost?.cause == "recursion" }
            let isSkipped = Kernel.isInUse && losses.allSatisfy { $0.tattle?.lost?.cause == "skipped" }
            if !isLossAllowed, !isSkipped { #expect(losses.isEmpty) }
            let totals = try #require(run.records.last?.tattle?.totals)
            #expect(totals.attempts == UInt64(run.records.attempts.count))
            #expect(totals.resolved == UInt64(run.records.resolutions.count))
            #expect(totals.disconnects == UInt64(run.records.disconnects.count))
            #expect(
                totals.lost == run.records.of("events_lost").reduce(0) { $0 + ($1.tattle?.lost?.count ?? 0) })
        }
    }
}
