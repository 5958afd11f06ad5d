internal import CProbes
public import Model

/// Ring records to values: the only reader of probe_abi.h.
public struct Decoder: Sendable {
    /// `NAME=` of the environment variables that are wanted: the kernel's programs compare only eight bytes.
    let variables: [[UInt8]]

    /// Makes a decoder.
    ///
    /// - Parameter variables: names of the environment variables that are wanted.
    public init(variables: [String] = []) { self.variables = variables.map { Array("\($0)=".utf8) } }

    /// Calls `body` with the attempt that a record tells of.
    ///
    /// An attempt is large and nearly every record tells of one: it is made once, where `body` reads it, and not wrapped into
    /// an ``Observation`` and taken out again, which copies it each time.
    /// - Returns: whether it tells of one; else it is for ``decode(_:)``.
    public func withAttempt(in record: borrowing RawSpan, _ body: (Attempt) -> Void) -> Bool {
        guard record.byteCount == MemoryLayout<tattle_attempt>.size else { return false }
        // In bounds by the guard; the structs of probe_abi.h are plain numbers, any bytes are valid.
        let header = unsafe record.unsafeLoadUnaligned(as: tattle_header.self)
        guard UInt32(header.type) == TATTLE_RECORD_ATTEMPT.rawValue, Int(header.length) == record.byteCount,
            let raw = Self.load(record, as: tattle_attempt.self), let attempt = Self.attempt(raw)
        else { return false }
        body(attempt)
        return true
    }

    /// The observation in one record; nil when its type is unknown or its length is not what its type says.
    public func decode(_ record: borrowing RawSpan) -> Observation? {
        guard record.byteCount >= MemoryLayout<tattle_header>.size else { return nil }
        // In bounds by the guard; the structs of probe_abi.h are plain numbers, any bytes are valid.
        let header = unsafe record.unsafeLoadUnaligned(as: tattle_header.self)
        guard Int(header.length) == record.byteCount else { return nil }
        switch UInt32(header.type) {
        case TATTLE_RECORD_ATTEMPT.rawValue:
            guard let raw = Self.load(record, as: tattle_attempt.self), let attempt = Self.attempt(raw) else {
                return nil
            }
            return .attempt(attempt)
        case TATTLE_RECORD_CLOSE.rawValue:
            return Self.load(record, as: tattle_close.self).flatMap(Self.close).map(Observation.close)
        case TATTLE_RECORD_FLOW_END.rawValue:
            return Self.load(record, as: tattle_flow_end.self).map { .flowEnd(Self.flowEnd($0)) }
        case TATTLE_RECORD_EXEC.rawValue:
            return exec(record).map(Observation.exec)
        case TATTLE_RECORD_FORK.rawValue:
            return Self.load(record, as: tattle_fork.self).map { .fork(Self.fork($0)) }
        case TATTLE_RECORD_EXIT.rawValue:
            return Self.load(record, as: tattle_exit.self).map {
                .exit(ProcessIdentity(pid: $0.pid, startBootNanoseconds: $0.start_boot_ns))
            }
        case TATTLE_RECORD_CGROUP.rawValue:
            return Self.controlGroup(record).map(Observation.controlGroup)
        default:
            return nil
        }
    }

    /// The module that a record says is being loaded; nil: it is another record.
    func module(in record: borrowing RawSpan) -> ProtocolModule? {
        guard let raw = Self.load(record, as: tattle_module.self),
            UInt32(raw.header.type) == TATTLE_RECORD_MODULE.rawValue
        else { return nil }
        return ProtocolModule(rawValue: raw.module)
    }

    /// Which hook on which CPU wrote a record, and its number; nil when it is too short to say.
    public func reference(of record: borrowing RawSpan) -> RecordReference? {
        guard record.byteCount >= MemoryLayout<tattle_header>.size else { return nil }
        // In bounds by the guard; any bytes are a valid header.
        return Self.reference(unsafe record.unsafeLoadUnaligned(as: tattle_header.self))
    }

    @inline(__always)
    private static func load<Record: BitwiseCopyable>(_ record: borrowing RawSpan, as: Record.Type) -> Record? {
        guard record.byteCount == MemoryLayout<Record>.size else { return nil }
        // In bounds by the guard; the structs of probe_abi.h are plain numbers, any bytes are valid.
        return unsafe record.unsafeLoadUnaligned(as: Record.self)
    }

    private static func reference(_ header: tattle_header) -> RecordReference {
        RecordReference(cpu: header.cpu, hook: header.hook, sequence: header.sequence)
    }

    @inline(__always)
    static func attempt(_ raw: borrowing tattle_attempt) -> Attempt? {
        guard let phase = phase(raw.phase), let outcome = outcome(raw.outcome, error: raw.error) else { return nil }
        let flags = UInt32(raw.flags)
        let source = Endpoint(address: address(raw.source), port: UInt16(bigEndian: raw.source_port_be))
        let isSourceKnown = source.port != 0 || !source.address.isUnspecified
        return Attempt(
            id: raw.attempt_id, reference: reference(raw.header), phase: phase,
            startedBootNanoseconds: raw.started_boot_ns, observedBootNanoseconds: raw.header.boot_ns,
            process: ProcessIdentity(pid: raw.pid, startBootNanoseconds: raw.process_start_boot_ns),
            threadID: raw.tid, threadName: threadName(raw.comm), userID: raw.uid,
            effectiveUserID: raw.effective_uid, execID: raw.exec_id,
            effectiveGroupID: raw.effective_gid, capabilities: raw.capabilities,
            isTraced: raw.process_flags & TATTLE_PROCESS_TRACED.rawValue != 0,
            isExecutableDeleted: raw.process_flags & TATTLE_PROCESS_DELETED.rawValue != 0,
            networkNamespace: raw.netns_inode,
            cgroupID: raw.cgroup_id, transport: Transport(socketProtocol: raw.protocol),
            destination: Endpoint(
                address: address(raw.destination), port: UInt16(bigEndian: raw.destination_port_be),
                scope: raw.scope_id, kind: kind(ofFamily: raw.family)),
            source: isSourceKnown ? source : nil, outcome: outcome, via: via(raw.via),
            blocker: blocker(raw), isSynSent: isSynSent(raw),
            isKernelThread: flags & TATTLE_FLAG_KERNEL_THREAD.rawValue != 0,
            isDestinationFromUserMemory: flags & TATTLE_FLAG_USER_ADDRESS.rawValue != 0,
            isNetworkBroadcast: flags & TATTLE_FLAG_BROADCAST.rawValue != 0,
            bytes: raw.bytes, boundInterface: raw.bound_interface, socketKey: raw.socket_key,
            socketGeneration: raw.socket_generation)
    }

    private static func close(_ raw: tattle_close) -> ConnectionClose? {
        guard var attempt = attempt(raw.attempt) else { return nil }
        attempt.phase = .outcome
        return ConnectionClose(
            attempt: attempt, establishedBootNanoseconds: raw.attempt.established_boot_ns, bytesSent: raw.bytes_sent,
            bytesReceived: raw.bytes_received, packetsSent: raw.packets_sent, packetsReceived: raw.packets_received,
            retransmits: raw.retransmits, error: raw.attempt.error, hasCounters: raw.attempt.protocol == 6)
    }

    private static func flowEnd(_ raw: tattle_flow_end) -> FlowEnd {
        FlowEnd(
            reference: reference(raw.header), observedBootNanoseconds: raw.header.boot_ns, socketKey: raw.socket_key,
            socketGeneration: raw.socket_generation, counters: counters(raw.flow), hasSocketDied: raw.socket_died != 0)
    }

    static func counters(_ raw: tattle_flow) -> FlowCounters {
        FlowCounters(
            attemptID: raw.attempt_id, firstBootNanoseconds: raw.first_boot_ns, lastBootNanoseconds: raw.last_boot_ns,
            datagrams: raw.datagrams, bytes: raw.bytes, failures: raw.failures,
            gapMinimumNanoseconds: raw.gap_min_ns, gapMaximumNanoseconds: raw.gap_max_ns,
            gapSquareSum: raw.gap_square_sum_us2)
    }

    private static func fork(_ raw: tattle_fork) -> ProcessFork {
        ProcessFork(
            child: ProcessIdentity(pid: raw.pid, startBootNanoseconds: raw.start_boot_ns),
            parent: ProcessIdentity(pid: raw.parent_pid, startBootNanoseconds: raw.parent_start_boot_ns),
            forker: ProcessIdentity(pid: raw.forker_pid, startBootNanoseconds: raw.forker_start_boot_ns),
            namespacePID: raw.vpid,
            namespaces: Namespaces(
                network: raw.netns_inode, pid: raw.pidns_inode, mount: raw.mntns_inode, user: raw.userns_inode),
            execID: raw.exec_id)
    }
}
