internal import Foundation
internal import Testing

extension KernelSuite {
    /// What the kernel's memory holds of what is over.
    @Suite("The kernel's maps")
    struct Maps {
        /// Those that hold what an attempt needs until it is over: the command's alone, so nobody else's comes by.
        private static let ofAttempts = ["tcp_attempts", "tcp_places", "udp_sockets", "udp_places", "udp_flows"]
        /// The others hold a little for whatever thread is in the middle of something, whosever it is.
        private static let othersMayGrowBy = 1_000
        /// One entry for each thread that lived, 16,384 at the most: no attempt's.
        private static let ofThreads = "marks_of_tasks"

        /// Both floods in one trace: each start takes long in an emulated machine.
        private static let floods = ["flood-tcp", "flood-udp"]

        @Test("are after many attempts what they were before", arguments: Kernel.hookSets)
        func nothingStays(hookSet: String) throws {
            let folder = try Folder()
            let script = """
                : >begun; until [ -e go ]; do sleep 0.1; done
                for flood in \(Self.floods.joined(separator: " ")); do '\(Kernel.attempts)' $flood \(Kernel.leftovers); done
                : >over; until [ -e end ]; do sleep 0.1; done
                """
            // Of a million attempts the log would be four gigabytes.
            let trace = try Trace(
                hookSet, ["--output", "/dev/null", "--ring-size", "64MiB"],
                command: ["/bin/sh", "-c", "cd '\(folder.at(""))' && \(script)"], folder: folder)
            try waitUntil("the command runs") { FileManager.default.fileExists(atPath: folder.at("begun")) }
            let before = try entries(of: trace.pid)
            try folder.make("go")
            try waitUntil("the floods are over", seconds: 60 + Double(Kernel.leftovers) / 50) {
                FileManager.default.fileExists(atPath: folder.at("over"))
            }
            let after = try entries(of: trace.pid)
            try folder.make("end")
            let log = try trace.end()
            let made = log.output.split(separator: "\n").count { $0.contains("\"as_expected\":\(Kernel.leftovers)") }
            #expect(made == Self.floods.count, "\(log.output)")
            #expect(log.errors.contains("\(Self.floods.count * Kernel.leftovers) attempts"), "\(log.errors)")
            try #require(
                before["tcp_attempts"] != nil && before["tcp_places"] != nil && before.count == after.count, "\(before)"
            )
            for (name, count) in after.sorted(by: { $0.key < $1.key }) where name != Self.ofThreads {
                let known = before[name] ?? 0
                let limit = Self.ofAttempts.contains(name) ? known : known + Self.othersMayGrowBy
                #expect(count <= limit, "\(name): \(known) entries before, \(count) after")
            }
        }

        private struct Entries: Decodable {
            var maps: [String: Int]
        }

        /// How many entries each map has that a process holds.
        private func entries(of pid: Int32) throws -> [String: Int] {
            let child = try Child(Kernel.attempts, ["bpf-maps", "\(pid)"])
            _ = try child.wait()
            return try #require(try child.output.decodedLines(as: Entries.self).first, "\(child.errors)").maps
        }
    }
}
