internal import Foundation
internal import Testing

extension KernelSuite {
    /// Rules of a configuration, on a flood in a namespace of its own.
    @Suite("Rules")
    struct Rules {
        private static let rounds = 20

        private static let configuration = """
            [[rule]]
            name = "dropped"
            action = "drop"
            to = "127.0.0.1"
            port = 20000

            [[rule]]
            name = "collapsed"
            action = "aggregate"
            window = "1h"
            executable = "\(Kernel.attempts)"
            port = 20001
            outcome = "refused"

            [[rule]]
            name = "sampled"
            action = "sample"
            one-in = 4
            user = 0
            protocol = "tcp"
            port = "20002-20002"

            [[rule]]
            name = "never"
            action = "drop"
            port = "20000-20001"
            outcome = "established"
            """

        /// Four ports in turn, each attempt by a process of its own that ends at once.
        private static let flood = """
            ip link set lo up
            for round in $(seq \(rounds)); do for index in 0 1 2 3; do "$0" one-shot $index || exit 1; done; done
            """

        private func write(_ folder: Folder) throws -> String {
            try Data(Self.configuration.utf8).write(to: URL(fileURLWithPath: folder.at("tattle.toml")))
            return folder.at("tattle.toml")
        }

        private func to(_ port: UInt32, _ records: [Record]) -> [Record] {
            records.filter { $0.destination?.port == port }
        }

        @Test(
            "account for everything that was made: what was written, dropped, collapsed and left out of the sample",
            arguments: Kernel.hookSets)
        func accounting(hookSet: String) throws {
            try Kernel.checking { try check(hookSet) }
        }

        private func check(_ hookSet: String) throws {
            let folder = try Folder()
            let file = try write(folder)
            let log = try Trace(
                hookSet, ["--config", file, "--heartbeat", "100ms"],
                command: ["/usr/bin/unshare", "--net", "/bin/bash", "-c", Self.flood, Kernel.attempts], folder: folder
            ).end()
            #expect(log.status == 0, "\(log.errors)")
            let records = try log.records()
            #expect(records.of("events_lost").isEmpty)
            let rounds = UInt64(Self.rounds)

            #expect(to(20000, records).isEmpty)
            #expect(to(20003, records.attempts).count == Self.rounds)
            let sampled = UInt64(to(20002, records.attempts).count)
            #expect(sampled < rounds)
            let collapsed = to(20001, records)
            #expect(collapsed.map(\.event.action) == ["connection_attempted", "connection_aggregated"])
            let first = try #require(collapsed.first)
            let summary = try #require(collapsed.last)
            let aggregate = try #require(summary.tattle?.aggregate)
            #expect(aggregate.count == rounds - 1 && aggregate.rule == "collapsed")
            #expect(aggregate.action == "connection_attempted")
            #expect(aggregate.gap.min_ns > 0 && aggregate.gap.min_ns <= aggregate.gap.mean_ns)
            #expect(aggregate.gap.mean_ns <= aggregate.gap.max_ns)
            // Each was another process; the record names the one whose attempt was written.
            #expect(summary.attemptID == first.attemptID && summary.process?.pid == first.process?.pid)
            #expect(summary.result == "refused" && summary.error?.code == "ECONNREFUSED")
            #expect(summary.process?.executable == Kernel.attempts)

            let rules = try #require(records.last?.tattle?.rules)
            #expect(
                rules == [
                    .init(
                        name: "dropped", action: "drop", matched: rounds, withheld: rounds, withheld_attempts: rounds),
                    .init(
                        name: "collapsed", action: "aggregate", matched: rounds, withheld: rounds - 1,
                        withheld_attempts: rounds - 1, summaries: 1),
                    .init(
                        name: "sampled", action: "sample", matched: rounds, withheld: rounds - sampled,
                        withheld_attempts: rounds - sampled),
                    .init(name: "never", action: "drop", matched: 0, withheld: 0, withheld_attempts: 0),
                ])
            let totals = try #require(records.last?.tattle?.totals)
            #expect(totals.attempts == 4 * rounds && totals.failed == 4 * rounds)
            #expect(totals.withheld == 3 * rounds - 1 - sampled)
            #expect(UInt64(records.attempts.count) == totals.attempts - (totals.withheld ?? 0))

            let beats = records.of("heartbeat").compactMap(\.tattle)
            #expect(beats.last?.rules == rules && beats.last?.totals?.withheld == totals.withheld)
            // They only grow.
            let matched = beats.map { $0.rules?.reduce(0) { $0 + $1.matched } ?? 0 }
            #expect(matched == matched.sorted())

            let started = try #require(records.first?.tattle)
            #expect(started.filtered == true && started.config?.file == file && started.config?.rules == 4)
            #expect(started.config?.rule_names == ["dropped", "collapsed", "sampled", "never"])
        }

        @Test("withhold nothing from the comparison with the kernel's counters", arguments: Kernel.hookSets)
        func reconciliation(hookSet: String) throws {
            try Kernel.checking { try reconcile(hookSet) }
        }

        private func reconcile(_ hookSet: String) throws {
            let folder = try Folder()
            let trace = try Trace(hookSet, ["--config", try write(folder), "--heartbeat", "1s"])
            try trace.waitUntilLive()
            // From the first sight of the namespace on it is exact, and it stays until the counters were read a last time.
            let script = """
                stat -Lc %i /proc/self/ns/net
                until [ -e "$1/go" ]; do sleep 0.02; done
                \(Self.flood)
                : >"$1/done"
                until [ -e "$1/end" ]; do sleep 0.02; done
                """
            let child = try Child(
                "/usr/bin/unshare", ["--net", "/bin/bash", "-c", script, Kernel.attempts, folder.path], folder: folder)
            defer { try? folder.make("end") }
            try waitUntil("the namespace is there: \(child.errors)") { child.output.hasSuffix("\n") }
            let netns = try #require(UInt64(child.output.dropLast()))
            try waitUntil("the namespace is in a heartbeat") {
                trace.folder.text("log").contains("{\"netns\":\(netns)")
            }
            try folder.make("go")
            try waitUntil("everything is sent: \(child.errors)") { folder.has("done") }
            let records = try trace.stop().records()
            #expect(records.of("events_lost").isEmpty)
            #expect(records.last?.tattle?.rules?.first?.withheld == UInt64(Self.rounds))
            let beats = records.of("heartbeat").compactMap { $0.tattle?.heartbeat }
            #expect(beats.allSatisfy { $0.reconciled })
            #expect(beats.last?.namespaces?.first { $0.netns == netns }?.missing?.tcp_syn == 0)
        }

        @Test("checked against a log say what a trace with them does", arguments: Kernel.anyHookSet)
        func trial(hookSet: String) throws {
            let folder = try Folder()
            let file = try write(folder)
            let log = try Trace(
                hookSet, ["--config", "/dev/null"],
                command: ["/usr/bin/unshare", "--net", "/bin/bash", "-c", Self.flood, Kernel.attempts], folder: folder
            ).end()
            let records = try log.records()
            #expect(records.first?.tattle?.filtered == true && records.first?.tattle?.config?.rules == 0)
            let check = try Child(
                Kernel.tattle, ["config", "check", "--config", file, "--json", folder.at("log")], folder: folder)
            #expect(try check.wait() == 0, "\(check.errors)")
            struct Report: Decodable {
                struct Trial: Decodable {
                    var records: UInt64
                    var written: UInt64
                    var unmatched: UInt64
                }
                var rules: [Record.Tattle.Rule]
                var log: Trial
            }
            let report = try JSONDecoder().decode(Report.self, from: Data(check.output.utf8))
            let rounds = UInt64(Self.rounds)
            #expect(report.rules.map(\.matched) == [rounds, rounds, rounds, 0])
            #expect(report.rules[0].withheld == rounds && report.rules[1].withheld == rounds - 1)
            #expect(report.rules[1].summaries == 1)
            #expect(report.log.records == 4 * rounds && report.log.unmatched == rounds)
            #expect(report.log.written == 2 * rounds + 1 - report.rules[2].withheld)
        }

        @Test("that are wrong, or that everybody may write, keep a trace from starting", arguments: Kernel.anyHookSet)
        func wrong(hookSet: String) throws {
            let folder = try Folder()
            let file = folder.at("tattle.toml")
            try Data("[[rule]]\nname = 'a'\naction = 'drop'\nport = 'x'\n".utf8).write(to: URL(fileURLWithPath: file))
            var log = try Trace(hookSet, ["--config", file], folder: folder).end()
            #expect(log.status == 78 && log.errors.contains("tattle.toml:4:8: port"), "\(log.errors)")
            #expect(log.data.isEmpty)
            log = try Trace(hookSet, ["--config", folder.at("none")], folder: folder).end()
            #expect(log.status == 78 && log.errors.contains("cannot read"), "\(log.errors)")
            let path = try write(folder)
            try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)
            log = try Trace(hookSet, ["--config", path], folder: folder).end()
            #expect(log.status == 78 && log.errors.contains("written by everybody"), "\(log.errors)")
        }
    }
}
