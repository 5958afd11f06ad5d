internal import Foundation
internal import Testing

extension KernelSuite {
    /// Sockets that were open before tattle.
    @Suite("A socket that was open before tattle started")
    struct Inventory {
        /// What `attempts hold` says.
        struct Held: Decodable {
            var netns: UInt64
            var pids: [Int32]
            var server: UInt32
            var client: UInt32
            var full: UInt32
            var queued: UInt32
            var waiting: UInt32
            var datagram: UInt32
        }

        /// Runs tattle while the sockets are open; returns what it wrote of that namespace.
        private func trace(_ hookSet: String, _ options: [String], command: [String] = []) throws -> (Held, [Record]) {
            let folder = try Folder()
            let child = try Child(Kernel.attempts, ["hold", folder.at("end")], folder: folder)
            try waitUntil("the sockets are open; it says: \(child.errors)") { child.output.hasSuffix("\n") }
            let held = try #require(try child.output.decodedLines(as: Held.self).first)
            let trace = try Trace(hookSet, options, command: command)
            if command.isEmpty { try trace.waitUntilLive() }
            // The end of the run waits for the inventory.
            let records = try (command.isEmpty ? trace.stop() : trace.end()).records()
            try folder.make("end")
            #expect(try child.wait() == 0, "\(child.errors)")
            return (held, records.of("connection_existing").filter { $0.tattle?.netns == held.netns })
        }

        @Test("is written with its process, its state and who began it", arguments: Kernel.hookSets)
        func isWritten(hookSet: String) throws {
            let (held, records) = try trace(hookSet, [])
            let all = records.map {
                "\($0.network?.transport ?? "") \($0.network?.direction ?? "") \($0.source?.port ?? 0) "
                    + "\($0.destination?.port ?? 0) \($0.tattle?.connection?.state ?? "")"
            }
            // Who listens is not written, nor what nobody holds: the other end of what waits to be accepted.
            #expect(
                Set(all) == [
                    "tcp egress \(held.client) \(held.server) established",
                    "tcp ingress \(held.client) \(held.server) established",
                    "tcp egress \(held.queued) \(held.full) established",
                    "tcp egress \(held.waiting) \(held.full) syn_sent", "udp egress \(held.datagram) 9 established",
                ])
            #expect(all.count == 5)
            for record in records {
                #expect(record.process?.pid == held.pids.min())
                #expect(record.process?.executable == Kernel.attempts)
                #expect(record.process?.args?.dropFirst().first == "hold")
                #expect(record.process?.parent?.pid == getpid())
                #expect(record.tattle?.attribution?.source == "procfs")
                #expect(record.tattle?.connection?.other_owners == 1)
                #expect(record.destination?.ip == "127.0.0.1")
            }
        }

        @Test("is not written with --no-inventory, or with a command", arguments: Kernel.anyHookSet)
        func isNotWritten(hookSet: String) throws {
            #expect(try trace(hookSet, ["--no-inventory"]).1.isEmpty)
            #expect(try trace(hookSet, [], command: ["/bin/true"]).1.isEmpty)
            #expect(try trace(hookSet, ["--failed"]).1.isEmpty)
            #expect(try trace(hookSet, ["--system"], command: ["/bin/true"]).1.count == 5)
        }

        @Test("is written where it passes the filters", arguments: Kernel.anyHookSet)
        func filters(hookSet: String) throws {
            let (held, datagrams) = try trace(hookSet, ["--proto", "udp", "--port", "9"])
            #expect(datagrams.map(\.source?.port) == [held.datagram])
            #expect(try trace(hookSet, ["--not-to", "127.0.0.0/8"]).1.isEmpty)
            #expect(try trace(hookSet, ["--comm", Kernel.attemptsName]).1.count == 5)
            #expect(try trace(hookSet, ["--user", "65534"]).1.isEmpty)
        }
    }
}
