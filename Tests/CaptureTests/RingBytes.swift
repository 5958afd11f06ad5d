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

func execRecord(path: [UInt8], arguments: [UInt8], total: UInt64? = nil) -> [UInt8] {
    var raw = tattle_exec()
    let length = MemoryLayout<tattle_exec>.size + path.count + arguments.count
    raw.header = header(TATTLE_RECORD_EXEC, length: length, hook: 10)
    raw.start_boot_ns = 500
    raw.parent_start_boot_ns = 400
    raw.pid = 42
    raw.parent_pid = 41
    raw.uid = 1000
    raw.gid = 1001
    raw.login_uid = .max
    raw.args_total = total ?? UInt64(arguments.count)
    raw.path_length = UInt16(path.count)
    raw.args_length = UInt16(arguments.count)
    raw.comm = (99, 117, 114, 108, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    return bytes(raw, path + arguments)
}
