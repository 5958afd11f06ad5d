internal import Foundation
internal import Testing

extension KernelSuite {
    /// The hook sets are ways of seeing: what is seen is the same.
    @Suite("The same workload")
    struct SameRecords {
        @Test("gives the same records under every hook set", arguments: Kernel.kinds)
        func underEveryHookSet(kind: String) throws {
            var seen: [(hookSet: String, lines: [String])] = []
            for hookSet in Kernel.hookSets {
                let run = try KindsRun.with(hookSet)
                guard let truth = run.truths[kind], truth.status == "as_expected" else { continue }
                // What a set cannot see is no difference.
                guard Limit.of(hookSet, kind).isEmpty, !run.isMissingSkippedEnd(truth) else { continue }
                let lines = normalised(run.records(of: truth), truth)
                seen.append((hookSet, lines))
            }
            // Which one missed something is not known.
            if Kernel.skipsPrograms, Set(seen.map(\.lines)).count > 1 { return }
            for (hookSet, lines) in seen { try keep(lines, hookSet, kind) }
            for (hookSet, lines) in seen.dropFirst() {
                #expect(lines == seen[0].lines, "\(hookSet) is not like \(seen[0].hookSet)")
            }
        }

        /// For a runner that compares kernels.
        private func keep(_ lines: [String], _ hookSet: String, _ kind: String) throws {
            guard let folder = Kernel.recordsFolder else { return }
            try FileManager.default.createDirectory(atPath: folder + "/" + hookSet, withIntermediateDirectories: true)
            let text = lines.map { $0 + "\n" }.joined()
            try text.write(toFile: folder + "/\(hookSet)/\(kind)", atomically: false, encoding: .utf8)
        }

        /// The records without what differs from run to run: one line for each attempt, with its outcome
        /// whenever that came, and one for each end.
        private func normalised(_ records: [Record], _ truth: Truth) -> [String] {
            let endings = Dictionary(grouping: records.resolutions) { $0.attemptID }
            var lines: [String] = []
            let isAnyThread = truth.attempts.contains { $0.is_any_thread == true || $0.is_kernels == true }
            for record in records.attempts {
                let later = endings[record.attemptID] ?? []
                let last = record.result == "pending" ? later.first ?? record : record
                var fields = fields(last, truth)
                if !isAnyThread {
                    fields.append("process=\(record.process?.name ?? "") \(record.process?.args ?? [])")
                    fields.append("thread=\(record.process?.thread.name ?? "")")
                }
                if record.result != "pending" {
                    fields += later.map { "later=\($0.result ?? "") \($0.error?.code ?? "")" }
                }
                lines.append("attempt " + fields.joined(separator: " "))
            }
            for record in records.disconnects {
                // Of MPTCP only the set that sees nothing but subflows has counters.
                let traffic = record.tattle?.via == "mptcp" ? [] : traffic(record)
                lines.append("end " + (fields(record, truth) + traffic).joined(separator: " "))
            }
            return lines.sorted()
        }

        private func fields(_ record: Record, _ truth: Truth) -> [String] {
            // Whether the kernel sends in the program's own call or by a worker of its own is chance.
            let isKernels = truth.attempts.contains { $0.is_kernels == true && $0.matches(record) }
            let via = isKernels ? "kernel" : record.tattle?.via ?? ""
            return [
                record.event.outcome ?? "", record.result ?? "", record.error?.code ?? "-",
                record.network?.transport ?? "", record.network?.type ?? "",
                "to=\(record.destination?.ip ?? record.destination?.address ?? "")", "from=\(record.source?.ip ?? "-")",
                "via=\(via)", "blocked_by=\(record.tattle?.blocked_by ?? "-")",
                "bytes=\(record.tattle?.attempt?.bytes ?? 0)", "user=\(record.user?.id ?? "")",
                "attribution=\(record.tattle?.attribution?.source ?? "")",
            ]
        }

        private func traffic(_ record: Record) -> [String] {
            var fields = ["sent=\(record.source?.bytes.map { "\($0)" } ?? "-")"]
            if let received = record.destination?.bytes { fields.append("received=\(received)") }
            if let flow = record.tattle?.flow { fields.append("datagrams=\(flow.datagrams) failures=\(flow.failures)") }
            return fields
        }
    }
}
