internal import Foundation
internal import Testing

extension KernelSuite {
    /// A protocol that is a module.
    ///
    /// The first file of all: what loads one later does not let go of it.
    @Suite("A protocol whose module is not loaded")
    struct AbsentModule {
        private static let kinds = [
            "sctp4-refused", "sctp4-refused-nonblocking", "sctp4-nonblocking", "sctp4-sendto", "vsock-established",
            "vsock-reset-nonblocking",
        ]
        /// Told as sent, for nobody sees what else becomes of them, and counted.
        private static let messages: Set<String> = ["sctp4-sendto"]

        /// Both that hook these only on an old kernel: each start takes long in an emulated machine, and they attach the same.
        private static let hookSets = Array(
            Kernel.hookSets.filter { $0 != "tracepoint" }.prefix(Version.running < Version(5, 17) ? 2 : 1))

        /// tattle is held up while they are loaded, so that what it hooks for them comes too late for sure.
        @Test(
            "when the hooks are attached is seen all the same; an end that came before it was hooked is counted",
            arguments: hookSets)
        func isSeen(hookSet: String) throws {
            try unload()
            if isLoaded("sctp") || isLoaded("vsock") { try Test.cancel("they are there already") }
            // Without a heartbeat, which would look by itself.
            let trace = try Trace(hookSet, ["--no-inventory", "--settle", KindsRun.settle, "--heartbeat", "0"])
            try trace.waitUntilLive()
            trace.send(SIGSTOP)
            let early = try truths()
            trace.send(SIGCONT)
            if early.isEmpty {
                _ = try trace.stop()
                try Test.cancel("neither SCTP nor vsock")
            }
            try waitUntil("what is for the modules is hooked, and tattle waits again", seconds: 60) {
                try areHooked() && isAsleep(trace.pid)
            }
            let late = try truths()
            // The kernel keeps the socket of a vsock connect() that did not wait for two seconds; what is lost is told when
            // something happens.
            try? waitUntil("every early end is told or counted", seconds: 30) {
                _ = try Child(Kernel.attempts, ["one-shot", "1"]).wait()
                // Each child leaves a descriptor or two behind in us.
                usleep(100_000)
                let lines = try trace.folder.text("log").decodedLines(as: Record.self)
                return unseenEnds(of: early, in: lines) == skippedEnds(in: lines)
            }
            let records = try trace.stop().records()
            #expect(late.count == early.count)
            try Kernel.checking {
                for truth in late {
                    let problems = Verdict(records.by(truth.pids), truth).problems
                    #expect(problems.isEmpty, "\(truth.kind): \(problems)")
                }
                for truth in early {
                    let problems = Verdict(records.by(truth.pids), truth).problems
                    #expect(problems.allSatisfy { $0.facet == .outcome }, "\(truth.kind): \(problems)")
                }
                let told = early.map { truth in "\(truth.kind): \(records.by(truth.pids).map(\.summary))" }
                #expect(unseenEnds(of: early, in: records) == skippedEnds(in: records), "\(told)")
                #expect(records.of("events_lost").allSatisfy { $0.tattle?.lost?.cause == "skipped" })
            }
        }

        /// Whether the kernel's functions are hooked, by whomever: nobody else is there.
        private func areHooked() throws -> Bool {
            let list = try String(contentsOfFile: "/sys/kernel/tracing/enabled_functions", encoding: .utf8)
            let hooked = Set(list.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) })
            return hooked.isSuperset(of: ["inet_sendmsg", "sock_def_wakeup", "sock_def_error_report"])
        }

        private func isAsleep(_ pid: Int32) throws -> Bool {
            let status = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            return status.contains(") S ")
        }

        /// Of how many early attempts the end is not told, or not known though it was told.
        private func unseenEnds(of truths: [Truth], in records: [Record]) -> UInt64 {
            UInt64(
                truths.count { truth in
                    Self.messages.contains(truth.kind) || !Verdict(records.by(truth.pids), truth).problems.isEmpty
                })
        }

        private func skippedEnds(in records: [Record]) -> UInt64 {
            records.of("events_lost").compactMap(\.tattle?.lost).filter { $0.cause == "skipped" }.reduce(0) {
                $0 + $1.count
            }
        }

        /// Makes the attempts, and tells of those that this machine can make.
        private func truths() throws -> [Truth] {
            let child = try Child(Kernel.attempts, ["run"] + Self.kinds)
            _ = try child.wait()
            return try child.output.decodedLines(as: Truth.self).filter { $0.status == "as_expected" }
        }

        /// Takes the modules away, in a machine that was started for the tests; a socket may hold one for a moment yet.
        private func unload() throws {
            guard !Kernel.isInUse else { return }
            try? waitUntil("nothing holds the modules", seconds: 20) {
                _ = try Child(Kernel.attempts, ["unload", "vsock_loopback", "vsock", "sctp"]).wait()
                return !isLoaded("sctp") && !isLoaded("vsock")
            }
        }

        private func isLoaded(_ module: String) -> Bool {
            FileManager.default.fileExists(atPath: "/sys/module/" + module)
        }
    }
}
