extension ProcessFlags {
    /// The flags of one run of one program.
    ///
    /// - Parameters:
    ///   - executable: the real path, without a mark that it is deleted; nil: not known, or its front is cut.
    ///   - isDeleted: whether it was deleted.
    ///   - isMemfd: whether it was made with memfd_create(2). Such a file's mode is 0777 always, so that says nothing.
    ///   - mode: permission bits of the executable, 07777; 0: not known.
    ///   - name: `comm`, at most 15 bytes.
    ///   - firstArgument: `argv[0]`; nil: not known or none.
    ///   - isKernelThread: whether it is one, which then may look like one.
    ///   - isTraced: whether another process traces it.
    ///   - hasPreload: whether its environment has `LD_PRELOAD`.
    ///   - isUnpackaged: whether it is known that no package owns the executable.
    public static func of(
        executable: [UInt8]?, isDeleted: Bool, isMemfd: Bool, mode: UInt16, name: [UInt8], firstArgument: [UInt8]?,
        isKernelThread: Bool, isTraced: Bool, hasPreload: Bool, isUnpackaged: Bool
    ) -> ProcessFlags {
        var flags = of(path: executable ?? [])
        func set(_ flag: ProcessFlags, when isTrue: Bool) { if isTrue { flags.insert(flag) } }
        set(.deleted, when: isDeleted)
        set(.memfd, when: isMemfd)
        set(.worldWritable, when: mode & 0o002 != 0 && !isMemfd)
        let names = [name[...], (firstArgument ?? [])[...]]
        set(.kernelLookAlike, when: !isKernelThread && names.contains(where: KernelThreadName.matches))
        set(.ptraced, when: isTraced)
        set(.preload, when: hasPreload)
        set(.unpackaged, when: isUnpackaged)
        set(.setuid, when: mode & 0o4000 != 0)
        return flags
    }

    /// The flags of a path.
    static func of(path: [UInt8]) -> ProcessFlags {
        var flags: ProcessFlags = []
        // Those in which a temporary folder shows, and one more.
        var first: [ArraySlice<UInt8>] = []
        var rest = path[...]
        while true {
            rest = rest.drop { $0 == UInt8(ascii: "/") }
            guard !rest.isEmpty else { break }
            let component = rest.prefix { $0 != UInt8(ascii: "/") }
            rest = rest[component.endIndex...]
            if first.count < 3 { first.append(component) }
            if isHidden(component) { flags.insert(.hiddenPath) }
        }
        if path.first == UInt8(ascii: "/"), isBelowTemporaryFolder(first) { flags.insert(.temporaryFolder) }
        return flags
    }

    /// Where everybody may make files: file-hierarchy(7); /run/shm is Debian's old name of /dev/shm.
    private static let temporaryFolders = [["tmp"], ["dev", "shm"], ["var", "tmp"], ["run", "shm"]].map { folder in
        folder.map { Array($0.utf8) }
    }

    private static func isBelowTemporaryFolder(_ components: [ArraySlice<UInt8>]) -> Bool {
        temporaryFolders.contains { folder in
            components.count > folder.count && zip(folder, components).allSatisfy { $0.elementsEqual($1) }
        }
    }

    private static func isHidden(_ component: ArraySlice<UInt8>) -> Bool {
        component.first == UInt8(ascii: ".") && component.count > 1 && !component.elementsEqual("..".utf8)
    }
}

/// What threads of the kernel are called, and how ps(1) shows them: in brackets.
enum KernelThreadName {
    /// Whether a name, or an `argv[0]`, is like one.
    ///
    /// That is: anything in brackets, or a name that begins as only the kernel's do. Of 15 bytes the closing bracket
    /// may be missing. Spaces at the end don't count: programs that overwrite their arguments leave them.
    static func matches(_ text: ArraySlice<UInt8>) -> Bool {
        var name = text
        while let last = name.last, last == 0 || last == UInt8(ascii: " ") { name.removeLast() }
        if name.first == UInt8(ascii: "[") {
            name.removeFirst()
            if name.count > 1, name.last == UInt8(ascii: "]") { return true }
        }
        guard let first = name.first else { return false }
        // Nearly every name differs in its first letter from nearly every one of these.
        return prefixes.contains { $0[0] == first && name.starts(with: $0) }
            || numbered.contains { $0[0] == first && isNumbered(name, after: $0) }
    }

    /// A CPU's or an interrupt's number follows: without one, "migration/run.sh" would be a look-alike.
    private static func isNumbered(_ name: ArraySlice<UInt8>, after prefix: [UInt8]) -> Bool {
        guard name.starts(with: prefix), let next = name.dropFirst(prefix.count).first else { return false }
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next)
    }

    /// Beginnings that no ordinary program has; what imitates them adds a letter ("kdevtmpfsi") or leaves the number out.
    private static let prefixes = [
        "kworker", "ksoftirqd", "kthreadd", "kdevtmpfs", "kswapd", "kcompactd", "khugepaged", "khungtaskd", "kauditd",
        "kblockd", "kintegrityd", "kthrotld", "oom_reaper", "rcu_sched", "rcu_preempt", "rcu_gp", "rcu_par_gp",
        "rcu_tasks_", "jbd2/", "xfsaild/", "scsi_eh_", "slub_flushwq", "mm_percpu_wq",
    ].map { Array($0.utf8) }

    private static let numbered = [
        "migration/", "cpuhp/", "irq/", "watchdog/", "idle_inject/", "rcuc/", "rcub/", "rcuop/", "rcuog/", "rcuos/",
    ].map { Array($0.utf8) }
}

extension Attribution {
    /// What is worth a second look about who made an attempt.
    public func flags(of attempt: Attempt) -> ProcessFlags {
        let program = process.program
        var flags = ProcessFlags.of(
            executable: program.marks.contains(.pathCut) ? nil : program.executable,
            isDeleted: attempt.isExecutableDeleted || program.marks.contains(.deleted),
            isMemfd: program.marks.contains(.memfd),
            mode: program.mode & 0o7777, name: program.name.bytes, firstArgument: program.firstArgument,
            isKernelThread: attempt.isKernelThread || process.isKernelThread,
            isTraced: attempt.isTraced || process.isTraced,
            hasPreload: program.variables.contains { $0.starts(with: "LD_PRELOAD=".utf8) },
            isUnpackaged: file.map { $0.isPackageKnown && $0.package == nil } ?? false)
        // What runs is the script, whatever its interpreter.
        if let script = program.script { flags.formUnion(ProcessFlags.of(path: script)) }
        return flags
    }
}
