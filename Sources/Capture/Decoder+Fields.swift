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
        case TATTLE_VIA_PACKET.rawValue: .packet
        case TATTLE_VIA_RAW.rawValue: .raw
        case TATTLE_VIA_IO_URING.rawValue: .ioUring
        case TATTLE_VIA_SENDMMSG.rawValue: .sendmmsg
        case TATTLE_VIA_SPLICE.rawValue: .splice
        case TATTLE_VIA_KERNEL.rawValue: .kernel
        default: .syscall
        }
    }

    /// What the kernel said, or what errno and the missing SYN imply: ENETUNREACH (101),
    /// ENETDOWN (100) and EHOSTUNREACH (113) before anything was sent come from the routing table.
    static func blocker(_ raw: tattle_attempt) -> Blocker? {
        switch UInt32(raw.blocked_by) {
        case TATTLE_BLOCKED_BY_LSM.rawValue: return .securityModule
        case TATTLE_BLOCKED_BY_CGROUP.rawValue: return .cgroup
        case TATTLE_BLOCKED_BY_NETFILTER.rawValue: return .netfilter
        default: break
        }
        // A frame asks no route.
        guard UInt32(raw.via) != TATTLE_VIA_PACKET.rawValue else { return nil }
        let isFailure = UInt32(raw.outcome) == TATTLE_OUTCOME_FAILED.rawValue
        // SCTP and vsock are told of when they begin; what their connect() returns itself, no network was asked for.
        let isAtOnce =
            UInt32(raw.phase) == TATTLE_PHASE_WHOLE.rawValue
            || UInt32(raw.header.hook) == TATTLE_HOOK_OTHER_CONNECT.rawValue
        let hasNothingLeft = UInt32(raw.flags) & TATTLE_FLAG_SYN_SENT.rawValue == 0 && isAtOnce
        return isFailure && hasNothingLeft && [100, 101, 113].contains(raw.error) ? .route : nil
    }

    /// AF_PACKET is 17, AF_VSOCK 40.
    static func kind(ofFamily family: UInt8) -> Endpoint.Kind {
        switch family {
        case 17: .link
        case 40: .vsock
        default: .ip
        }
    }

    /// What the programs say, or the hook on the socket's state: an attempt that it tells of first has entered
    /// SYN_SENT (`tracepoint`), and only an answer, or the lack of one, makes it tell of an error.
    static func isSynSent(_ raw: tattle_attempt) -> Bool {
        if UInt32(raw.flags) & (TATTLE_FLAG_SYN_SENT.rawValue | TATTLE_FLAG_ESTABLISHED.rawValue) != 0 { return true }
        let hook = UInt32(raw.header.hook)
        guard hook == TATTLE_HOOK_STATE.rawValue || hook == TATTLE_HOOK_STATE_AGAIN.rawValue else { return false }
        return UInt32(raw.phase) == TATTLE_PHASE_BEGUN.rawValue
            || UInt32(raw.outcome) == TATTLE_OUTCOME_FAILED.rawValue
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
}
