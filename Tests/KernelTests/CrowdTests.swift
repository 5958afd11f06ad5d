internal import Foundation
internal import Testing

extension KernelSuite {
    /// Many attempts, as fast as the machine can.
    @Suite("Of many attempts")
    struct Crowd {
        @Test("by processes that live a millisecond, each is recorded with its own arguments", arguments: Kernel.hookSets)
        func storm(hookSet: String) throws {
            let log = try Trace.attempts(hookSet, [], ["storm", "\(Kernel.storm)"])
            #expect(log.status == 0, "\(log.errors)")
            let records = try log.records()
            let attempts = records.attempts
            #expect(attempts.count == Kernel.storm)
            #expect(records.of("events_lost").isEmpty)
            #expect(Set(attempts.compactMap { $0.process?.entity_id }).count == Kernel.storm, "a process twice")
            var indices = Set<Int>()
            var wrong: [String] = []
            for record in attempts {
                guard let process = record.process, let args = process.args, args.count == 3,
                    args[0] == "attempts", args[1] == "one-shot", let index = Int(args[2]),
                    record.destination?.port == UInt16(20_000 + index % 40_000),
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
            #expect(indices == Set(0..<Kernel.storm))
        }

        @Test(
            "that fail, more than the kernel's maps hold, each is recorded: their state is cleaned",
            arguments: Kernel.hookSets, ["flood-tcp", "flood-udp"])
        func flood(hookSet: String, kind: String) throws {
            let log = try Trace.attempts(hookSet, ["--ring-size", "64MiB"], [kind, "\(Kernel.flood)"])
            #expect(log.status == 0, "\(log.errors)")
            // Decoding each of them takes longer than making them.
            let lines = log.data.split(separator: UInt8(ascii: "\n"))
            func count(_ text: String) -> Int {
                let text = Data(text.utf8)
                return lines.count { $0.range(of: text) != nil }
            }
            #expect(count("\"action\":\"connection_attempted\"") == Kernel.flood)
            #expect(count("\"action\":\"events_lost\"") == 0, "\(log.errors)")
            let isTCP = kind == "flood-tcp"
            #expect(count("\"result\":\"refused\"") == (isTCP ? Kernel.flood : 0))
            #expect(count("\"action\":\"disconnect_received\"") == (isTCP ? 0 : Kernel.flood))
        }

        @Test(
            "that the ring cannot hold, the missing ones are counted exactly", arguments: Kernel.hookSets,
            ["flood-tcp", "flood-udp"])
        func overflow(hookSet: String, kind: String) throws {
            let made = 5_000
            let folder = try Folder()
            // It holds still itself until tattle does.
            let trace = try Trace(
                hookSet, ["--ring-size", "64KiB"],
                command: [Kernel.attempts, "--start-when", folder.at("go"), kind, "\(made)"], folder: folder)
            try trace.waitUntilLive()
            trace.send(SIGSTOP)
            _ = try folder.file("go")
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
