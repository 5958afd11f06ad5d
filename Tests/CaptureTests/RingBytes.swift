internal import CProbes

/// The bytes of a C structure as it stands in the ring.
func bytes<Value: BitwiseCopyable>(_ value: Value, _ tail: [UInt8] = []) -> [UInt8] {
    // The structures of probe_abi.h have no padding.
    unsafe withUnsafeBytes(of: value) { unsafe Array($0) } + tail
}

func header(_ type: tattle_record_type, length: Int, hook: UInt8 = 2) -> tattle_header {
    tattle_header(
        type: UInt8(type.rawValue), hook: hook, length: UInt16(length), cpu: 1, sequence: 7, boot_ns: 2_000)
}

typealias Address = (
    UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8
)

/// The bytes of ::ffff:a.b.c.d, in network order.
func mapped(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> Address {
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d)
}

/// A refused TCP attempt to 203.0.113.9:443 from 192.0.2.7:50122 by thread 43 of process 42, "curl".
func attemptRecord() -> tattle_attempt {
    var raw = tattle_attempt()
    raw.header = header(TATTLE_RECORD_ATTEMPT, length: MemoryLayout<tattle_attempt>.size)
    raw.attempt_id = 77
    raw.started_boot_ns = 1_000
    raw.process_start_boot_ns = 500
    raw.cgroup_id = 9
    raw.socket_key = 0xffff_8880_1234_5678
    raw.destination = mapped(203, 0, 113, 9)
    raw.source = mapped(192, 0, 2, 7)
    raw.pid = 42
    raw.tid = 43
    raw.uid = 1000
    raw.effective_gid = 7
    raw.exec_id = 6
    raw.capabilities = 8
    raw.process_flags = TATTLE_PROCESS_DELETED.rawValue
    raw.netns_inode = 4_026_531_840
    raw.error = 111
    raw.destination_port_be = UInt16(443).bigEndian
    raw.source_port_be = UInt16(50122).bigEndian
    raw.protocol = 6
    raw.family = 2
    raw.phase = UInt8(TATTLE_PHASE_WHOLE.rawValue)
    raw.outcome = UInt8(TATTLE_OUTCOME_FAILED.rawValue)
    raw.flags = UInt8(TATTLE_FLAG_SYN_SENT.rawValue)
    raw.comm = (99, 117, 114, 108, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    return raw
}

/// The texts of an exec record.
struct ExecTexts {
    var path: [UInt8] = []
    var folder: [UInt8] = []
    var script: [UInt8] = []
    var variables: [UInt8] = []
    var arguments: [UInt8] = []
}

func execRecord(_ texts: ExecTexts, total: UInt64? = nil, flags: UInt32 = 0) -> [UInt8] {
    var raw = tattle_exec()
    let text = texts.path + texts.folder + texts.script + texts.variables + texts.arguments
    raw.header = header(TATTLE_RECORD_EXEC, length: MemoryLayout<tattle_exec>.size + text.count, hook: 10)
    raw.start_boot_ns = 500
    raw.parent_start_boot_ns = 400
    raw.pid = 42
    raw.parent_pid = 41
    raw.uid = 1000
    raw.effective_uid = 0
    raw.gid = 1001
    raw.effective_gid = 1002
    raw.login_uid = .max
    raw.capabilities = 1 << 13
    raw.device = 8 << 20 | 1
    raw.inode = 12
    raw.file_size = 13
    raw.modified_ns = 14
    raw.changed_ns = 15
    raw.file_mode = 0o104755
    raw.session_leader_pid = 40
    raw.tty_device = 136 << 20 | 3
    raw.exec_id = 6
    raw.vpid = 2
    raw.netns_inode = 21
    raw.pidns_inode = 22
    raw.mntns_inode = 23
    raw.userns_inode = 24
    raw.flags = flags
    raw.args_total = total ?? UInt64(texts.arguments.count)
    raw.path_length = UInt16(texts.path.count)
    raw.folder_length = UInt16(texts.folder.count)
    raw.script_length = UInt16(texts.script.count)
    raw.variables_length = UInt16(texts.variables.count)
    raw.args_length = UInt16(texts.arguments.count)
    raw.comm = (99, 117, 114, 108, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    return bytes(raw, text)
}
