internal import CProbes
internal import Model

/// Records that carry text.
extension Decoder {
    /// An exec record with its texts; nil when the lengths contradict each other.
    func exec(_ record: borrowing RawSpan) -> ProcessFacts? {
        let fixed = MemoryLayout<tattle_exec>.size
        guard record.byteCount >= fixed else { return nil }
        // In bounds by the guard; any bytes are a valid record.
        let raw = unsafe record.unsafeLoadUnaligned(as: tattle_exec.self)
        let lengths = [
            raw.path_length, raw.folder_length, raw.script_length, raw.variables_length, raw.args_length,
        ].map(Int.init)
        guard fixed + lengths.reduce(0, +) == record.byteCount else { return nil }
        var start = fixed
        let texts = lengths.map { length in
            defer { start += length }
            return Self.bytes(record, from: start, count: length)
        }
        let wanted = texts[3].split(separator: 0).filter { text in variables.contains { text.starts(with: $0) } }
        let isNone: (UInt32) -> Bool = { $0 == .max }
        let isInFolder = raw.flags & TATTLE_EXEC_NO_FOLDER.rawValue == 0
        let program = Program(
            name: Self.threadName(raw.comm),
            path: isInFolder ? Self.joinPath(texts[0]) : Array(texts[0].prefix { $0 != 0 }),
            // No component at all: the root.
            folder: texts[1].isEmpty ? [UInt8(ascii: "/")] : Self.joinPath(texts[1]),
            script: texts[2].prefix { $0 != 0 },
            variables: wanted.flatMap { $0 + [0] }, arguments: texts[4],
            argumentsTotalBytes: Int(clamping: raw.args_total),
            mode: raw.file_mode,
            stamp: FileStamp(
                device: UInt64(raw.device), inode: raw.inode, size: raw.file_size,
                modifiedNanoseconds: Int64(bitPattern: raw.modified_ns),
                changedNanoseconds: Int64(bitPattern: raw.changed_ns)),
            marks: Self.marks(raw.flags))
        return ProcessFacts(
            identity: ProcessIdentity(pid: raw.pid, startBootNanoseconds: raw.start_boot_ns),
            parentIdentity: raw.parent_pid == 0
                ? nil : ProcessIdentity(pid: raw.parent_pid, startBootNanoseconds: raw.parent_start_boot_ns),
            program: program, execID: raw.exec_id,
            surroundings: Surroundings(
                credentials: Credentials(
                    userID: raw.uid, effectiveUserID: raw.effective_uid, groupID: raw.gid,
                    effectiveGroupID: raw.effective_gid, loginUserID: isNone(raw.login_uid) ? nil : raw.login_uid,
                    capabilities: raw.capabilities),
                namespaces: Namespaces(
                    network: raw.netns_inode, pid: raw.pidns_inode, mount: raw.mntns_inode, user: raw.userns_inode),
                sessionLeader: raw.session_leader_pid == 0
                    ? nil
                    : SessionLeader(
                        identity: ProcessIdentity(pid: raw.session_leader_pid, startBootNanoseconds: 0), program: nil),
                terminal: raw.tty_device == 0 ? nil : raw.tty_device, cgroupID: raw.cgroup_id == 0 ? nil : raw.cgroup_id
            ), namespacePID: raw.vpid,
            isTraced: raw.flags & TATTLE_EXEC_TRACED.rawValue != 0, source: .kernel)
    }

    private static func marks(_ flags: UInt32) -> Program.Marks {
        var marks: Program.Marks = []
        func set(_ mark: Program.Marks, _ flag: tattle_exec_flags) {
            if flags & flag.rawValue != 0 { marks.insert(mark) }
        }
        set(.pathCut, TATTLE_EXEC_PATH_TRUNCATED)
        set(.deleted, TATTLE_EXEC_DELETED)
        set(.memfd, TATTLE_EXEC_NO_FOLDER)
        set(.folderCut, TATTLE_EXEC_FOLDER_TRUNCATED)
        set(.variablesCut, TATTLE_EXEC_VARIABLES_TRUNCATED)
        return marks
    }

    /// A cgroup record with its path; nil when the lengths contradict each other.
    static func controlGroup(_ record: borrowing RawSpan) -> ControlGroupChange? {
        let fixed = MemoryLayout<tattle_cgroup>.size
        guard record.byteCount >= fixed else { return nil }
        // In bounds by the guard; any bytes are a valid record.
        let raw = unsafe record.unsafeLoadUnaligned(as: tattle_cgroup.self)
        guard fixed + Int(raw.path_length) == record.byteCount else { return nil }
        return ControlGroupChange(
            id: raw.cgroup_id, path: bytes(record, from: fixed, count: Int(raw.path_length)),
            isRemoved: raw.is_removed != 0)
    }

    private static func bytes(_ record: borrowing RawSpan, from start: Int, count: Int) -> [UInt8] {
        // The caller checked that start + count is within the record.
        unsafe record.withUnsafeBytes { unsafe Array($0[start..<start + count]) }
    }

    /// `c\0b\0a\0` as the kernel walked it, to `/a/b/c`.
    static func joinPath(_ components: [UInt8]) -> [UInt8] {
        var path: [UInt8] = []
        path.reserveCapacity(components.count)
        for component in components.split(separator: 0).reversed() {
            path.append(UInt8(ascii: "/"))
            path.append(contentsOf: component)
        }
        return path
    }
}
