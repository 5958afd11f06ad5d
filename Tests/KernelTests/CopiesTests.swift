internal import Foundation
internal import Testing

extension KernelSuite {
    /// Many processes of many programs, all at once.
    @Suite("Copies of a program")
    struct Copies {
        /// What the workload says of its processes.
        private struct Made: Decodable {
            var pid: Int32
            var start_ticks: UInt64
            var folder: String
            var programs: Int
            /// Pid and start in ticks of each, by its index.
            var processes: [[UInt64]]
            var made: Int
            var as_expected: Int
        }

        @Test("distinct ones, 200 alive at once: nobody is taken for another", arguments: Kernel.hookSets)
        func storm(hookSet: String) throws {
            try Kernel.checking { try check(hookSet, Kernel.copies) }
        }

        @Test("whose pids come back again and again: nobody is taken for another", arguments: Kernel.hookSets.prefix(1))
        func pidsComeBack(hookSet: String) throws {
            guard let pidMax = Kernel.pidMax else { try Test.cancel("kernel.pid_max is not ours to set: PID_MAX") }
            let path = "/proc/sys/kernel/pid_max"
            let before = try String(contentsOfFile: path, encoding: .utf8)
            func set(_ value: String) throws {
                let file = try #require(FileHandle(forWritingAtPath: path))
                try file.write(contentsOf: Data(value.utf8))
                try file.close()
            }
            try set("\(pidMax)")
            defer { try? set(before) }
            let count = 2 * pidMax
            try Kernel.checking { try check(hookSet, count, comeBack: true) }
        }

        private func check(_ hookSet: String, _ count: Int, comeBack: Bool = false) throws {
            // Where there are few processes there is little memory for files as well.
            let programs = min(200, max(20, Kernel.copies / 5))
            let command = ["copies", "\(count)", "\(programs)"]
            let log = try Trace.attempts(hookSet, Trace.patient, command)
            #expect(log.status == 0, "\(log.errors)")
            let made = try #require(try log.output.decodedLines(as: Made.self).first)
            #expect(made.as_expected == count)
            if comeBack { #expect(Set(made.processes.map { $0[0] }).count < count, "no pid came back") }
            let records = try log.records()
            #expect(records.of("events_lost").isEmpty)
            #expect(records.attempts.count == count)
            var indices = Set<Int>()
            var wrong: [String] = []
            for record in records.attempts {
                if let index = index(of: record, made, command) {
                    indices.insert(index)
                } else {
                    wrong.append(record.summary + " \(record.process?.executable ?? "")")
                }
            }
            #expect(wrong.isEmpty, "\(wrong.count) wrong, the first: \(wrong.prefix(3))")
            #expect(indices == Set(0..<count))
        }

        /// Which process a record is of; nil when anything in it is another's.
        private func index(of record: Record, _ made: Made, _ command: [String]) -> Int? {
            guard let process = record.process, let args = process.args, args.count == 3, args[1] == "held-shot",
                let index = Int(args[2]), made.processes.indices.contains(index), let parent = process.parent
            else { return nil }
            let name = "copy-\(index % made.programs)"
            let isRight =
                args[0] == name && process.name == name && process.executable == made.folder + "/" + name
                && UInt64(process.pid) == made.processes[index][0]
                && process.entity_id?.entityTicks == made.processes[index][1]
                && record.destination?.port == UInt32(20_000 + index % 10_000) && record.result == "refused"
                && record.tattle?.attribution?.source == "kernel"
            let isParentRight =
                parent.pid == made.pid && parent.entity_id?.entityTicks == made.start_ticks
                && parent.executable == Kernel.attempts && parent.args == [Kernel.attempts] + command
            return isRight && isParentRight ? index : nil
        }
    }
}
