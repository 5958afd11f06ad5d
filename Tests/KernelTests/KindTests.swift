internal import Foundation
internal import Testing

extension KernelSuite {
    /// Each kind of attempt is recorded as what it was.
    @Suite("Each kind of attempt")
    struct Kinds {
        @Test("is recorded once, with destination, process and how it ended", arguments: Kernel.hookSets, Kernel.kinds)
        func isRecordedOnce(hookSet: String, kind: String) throws {
            let run = try KindsRun.with(hookSet)
            let truth = try #require(run.truths[kind], "the workload told nothing of \(kind)")
            if truth.status == "missing" { try Test.cancel("\(truth.problem)") }
            try #require(truth.status == "as_expected", "the application saw something else: \(truth.problem)")
            try Kernel.checking(hookSet) { check(run, truth, hookSet, kind) }
        }

        private func check(_ run: KindsRun, _ truth: Truth, _ hookSet: String, _ kind: String) {
            let records = run.records.by(truth.pids)
            #expect(records.attempts.count == truth.attempts.count, "\(records.attempts.map(\.summary))")
            for attempt in truth.attempts {
                let matching = records.attempts.filter(attempt.matches)
                #expect(matching.count == 1, "\(attempt.ip) port \(attempt.port): \(records.attempts.map(\.summary))")
                guard let first = matching.first else { continue }
                let rest = records.filter { $0.attemptID == first.attemptID && $0.event.id != first.event.id }
                checkPlace(first, attempt, hookSet)
                checkProcess(first, kind)
                checkEnd(first, rest.resolutions, attempt)
                checkDisconnect(rest.disconnects, attempt)
            }
            let ids = Set(records.attempts.map(\.attemptID))
            #expect(records.allSatisfy { ids.contains($0.attemptID) }, "a record belongs to no attempt")
        }

        @Test("is all that is recorded, and nothing is lost", arguments: Kernel.hookSets)
        func nothingElse(hookSet: String) throws {
            let run = try KindsRun.with(hookSet)
            let known = run.truths.values.reduce(into: Set<Int32>()) { $0.formUnion($1.pids) }
            let others = run.records.filter { $0.process.map { !known.contains($0.pid) } ?? false }
            #expect(others.isEmpty, "\(others.map(\.summary))")
            let losses = run.records.of("events_lost")
            let isLossAllowed =
                Kernel.skipsPrograms(hookSet) && losses.allSatisfy { $0.tattle?.lost?.cause == "recursion" }
            if !isLossAllowed { #expect(losses.isEmpty) }
            let totals = try #require(run.records.last?.tattle?.totals)
            #expect(totals.attempts == UInt64(run.records.attempts.count))
            #expect(totals.resolved == UInt64(run.records.resolutions.count))
            #expect(totals.disconnects == UInt64(run.records.disconnects.count))
            #expect(totals.lost == losses.reduce(0) { $0 + ($1.tattle?.lost?.count ?? 0) })
        }

        private func checkPlace(_ record: Record, _ attempt: Truth.Attempt, _ hookSet: String) {
            #expect(record.network?.type == (attempt.ip.contains(":") ? "ipv6" : "ipv4"))
            #expect(record.network?.direction == "egress")
            #expect(record.tattle?.hook_set == hookSet)
            #expect(record.tattle?.via == "syscall")
            #expect(record.process?.pid == attempt.pid)
            #expect(record.process?.thread.id == attempt.tid)
            #expect(record.process?.thread.name == attempt.thread_name)
        }

        private func checkProcess(_ record: Record, _ kind: String) {
            #expect(record.process?.executable == Kernel.attempts)
            #expect(record.process?.args == ["attempts", kind])
            #expect(record.process?.name == Kernel.attemptsName)
            #expect(record.process?.entity_id != nil)
            #expect(record.process?.start != nil)
            #expect(record.process?.parent?.executable == Kernel.attempts)
            #expect(record.user?.id == "0")
            #expect(record.tattle?.attribution?.source == "kernel")
        }

        /// The outcome: with the attempt, or, when it came late, in one record that follows.
        private func checkEnd(_ first: Record, _ resolutions: [Record], _ attempt: Truth.Attempt) {
            if let later = attempt.later_error {
                #expect(first.result == "sent")
                #expect(first.event.outcome == "success")
                #expect(resolutions.map(\.error?.code) == [later])
                #expect(resolutions.first?.event.outcome == "failure")
                return
            }
            let isLate = attempt.is_late || (attempt.is_any_time && first.result == "pending")
            #expect(resolutions.count == (isLate ? 1 : 0))
            if isLate {
                #expect(first.result == "pending")
                #expect(first.event.outcome == "unknown")
                #expect(first.error == nil)
            }
            let last = isLate ? resolutions.first : first
            #expect(last?.result == attempt.result)
            #expect(last?.error?.code == attempt.error)
            let isSuccess = attempt.result == "established" || attempt.result == "sent"
            #expect(last?.event.outcome == (isSuccess ? "success" : "failure"))
            if let blocker = attempt.blocked_by {
                #expect(last?.tattle?.blocked_by == blocker)
            } else {
                #expect(last?.tattle?.blocked_by != "lsm" && last?.tattle?.blocked_by != "cgroup")
            }
        }

        private func checkDisconnect(_ disconnects: [Record], _ attempt: Truth.Attempt) {
            #expect(disconnects.count == (attempt.has_disconnect ? 1 : 0))
            guard attempt.has_disconnect, let end = disconnects.first else { return }
            #expect(end.source?.bytes == attempt.bytes_sent)
            #expect(end.event.duration != nil)
            if attempt.transport == "tcp" {
                #expect(end.destination?.bytes == attempt.bytes_received)
            } else {
                #expect(end.tattle?.flow?.datagrams == attempt.datagrams)
                #expect(end.tattle?.flow?.failures == attempt.failures)
            }
        }
    }
}

extension Record {
    /// One line for a person who reads a failed test.
    var summary: String {
        let place = "\(network?.transport ?? "") \(destination?.ip ?? "") \(destination?.port ?? 0)"
        return
            "\(event.action) \(place) \(result ?? "") \(error?.code ?? "") pid \(process?.pid ?? 0) \(process?.args ?? [])"
    }
}
