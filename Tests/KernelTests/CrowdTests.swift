internal import Foundation
internal import Testing

extension KernelSuite {
    /// Many attempts, as fast as the machine can.
    @Suite("Of many attempts")
    struct Crowd {
        @Test(
            "by processes that live a millisecond, each is recorded with its own arguments", arguments: Kernel.hookSets)
        func storm(hookSet: String) throws {
            try Kernel.checking { try check(hookSet) }
        }

        private func check(_ hookSet: String) throws {
            let log = try Trace.attempts(hookSet, Trace.patient, ["storm", "\(Kernel.storm)"])
            #expect(log.status == 0, "\(log.errors)")
            let records = try log.records()
            let attempts = records.attempts
            let losses = records.of("events_lost")
            // Where the kernel preempts BPF programs it may skip some: then it must be said, and nobody be misnamed.
            let isLossAllowed =
                Kernel.skipsPrograms && losses.allSatisfy { $0.tattle?.lost?.cause == "recursion" }
            if !isLossAllowed { #expect(losses.isEmpty) }
            if losses.isEmpty { #expect(attempts.count == Kernel.storm) }
            #expect(Set(attempts.compactMap { $0.process?.entity_id }).count == attempts.count, "a process twice")
            var indices = Set<Int>()
            var wrong: [String] = []
            for record in attempts {
                if !losses.isEmpty, record.tattle?.attribution?.source != "kernel" || record.result == "pending" {
                    continue
                }
                guard let process = record.process, let args = process.args, args.count == 3,
                    args[0] == "attempts", args[1] == "one-shot", let index = Int(args[2]),
                    record.destination?.port == UInt32(20_000 + index % 10_000),
                    process.executable == Kernel.attempts, process.name == Kernel.attemptsName,
                    record.result == "refused", record.tattle?.attribution?.source == "kernel",
                    process.parent?.executable == Kernel.attempts
                else {
                    wrong.append(record.summary)
                    continue
                }
                indices.insert(index)
            }
            #expect(wrong.isEmpty, "\(wrong.count) wrong, the first: \(wrong.prefix(3))")
            if losses.isEmpty { #expect(indices == Set(0..<Kernel.storm)) }
        }

        /// So many that some pairs among them have the same place in the programs' arrays, but for one run in ten million.
        static let open = 700

        @Test("whose sockets are open at once, each keeps its own counters", arguments: Kernel.hookSets)
        func manyOpen(hookSet: String) throws {
            let log = try Trace.attempts(hookSet, [], ["many-open", "\(Self.open)"])
            #expect(log.status == 0, "\(log.errors)")
            let records = try log.records()
            guard !Kernel.skipsPrograms || records.of("events_lost").isEmpty else { return }
            #expect(records.of("events_lost").isEmpty)
            #expect(records.attempts.count == 2 * Self.open)
            let ends = records.disconnects
            let sent = ends.filter { $0.network?.transport == "tcp" }.map { $0.source?.bytes ?? 0 }
            #expect(sent.sorted() == (0..<Self.open).map { UInt64($0 % 200 + 1) }.sorted())
            let flows = ends.filter { $0.network?.transport == "udp" }
            #expect(flows.count == Self.open)
            let wrong = flows.filter { flow in
                let index = UInt64(flow.destination?.port ?? 0) - 20_000
                return flow.tattle?.flow?.datagrams != index % 3 + 1
            }
            #expect(wrong.isEmpty, "\(wrong.count) wrong, the first: \(wrong.prefix(3).map(\.summary))")
        }

        @Test(
            "that fail, more than the kernel's maps hold, each is recorded: their state is cleaned",
            arguments: Kernel.hookSets, ["flood-tcp", "flood-udp"])
        func flood(hookSet: String, kind: String) throws {
            let command = [Kernel.attempts, kind, "\(Kernel.flood)"]
            let trace = try Trace(hookSet, Trace.patient + ["--ring-size", "64MiB"], command: command)
            let log = try trace.end()
            #expect(log.status == 0, "\(log.errors)")
            #expect(log.output.contains("\"as_expected\":\(Kernel.flood)"), "\(log.output)")
            // Decoding each of them would take longer than making them.
            func count(_ text: String) throws -> Int {
                let child = try Child("/bin/grep", ["-cF", text, trace.folder.at("log")])
                _ = try child.wait()
                return Int(child.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
            }
            #expect(try count("\"action\":\"tracing_stopped\"") == 1, "the log is cut; tattle says: \(log.errors)")
            #expect(try count("\"action\":\"connection_attempted\"") == Kernel.flood, "\(log.errors)")
            #expect(try count("\"action\":\"events_lost\"") == 0, "\(log.errors)")
            let isTCP = kind == "flood-tcp"
            #expect(try count("\"result\":\"refused\"") == (isTCP ? Kernel.flood : 0))
            #expect(try count("\"action\":\"disconnect_received\"") == (isTCP ? 0 : Kernel.flood))
        }

        @Test(
            "of one socket, more than the kernel counts for: the ends that are missing are told",
            arguments: Kernel.hookSets)
        func forgottenFlows(hookSet: String) throws {
            let trace = try Trace(
                hookSet, Trace.patient + ["--ring-size", "64MiB"], command: [Kernel.attempts, "scatter", "80000"])
            let log = try trace.end()
            #expect(log.status == 0, "\(log.errors)")
            func lines(_ text: String) throws -> String {
                let child = try Child("/bin/grep", ["-F", text, trace.folder.at("log")])
                _ = try child.wait()
                return child.output
            }
            let attempts = try lines("\"action\":\"connection_attempted\"").utf8.count { $0 == 10 }
            let ends = try lines("\"action\":\"disconnect_received\"").utf8.count { $0 == 10 }
            let lost = try lines("\"action\":\"events_lost\"").decodedLines(as: Record.self)
            #expect(attempts == 80_000 && ends < attempts, "\(attempts) \(ends)")
            #expect(lost.allSatisfy { $0.tattle?.lost?.cause == "flow_forgotten" })
            #expect(lost.reduce(0) { $0 + ($1.tattle?.lost?.count ?? 0) } == UInt64(attempts - ends))
        }

        @Test(
            "that the ring cannot hold, the missing ones are counted exactly", arguments: Kernel.hookSets,
            ["flood-tcp", "flood-udp"])
        func overflow(hookSet: String, kind: String) throws {
            let made = 2_000
            let folder = try Folder()
            // It holds still itself until tattle does.
            let trace = try Trace(
                hookSet, ["--ring-size", "64KiB"],
                command: [Kernel.attempts, "--start-when", folder.at("go"), kind, "\(made)"], folder: folder)
            try trace.waitUntilLive()
            trace.send(SIGSTOP)
            try folder.make("go")
            try waitUntil("the flood is over") { folder.text("stdout").contains("\"made\":\(made)") }
            trace.send(SIGCONT)
            let log = try trace.end()
            #expect(log.status == 0, "\(log.errors)")
            let records = try log.records()
            let lost = records.of("events_lost")
            #expect(!lost.isEmpty, "64 KiB cannot hold \(made) attempts")
            #expect(UInt64(records.attempts.count) + records.lostAttempts == UInt64(made))
            #expect(lost.allSatisfy { $0.tattle?.lost?.cause == "ring_full" }, "\(lost.map { $0.tattle?.lost?.cause })")
            let totals = records.last?.tattle?.totals
            #expect(totals?.lost == lost.reduce(0) { $0 + ($1.tattle?.lost?.count ?? 0) })
            #expect(totals?.attempts == UInt64(records.attempts.count))
        }
    }
}
