internal import Foundation
internal import Testing

extension KernelSuite {
    /// What `tattle doctor` says is how it is.
    @Suite("Doctor")
    struct Doctor {
        /// What was in the kernel before, and what doctor then said; once, for in an emulated machine it takes half a
        /// minute.
        private struct Visit: Sendable {
            var programsBefore: Set<Int>
            var said: Examination
            var status: Int32
        }

        private static let visit = Result {
            let before = try programs()
            let (said, status) = try Examination.make()
            return Visit(programsBefore: before, said: said, status: status)
        }

        @Test("names the set that a trace then uses, and those that work")
        func namesTheSet() throws {
            let visit = try Self.visit.get()
            let (said, status) = (visit.said, visit.status)
            #expect(said.hook_sets.map(\.name) == ["trampoline", "kprobe", "tracepoint"])
            let working = said.hook_sets.filter { $0.state == "available" }.map(\.name)
            #expect(working == Kernel.hookSets, "\(said.hook_sets)")
            #expect(said.hook_set == working.first)
            let trace = try Child(Kernel.tattle, ["trace", "--duration", "0.1s", "--output", "/dev/null"])
            #expect(try trace.wait() == 0)
            #expect(trace.errors.contains("(\(said.hook_set ?? "none") hooks)"), "\(trace.errors)")
            for refused in said.hook_sets where refused.state != "available" {
                #expect(refused.reason?.isEmpty == false)
            }
            #expect(status == (said.verdict == "fit" ? 0 : 3), "\(said.verdict)")
            #expect((said.verdict == "fit") == (said.hook_set == "trampoline" && said.blind_spots.isEmpty))
        }

        @Test("finds every hook there that a set that works requires, and says what each is for")
        func findsHooks() throws {
            let said = try Self.visit.get().said
            for hook in said.hooks {
                #expect(hook.purpose?.isEmpty == false, "\(hook.name)")
                let isUsed = !Set(hook.hook_sets).isDisjoint(with: Kernel.hookSets)
                if isUsed, hook.required { #expect(hook.state == "available", "\(hook.name)") }
            }
            for name in ["btf", "ring_buffer", "raw_tracepoint"] {
                #expect(said.features.first { $0.name == name }?.state == "available", "\(name)")
            }
            let trampolines = ["fentry", "fexit"].map { name in said.features.first { $0.name == name }?.state }
            let state = Kernel.hookSets.contains("trampoline") ? "available" : "unavailable"
            #expect(trampolines == [state, state])
        }

        /// A line that says otherwise than this kernel is wrong, or lacks its "since" or "before".
        @Test("finds each prototype as the sources say of this kernel")
        func prototypes() throws {
            let said = try Self.visit.get().said
            #expect(said.prototypes.count > 15)
            for prototype in said.prototypes {
                #expect(
                    ["same", "absent_as_expected"].contains(prototype.state),
                    """
                    Linux \(said.kernel.release): \(prototype.name) is \(prototype.state): \(prototype.differences); \
                    expected \(prototype.expected ?? "nothing"), found \(prototype.found ?? "nothing")
                    """)
            }
        }

        @Test("leaves nothing in the kernel")
        func leavesNothing() throws {
            let before = try Self.visit.get().programsBefore
            // The kernel lets go of programs a little later. What somebody else holds is not the doctor's.
            try waitUntil("the kernel lets go") {
                try Self.programs().subtracting(before).subtracting(held()).isEmpty
            }
        }

        @Test("names the programs of another tracer on the same hooks", arguments: Kernel.anyHookSet)
        func others(hookSet: String) throws {
            let trace = try Trace(hookSet)
            try trace.waitUntilLive()
            let (said, _) = try Examination.make()
            _ = try trace.stop()
            let programs = try #require(said.other_programs)
            #expect(programs.contains { $0.name == "on_exec" && $0.shared_hooks == ["raw_tp/sched_process_exec"] })
            #expect(said.findings.contains { $0.weight == "notes" })
        }

        @Test("without privileges says what it could not ask, and is 77")
        func withoutPrivileges() throws {
            let folder = try Folder()
            let path = folder.at("tattle")
            try FileManager.default.copyItem(atPath: Kernel.tattle, toPath: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
            let (said, status) = try Examination.make(by: [Kernel.attempts, "drop-privileges"], tattle: path)
            #expect(status == 77 && said.verdict == "unfit" && said.hook_set == nil && said.other_programs == nil)
            #expect(said.hook_sets.allSatisfy { $0.state == "unknown" })
            #expect(said.features.first { $0.name == "fentry" }?.state == "unknown")
            #expect(said.capabilities.allSatisfy { !$0.held })
            // BTF is everybody's to read.
            #expect(said.features.first { $0.name == "btf" }?.state == "available")
            #expect(!said.prototypes.isEmpty)
        }

        @Test("in words is as right as in JSON, and without colours in a file")
        func text() throws {
            let child = try Child(Kernel.tattle, ["doctor"])
            let visit = try Self.visit.get()
            let said = visit.said
            #expect(try child.wait() == visit.status && child.errors.isEmpty)
            #expect(child.output.contains("  \(said.verdict)") && !child.output.contains("\u{1b}"))
            for name in said.hook_sets.map(\.name) + ["Capabilities", "Machine"] {
                #expect(child.output.contains(name), "\(name)")
            }
        }

        /// tattle's programs in the kernel, of whichever run.
        private static func programs() throws -> Set<Int> {
            struct State: Decodable {
                var programs: Set<Int>
            }
            let child = try Child(Kernel.attempts, ["bpf-state"])
            _ = try child.wait()
            return try #require(child.output.decodedLines(as: State.self).first).programs
        }

        /// The programs that any process holds descriptors of.
        private func held() -> Set<Int> {
            let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return processes.filter { Int($0) != nil }.reduce(into: []) { held, process in
                let folder = "/proc/\(process)/fdinfo"
                for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                    let text = (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
                    for line in text.split(separator: "\n") where line.hasPrefix("prog_id:") {
                        if let id = line.split(separator: "\t").last.flatMap({ Int($0) }) { held.insert(id) }
                    }
                }
            }
        }
    }
}
