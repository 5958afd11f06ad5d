internal import Foundation
internal import Testing

extension KernelSuite {
    /// Each filter lets through what it says, and the log says that it is filtered.
    @Suite("A filter")
    struct Filters {
        /// A filter, and the kinds of a workload that pass it.
        struct Case: Sendable, CustomTestStringConvertible {
            var options: [String]
            var passing: Set<String>
            var testDescription: String { options.joined(separator: " ") }
        }

        static let workload = [
            "tcp4-refused", "tcp6-refused", "tcp4-offline", "tcp4-established", "udp4-no-listener", "udp6-no-listener",
            "udp4-sendto-offline", "udp4-mapped", "tcp4-second-thread",
        ]

        static let cases = [
            Case(
                options: ["--proto", "tcp"],
                passing: ["tcp4-refused", "tcp6-refused", "tcp4-offline", "tcp4-established", "tcp4-second-thread"]),
            Case(
                options: ["--proto", "udp"],
                passing: ["udp4-no-listener", "udp6-no-listener", "udp4-sendto-offline", "udp4-mapped"]),
            Case(options: ["--proto", "tcp", "--proto", "udp"], passing: Set(workload)),
            Case(options: ["--to", "203.0.113.0/24"], passing: ["tcp4-offline", "udp4-sendto-offline"]),
            Case(
                options: ["--to", "203.0.113.9", "--to", "::1"],
                passing: ["tcp4-offline", "tcp6-refused", "udp6-no-listener"]),
            Case(
                options: ["--not-to", "127.0.0.0/8"],
                passing: ["tcp6-refused", "tcp4-offline", "udp6-no-listener", "udp4-sendto-offline"]),
            Case(options: ["--to", "203.0.113.0/24", "--not-to", "203.0.113.9/32"], passing: ["udp4-sendto-offline"]),
            Case(options: ["--port", "443"], passing: ["tcp4-offline"]),
            Case(options: ["--port", "443", "--port", "53"], passing: ["tcp4-offline", "udp4-sendto-offline"]),
            Case(options: ["--comm", "dialer thread"], passing: ["tcp4-second-thread"]),
            Case(
                options: ["--failed"],
                passing: [
                    "tcp4-refused", "tcp6-refused", "tcp4-offline", "udp4-sendto-offline", "tcp4-second-thread",
                ]),
            Case(options: ["--user", "root", "--proto", "udp", "--port", "53"], passing: ["udp4-sendto-offline"]),
            Case(options: ["--user", "65534"], passing: []),
        ]

        @Test("lets pass what it says and nothing else", arguments: Kernel.hookSets, cases)
        func passes(hookSet: String, filter: Case) throws {
            let log = try Trace.attempts(hookSet, filter.options, ["run"] + Self.workload)
            #expect(log.status == 0, "\(log.errors)")
            let records = try log.records()
            let truths = Dictionary(grouping: try log.truths()) { $0.pid }
            let kinds = Set(records.compactMap { $0.process.flatMap { truths[$0.pid]?.first?.kind } })
            #expect(kinds == filter.passing)
            let expected = filter.passing.reduce(0) { count, kind in
                count + (truths.values.first { $0[0].kind == kind }?[0].attempts.count ?? 0)
            }
            #expect(records.attempts.count == expected)
            let started = records.first?.tattle
            #expect(started?.filtered == true)
            let filters = (started?.filters ?? []).joined(separator: " ")
            for value in filter.options where !value.hasPrefix("--") && value != "root" {
                #expect(filters.contains(value), "\(filters) does not say \(value)")
            }
            for name in filter.options where name.hasPrefix("--") {
                #expect(
                    filters.contains(name.dropFirst(2)) || filters.contains(name.dropFirst(2).replacing("-", with: "_"))
                )
            }
        }

        @Test("for a process, running before tattle, lets pass that one only", arguments: Kernel.hookSets)
        func process(hookSet: String) throws {
            let folder = try Folder()
            let wanted = try Child(Kernel.attempts, ["--start-when", folder.at("go"), "tcp4-refused"], folder: folder)
            let other = try Child(Kernel.attempts, ["--start-when", folder.at("go"), "tcp4-refused"])
            let trace = try Trace(hookSet, ["--pid", "\(wanted.pid)"])
            try trace.waitUntilLive()
            try folder.make("go")
            #expect(try wanted.wait() == 0)
            #expect(try other.wait() == 0)
            let records = try trace.stop().records()
            #expect(records.attempts.map(\.process?.pid) == [wanted.pid])
            // It was there before: known from /proc.
            let process = try #require(records.attempts.first?.process)
            #expect(process.executable == Kernel.attempts)
            #expect(process.args == [Kernel.attempts, "--start-when", folder.at("go"), "tcp4-refused"])
            #expect(process.parent?.pid == getpid())
            #expect(records.attempts.first?.tattle?.attribution?.source == "procfs")
            #expect(records.first?.tattle?.filters?.contains { $0.contains("\(wanted.pid)") } == true)
        }

        @Test("for a user lets pass whoever has its uid", arguments: Kernel.hookSets)
        func user(hookSet: String) throws {
            let log = try Trace.attempts(hookSet, ["--user", "65534"], ["--user", "65534", "udp4-no-listener"])
            #expect(log.status == 0, "\(log.errors)")
            let records = try log.records()
            #expect(records.attempts.map(\.user?.id) == ["65534"])
        }

        @Test("for failures shows the late ones too", arguments: Kernel.hookSets)
        func lateFailures(hookSet: String) throws {
            let kinds = ["tcp4-refused-late", "tcp4-established-late"]
            let log = try Trace.attempts(hookSet, ["--failed", "--settle", "200ms"], ["run"] + kinds)
            let refused = try #require(try log.truths().first { $0.kind == "tcp4-refused-late" })
            let records = try log.records().filter { $0.process != nil }
            #expect(records.contains { $0.error?.code == "ECONNREFUSED" })
            #expect(records.allSatisfy { $0.process?.pid == refused.pid }, "\(records.map(\.summary))")
        }

        @Test("is not there unless asked for", arguments: Kernel.anyHookSet)
        func none(hookSet: String) throws {
            let folder = try Folder()
            let trace = try Trace(hookSet, ["--duration", "0.2s"], folder: folder)
            let started = try trace.end().records().first?.tattle
            #expect(started?.filtered == false)
        }
    }
}
