internal import Foundation
internal import Testing

extension KernelSuite {
    /// Whoever attempts is known in full, however the process came about.
    @Suite("Lineage: a process")
    struct Lineage {
        /// Calls `check` with each attempt of a kind and its record.
        private func forEach(
            _ hookSet: String, _ kind: String, _ check: (LineageTruth.Shot, Record) throws -> Void
        ) throws {
            let run = try LineageRun.with(hookSet)
            let truth = try #require(run.truths[kind], "the workload told nothing of \(kind): \(run.errors)")
            if truth.status == "missing" { try Test.cancel("\(truth.problem.text)") }
            try #require(truth.status == "as_expected", "\(truth.problem.text)")
            try #require(!truth.shots.isEmpty)
            try Kernel.checking {
                for shot in truth.shots { try check(shot, try run.record(of: shot)) }
            }
        }

        @Test(
            "is recorded with executable, arguments and thread", arguments: Kernel.anyHookSet, Kernel.lineages)
        func program(hookSet: String, kind: String) throws {
            try forEach(hookSet, kind) { shot, record in
                let process = try #require(record.process)
                #expect(record.result == "refused")
                #expect(record.tattle?.attribution?.source == "kernel")
                if shot.is_cut, record.tattle?.process?.executable_truncated == true {
                    let kept = try #require(process.executable)
                    #expect(shot.executable.text.hasSuffix(kept))
                } else {
                    #expect(process.executable == shot.executable.text)
                    #expect(record.tattle?.process?.executable_truncated == nil)
                }
                #expect(process.args == shot.args.map(\.text))
                #expect(process.args_count == shot.args.count)
                #expect(process.start != nil)
                #expect(process.thread.id == shot.tid)
                #expect(process.thread.name == shot.thread_name.text)
                if shot.tid == shot.pid { #expect(process.name == shot.thread_name.text) }
            }
        }

        @Test("has the parent that forked it", arguments: Kernel.anyHookSet, Kernel.lineages)
        func parent(hookSet: String, kind: String) throws {
            try forEach(hookSet, kind) { shot, record in
                let parent = try #require(record.process?.parent)
                let truth = try #require(ancestors(of: shot, record).first)
                #expect(parent.pid == truth.pid)
                #expect(parent.entity_id?.entityTicks == truth.start_ticks)
                #expect(parent.executable == truth.executable?.text)
                #expect(parent.args == shot.parent_args.map(\.text))
            }
        }

        @Test("has its ancestors, those that have ended too", arguments: Kernel.anyHookSet, Kernel.lineages)
        func ancestry(hookSet: String, kind: String) throws {
            try forEach(hookSet, kind) { shot, record in
                let truth = ancestors(of: shot, record)
                let ancestry = try #require(record.process?.Ext?.ancestry)
                #expect(ancestry.map(\.entityPID) == truth.map(\.pid))
                #expect(ancestry.map(\.entityTicks) == truth.map(\.start_ticks))
                let ancestors = try #require(record.tattle?.process?.ancestors)
                #expect(ancestors.map(\.pid) == truth.map(\.pid))
                for (ancestor, truth) in zip(ancestors, truth) where truth.executable != nil {
                    // As the kernel names a file that is in no folder; /proc adds a slash.
                    let text = (truth.executable?.text ?? "").replacing(" (deleted)", with: "")
                    #expect(ancestor.executable == (text.hasPrefix("/memfd:") ? String(text.dropFirst()) : text))
                }
            }
        }

        /// The ancestors that a record must have.
        ///
        /// A child made with CLONE_PARENT has a forker that is not its parent. Either is right, if it is so throughout.
        private func ancestors(of shot: LineageTruth.Shot, _ record: Record) -> [LineageTruth.Ancestor] {
            guard let kernel = shot.kernel_ancestors, record.process?.parent?.pid == kernel.first?.pid else {
                return shot.ancestors
            }
            return kernel
        }

        @Test("has the session that it is in", arguments: Kernel.anyHookSet, Kernel.lineages)
        func session(hookSet: String, kind: String) throws {
            try forEach(hookSet, kind) { shot, record in
                guard shot.session != 0 else { return }
                let leader = try #require(record.process?.session_leader)
                #expect(leader.pid == shot.session)
                #expect(leader.entity_id?.entityPID == shot.session)
                if let executable = shot.session_executable?.text { #expect(leader.executable == executable) }
            }
        }

        @Test("has users, groups and capabilities of its own", arguments: Kernel.anyHookSet, Kernel.lineages)
        func rights(hookSet: String, kind: String) throws {
            try forEach(hookSet, kind) { shot, record in
                let process = try #require(record.process)
                #expect(process.user?.id == "\(shot.user)")
                #expect(process.real_user?.id == "\(shot.real_user)")
                #expect(process.group?.id == "\(shot.group)")
                #expect(process.real_group?.id == "\(shot.real_group)")
                if shot.user == 0 { #expect(process.user?.name == "root") }
                let login = shot.login_user.flatMap { $0 == .max ? nil : "\($0)" }
                #expect(record.tattle?.process?.login_user?.id == login)
                #expect(process.thread.capabilities?.effective ?? [] == Capability.names(in: shot.capabilities))
            }
        }

        @Test("is in its folder, on its terminal, in its namespaces", arguments: Kernel.anyHookSet, Kernel.lineages)
        func place(hookSet: String, kind: String) throws {
            try forEach(hookSet, kind) { shot, record in
                let process = try #require(record.process)
                #expect(process.working_directory == shot.working_directory?.text)
                #expect(process.vpid == (shot.vpid == shot.pid ? nil : shot.vpid))
                let terminal = process.tty?.char_device.map { "\($0.major):\($0.minor)" }
                #expect(terminal ?? "0:0" == shot.tty)
                let namespaces = try #require(record.tattle?.process?.namespaces)
                #expect(namespaces.pid == shot.namespaces.pid)
                #expect(namespaces.mount == shot.namespaces.mount)
                #expect(namespaces.user == shot.namespaces.user)
                #expect(namespaces.net == shot.namespaces.net)
            }
        }

        @Test("has its file, script and what is odd about it", arguments: Kernel.anyHookSet, Kernel.lineages)
        func file(hookSet: String, kind: String) throws {
            try forEach(hookSet, kind) { shot, record in
                let program = try #require(record.tattle?.process)
                #expect(program.file?.device == shot.device)
                #expect(program.file?.inode == shot.inode)
                #expect(program.script == shot.script?.text)
                // Whether it is packaged depends on the machine, and has tests of its own.
                let flags = (program.flags ?? []).filter { $0 != "unpackaged" }
                #expect(flags.sorted() == shot.flags.sorted())
                #expect((program.deleted ?? false) == shot.flags.contains("deleted"))
                let preload = shot.preload.map { ["LD_PRELOAD": $0.text, "LD_LIBRARY_PATH": $0.text] }
                #expect(program.preload == preload)
            }
        }

        @Test("is in its cgroup, one that is gone too", arguments: Kernel.anyHookSet, Kernel.lineages)
        func cgroup(hookSet: String, kind: String) throws {
            guard kind.hasPrefix("cgroup") else { return }
            try forEach(hookSet, kind) { shot, record in
                #expect(record.tattle?.cgroup?.path == shot.cgroup?.text)
                #expect(record.container?.id == shot.container?.text)
                #expect(record.container?.runtime == shot.runtime?.text)
                #expect(record.kubernetes?.pod?.uid == shot.pod?.text)
                if let unit = shot.unit?.text { #expect(record.tattle?.unit == unit) }
                if let slice = shot.slice?.text { #expect(record.tattle?.slice == slice) }
            }
        }

        @Test("has no hash but that of the file it runs", arguments: Kernel.anyHookSet, Kernel.lineages)
        func hash(hookSet: String, kind: String) throws {
            // All of them run copies of it.
            let truth = try sha256(Kernel.attempts)
            try forEach(hookSet, kind) { _, record in
                if let hash = record.process?.hash?.sha256 {
                    #expect(hash == truth)
                } else {
                    let program = record.tattle?.process
                    #expect(program?.hash_pending == true || program?.hash_error != nil, "neither a hash nor why not")
                }
            }
        }

        @Test("makes the attempts that are recorded, and nobody else; nothing is lost", arguments: Kernel.anyHookSet)
        func nothingElse(hookSet: String) throws {
            let run = try LineageRun.with(hookSet)
            let records = run.records
            let shots = run.truths.values.flatMap(\.shots)
            if !Kernel.skipsPrograms {
                #expect(records.attempts.count == shots.count)
                #expect(records.of("events_lost").isEmpty)
            }
            let known = Set(shots.map(\.pid))
            #expect(records.attempts.allSatisfy { known.contains($0.process?.pid ?? 0) })
        }
    }
}
