internal import CProbes
internal import Model

/// Fields of ring records to values.
extension Decoder {
    static func phase(_ raw: UInt8) -> AttemptPhase? {
        switch UInt32(raw) {
        // A close record carries the attempt as it was established.
        case 0, TATTLE_PHASE_BEGUN.rawValue: .begun
        case TATTLE_PHASE_WHOLE.rawValue: .whole
        case TATTLE_PHASE_OUTCOME.rawValue: .outcome
        default: nil
        }
    }

    static func outcome(_ raw: UInt8, error: Int32) -> Outcome? {
        switch UInt32(raw) {
        case TATTLE_OUTCOME_PENDING.rawValue: .pending
        case TATTLE_OUTCOME_ESTABLISHED.rawValue: .established
        case TATTLE_OUTCOME_FAILED.rawValue: .failed(errno: error)
        case TATTLE_OUTCOME_ABORTED.rawValue: .aborted
        case TATTLE_OUTCOME_SENT.rawValue: .sent
        default: nil
        }
    }

    static func via(_ raw: UInt8) -> Via {
        switch UInt32(raw) {
        case TATTLE_VIA_FAST_OPEN.rawValue: .fastOpen
        case TATTLE_VIA_MPTCP.rawValue: .mptcp
        default: .syscall
        }
    }

    /// What the kernel said, or what errno and the missing SYN imply: ENETUNREACH (101),
    /// ENETDOWN (100) and EHOSTUNREACH (113) before anything was sent come from the routing table.
    static func blocker(_ raw: tattle_attempt) -> Blocker? {
        switch UInt32(raw.blocked_by) {
        case TATTLE_BLOCKED_BY_LSM.rawValue: return .securityModule
        case TATTLE_BLOCKED_BY_CGROUP.rawValue: return .cgroup
        default: break
        }
        let isFailure = UInt32(raw.outcome) == TATTLE_OUTCOME_FAILED.rawValue
        let hasNothingLeft =
            UInt32(raw.flags) & TATTLE_FLAG_SYN_SENT.rawValue == 0 && UInt32(raw.phase) == TATTLE_PHASE_WHOLE.rawValue
        return isFailure && hasNothingLeft && [100, 101, 113].contains(raw.error) ? .route : nil
    }

    typealias AddressBytes = (
        UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8
    )

    static func address(_ raw: AddressBytes) -> IPAddress {
        unsafe withUnsafeBytes(of: raw) { bytes in
            // Sixteen bytes: two numbers.
            IPAddress(
                mappedHigh: UInt64(bigEndian: unsafe bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    static func threadName(_ raw: AddressBytes) -> ThreadName {
        unsafe withUnsafeBytes(of: raw) { bytes in
            // Sixteen bytes: two numbers.
            ThreadName(
                low: UInt64(littleEndian: unsafe bytes.loadUnaligned(as: UInt64.self)),
                high: UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    /// An exec record with its path and arguments; nil when the lengths contradict each other.
    static func exec(_ record: borrowing RawSpan) -> ProcessFacts? {
        let fixed = MemoryLayout<tattle_exec>.size
        guard record.byteCount >= fixed else { return nil }
        // In bounds by the guard; any bytes are a valid record.
        let raw = unsafe record.unsafeLoadUnaligned(as: tattle_exec.self)
        guard fixed + Int(raw.path_length) + Int(raw.args_length) == record.byteCount else { return nil }
        let path = bytes(record, from: fixed, count: Int(raw.path_length))
        let arguments = bytes(record, from: fixed + Int(raw.path_length), count: Int(raw.args_length))
        let isNone: (UInt32) -> Bool = { $0 == .max }
        return ProcessFacts(
            identity: ProcessIdentity(pid: raw.pid, startBootNanoseconds: raw.start_boot_ns),
            parentIdentity: raw.parent_pid == 0
                ? nil : ProcessIdentity(pid: raw.parent_pid, startBootNanoseconds: raw.parent_start_boot_ns),
            name: threadName(raw.comm).bytes,
            executable: path.isEmpty ? nil : joinPath(path),
            isExecutableTruncated: raw.flags & TATTLE_EXEC_PATH_TRUNCATED.rawValue != 0,
            isExecutableDeleted: raw.flags & TATTLE_EXEC_DELETED.rawValue != 0,
            arguments: splitArguments(arguments),
            argumentsTotalBytes: Int(clamping: raw.args_total),
            areArgumentsTruncated: raw.args_total > UInt64(raw.args_length),
            userID: raw.uid, groupID: raw.gid, loginUserID: isNone(raw.login_uid) ? nil : raw.login_uid,
            cgroupID: raw.cgroup_id, source: .kernel)
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

    /// NUL-terminated arguments, empty ones kept.
    static func splitArguments(_ bytes: [UInt8]) -> [[UInt8]] {
        guard !bytes.isEmpty else { return [] }
        let whole = bytes.last == 0 ? bytes.dropLast() : bytes[...]
        return whole.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
    }
}
