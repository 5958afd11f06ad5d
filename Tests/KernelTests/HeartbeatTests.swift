internal import Foundation
internal import Testing

extension KernelSuite {
    /// Life signs, and what the kernel counted by itself beside what was recorded.
    @Suite("A heartbeat")
    struct Heartbeats {
        private static let connects = 40
        private static let datagrams = 30

        /// In a namespace of its own, so that nobody else counts there; it says which, and stays until it is told.
        private static let script = """
            ip link set lo up
            stat -Lc %i /proc/self/ns/net
            until [ -e "$1/go" ]; do sleep 0.02; done
            for i in $(seq \(connects)); do "$2" one-shot $i || exit 1; done
            for i in $(seq \(datagrams / 2)); do echo x >/dev/udp/127.0.0.1/9; echo x >/dev/udp/::1/9; done
            : >"$1/done"
            until [ -e "$1/end" ]; do sleep 0.02; done
            """

        private func namespaces(_ log: String, _ netns: UInt64) throws -> [Record.Tattle.Heartbeat.Namespace] {
            // The last line may be half written.
            let whole = log[...(log.lastIndex(of: "\n") ?? log.startIndex)]
            let lines = whole.split(separator: "\n").filter { $0.contains("\"action\":\"heartbeat\"") }
            let records = try lines.joined(separator: "\n").decodedLines(as: Record.self)
            return records.flatMap { $0.tattle?.heartbeat?.namespaces ?? [] }.filter { $0.netns == netns }
        }

        @Test(
            "has what the kernel counted beside what was recorded, and nothing is missing", arguments: Kernel.hookSets)
        func agrees(hookSet: String) throws {
            try Kernel.checking { try check(hookSet) }
        }

        private func check(_ hookSet: String) throws {
            let folder = try Folder()
            let trace = try Trace(hookSet, ["--heartbeat", "1s"])
            try trace.waitUntilLive()
            let child = try Child(
                "/usr/bin/unshare",
                ["--net", "/bin/bash", "-c", Self.script, "script", folder.path, Kernel.attempts], folder: folder)
            defer { try? folder.make("end") }
            try waitUntil("the namespace is there: \(child.errors)") { child.output.hasSuffix("\n") }
            let netns = try #require(UInt64(child.output.dropLast()))
            // From the first sight on it is exact.
            try waitUntil("the namespace is in a heartbeat") {
                try !namespaces(trace.folder.text("log"), netns).isEmpty
            }
            try folder.make("go")
            try waitUntil("everything is sent: \(child.errors)") {
                if !child.isRunning { throw Child.Failure(description: "it ended: \(child.errors)") }
                return folder.has("done")
            }
            let log = try trace.stop()
            try folder.make("end")
            let records = try log.records()
            let beats = try namespaces(String(decoding: log.data, as: UTF8.self), netns)
            func kernel(_ names: String...) -> UInt64 {
                beats.reduce(0) { sum, beat in sum + names.reduce(0) { $0 + (beat.kernel?[$1] ?? 0) } }
            }
            #expect(kernel("tcp_active_opens") == UInt64(Self.connects))
            #expect(kernel("tcp_attempt_fails") == UInt64(Self.connects))
            #expect(kernel("udp_out_datagrams", "udp6_out_datagrams") == UInt64(Self.datagrams))
            #expect(beats.reduce(0) { $0 + ($1.recorded?.tcp_syn ?? 0) } == Int64(Self.connects))
            #expect(beats.reduce(0) { $0 + ($1.recorded?.flow_datagrams ?? 0) } == UInt64(Self.datagrams))
            // In the last one it is certain.
            #expect(beats.last?.missing?.tcp_syn == 0)
            #expect(beats.last?.missing?.datagrams == 0)
            #expect(records.of("events_lost").isEmpty)
            let final = records.of("heartbeat").filter { $0.tattle?.heartbeat?.final == true }
            #expect(final.count == 1)
            #expect(records.suffix(2).first?.event.id == final.first?.event.id)
            #expect(final.first?.tattle?.totals?.attempts == records.last?.tattle?.totals?.attempts)
        }

        @Test(
            "comes as often as asked for, with what tattle takes, and last before the end", arguments: Kernel.anyHookSet
        )
        func interval(hookSet: String) throws {
            let trace = try Trace(hookSet, ["--heartbeat", "200ms"])
            try waitUntil("there are three") {
                trace.folder.text("log").components(separatedBy: "\"action\":\"heartbeat\"").count > 3
            }
            let beats = try trace.stop().records().of("heartbeat").compactMap { $0.tattle?.heartbeat }
            #expect(beats.count >= 4)
            #expect(beats.dropLast().allSatisfy { !$0.final } && beats.last?.final == true)
            #expect(beats.allSatisfy { $0.cpu_ns > 0 && $0.resident_bytes > 0 && $0.ring.bytes == 8 << 20 })
            #expect(beats.allSatisfy { $0.reconciled && $0.namespaces?.isEmpty == false })
        }

        @Test("tells what is in a map that most machines do without", arguments: Kernel.anyHookSet)
        func maps(hookSet: String) throws {
            let trace = try Trace(hookSet, ["--heartbeat", "200ms"])
            try trace.waitUntilLive()
            let datagrams = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            defer { close(datagrams) }
            // The flow of a socket's second destination is kept there as long as the socket lives.
            for port: UInt16 in [9, 19] {
                var to = sockaddr_in()
                to.sin_family = sa_family_t(AF_INET)
                to.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
                to.sin_port = port.bigEndian
                let length = socklen_t(MemoryLayout<sockaddr_in>.size)
                // The address lives through the call, which reads no more than it has.
                let sent = unsafe withUnsafeBytes(of: &to) { address in
                    unsafe sendto(
                        datagrams, "x", 1, 0, address.baseAddress?.assumingMemoryBound(to: sockaddr.self), length)
                }
                #expect(sent == 1)
            }
            try waitUntil("a heartbeat tells of the second flow") {
                let log = trace.folder.text("log")
                let whole = log[...(log.lastIndex(of: "\n") ?? log.startIndex)]
                let beats = try whole.split(separator: "\n").filter { $0.contains("\"action\":\"heartbeat\"") }
                    .joined(separator: "\n").decodedLines(as: Record.self)
                return beats.contains { $0.tattle?.heartbeat?.maps?["udp_flows"]?.entries ?? 0 > 0 }
            }
            let log = try trace.stop()
            let last = try log.records().of("heartbeat").last?.tattle?.heartbeat?.maps
            #expect(last?.count == 3 && last?["udp_flows"]?.capacity == 65_536)
        }

        @Test("says that with filters nothing is compared", arguments: Kernel.anyHookSet)
        func filtered(hookSet: String) throws {
            let log = try Trace.attempts(hookSet, ["--heartbeat", "100ms"], ["run", "tcp4-refused"])
            let beats = try log.records().of("heartbeat").compactMap { $0.tattle?.heartbeat }
            #expect(!beats.isEmpty)
            #expect(beats.allSatisfy { !$0.reconciled && $0.namespaces == nil })
        }

        @Test("is not written with --heartbeat 0", arguments: Kernel.anyHookSet)
        func none(hookSet: String) throws {
            let log = try Trace.run(hookSet, ["--heartbeat", "0"], ["/bin/true"])
            #expect(try log.records().of("heartbeat").isEmpty)
        }
    }
}
