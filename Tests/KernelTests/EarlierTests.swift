internal import Foundation
internal import Testing

extension KernelSuite {
    /// Who was there before tattle is known from /proc.
    @Suite("Lineage: a process that ran before tattle started")
    struct Earlier {
        @Test("is known, and said to be known from /proc", arguments: Kernel.anyHookSet)
        func isKnown(hookSet: String) throws {
            let folder = try Folder()
            let child = try Child(Kernel.attempts, ["--start-when", folder.at("go"), "tcp4-refused"])
            // Until it is the program it is to be.
            let proc = "/proc/\(child.pid)/"
            try waitUntil("the process runs its program") { text(proc + "cmdline").contains("tcp4-refused") }
            let ticks = startTicks(proc)
            let args = text(proc + "cmdline").split(separator: "\0").map(String.init)
            let trace = try Trace(hookSet)
            try trace.waitUntilLive()
            try folder.make("go")
            #expect(try child.wait() == 0)
            let records = try trace.stop().records().by([child.pid])
            let record = try #require(records.attempts.first)
            #expect(records.attempts.count == 1)
            let process = try #require(record.process)
            #expect(record.tattle?.attribution?.source == "procfs")
            #expect(process.executable == Kernel.attempts)
            #expect(process.args == args)
            #expect(process.name == Kernel.attemptsName)
            #expect(process.entity_id?.entityTicks == ticks)
            #expect(process.parent?.pid == getpid())
            #expect(process.parent?.entity_id?.entityTicks == startTicks("/proc/self/"))
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            #expect(process.parent?.executable == own)
        }

        private func text(_ path: String) -> String {
            String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        }

        /// Field 22 of `stat`, the 20th after the name.
        private func startTicks(_ proc: String) -> UInt64? {
            let fields = text(proc + "stat").split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 19 ? UInt64(fields[19]) : nil
        }
    }
}
