public import Model

/// Writes connections as NDJSON as Zeek's `conn.log` has them: one object and one newline for each, at its end.
///
/// An attempt that fails is a line at once; one that succeeds is kept until its end, or the end of the run. What conn.log has
/// no place for is not written: life signs, losses, beacons, what rules collapsed, and what is not IP.
///
/// https://docs.zeek.org/en/master/logs/conn.html
public struct ZeekWriter {
    /// Boot time to wall-clock time; the caller refreshes its offset.
    public var clock: WallClock
    /// What has begun and not ended, by the attempt's id.
    private var open: [UInt64: (attempt: Attempt, executable: [UInt8])] = [:]
    private var executables = ExecutableMembers()
    private let identifiers: RunIdentifiers

    /// More are not kept: they are written as open when they begin, and again when they end.
    static let mostOpen = 262_144

    /// Makes a writer for one run.
    public init(context: RunContext, clock: WallClock) {
        self.clock = clock
        identifiers = RunIdentifiers(context)
    }

    /// Appends the lines that `event` completes.
    public mutating func write(_ event: TraceEvent, into buffer: inout LineBuffer) {
        switch event {
        case .attempted(let event): begun(event, into: &buffer)
        case .resolved(let event): resolved(event, into: &buffer)
        case .disconnected(let event): ended(event, into: &buffer)
        case .existing(let event): existing(event, into: &buffer)
        case .stopped(let event): finish(at: event.bootNanoseconds, into: &buffer)
        // Nobody knows when each of them began: a line for all would be a connection that never was.
        case .started, .beacon, .lost, .heartbeat, .aggregated: break
        }
    }

    /// Appends a line for each connection that is still open; nil: nobody knows when the run ended.
    public mutating func finish(at bootNanoseconds: UInt64?, into buffer: inout LineBuffer) {
        for (attempt, executable) in open.values.sorted(by: { $0.attempt.id < $1.attempt.id }) {
            line(
                ZeekConnection(
                    attempt: attempt, endBootNanoseconds: bootNanoseconds, state: ZeekState(open: attempt)),
                executable, into: &buffer)
        }
        open.removeAll()
    }

    private mutating func begun(_ event: AttemptEvent, into buffer: inout LineBuffer) {
        let attempt = event.attempt
        switch attempt.outcome {
        case .failed, .aborted:
            line(
                ZeekConnection(
                    attempt: attempt, endBootNanoseconds: attempt.observedBootNanoseconds,
                    state: ZeekState(failed: attempt)), executables.member(of: event.attribution.process.program),
                into: &buffer)
        case .pending, .established, .sent: keep(event, into: &buffer)
        }
    }

    private mutating func resolved(_ event: AttemptEvent, into buffer: inout LineBuffer) {
        // The first error of a flow is not its end.
        if event.attempt.transport.isUDP, open[event.attempt.id] != nil { return }
        open[event.attempt.id] = nil
        begun(event, into: &buffer)
    }

    private mutating func keep(_ event: AttemptEvent, into buffer: inout LineBuffer) {
        let executable = executables.member(of: event.attribution.process.program)
        if open.count < Self.mostOpen {
            open[event.attempt.id] = (event.attempt, executable)
        } else {
            line(
                ZeekConnection(
                    attempt: event.attempt, endBootNanoseconds: nil, state: ZeekState(open: event.attempt)),
                executable, into: &buffer)
        }
    }

    private mutating func ended(_ event: DisconnectEvent, into buffer: inout LineBuffer) {
        open[event.attempt.id] = nil
        var connection = ZeekConnection(
            attempt: event.attempt, endBootNanoseconds: event.endedBootNanoseconds, state: .other)
        switch event.traffic {
        case .connection(let close):
            if connection.attempt.source == nil { connection.attempt.source = close.attempt.source }
            connection.state = ZeekState(close: close.error)
            if close.hasCounters {
                connection.sent = (close.bytesSent, UInt64(close.packetsSent))
                connection.received = (close.bytesReceived, UInt64(close.packetsReceived))
            }
        case .flow(let counters):
            connection.sent = (counters.bytes, counters.datagrams)
            if counters.datagrams == 0 { connection.state = .unanswered }
        }
        line(connection, executables.member(of: event.attribution.process.program), into: &buffer)
    }

    private mutating func existing(_ event: ExistingEvent, into buffer: inout LineBuffer) {
        var attempt = event.attempt
        attempt.startedBootNanoseconds = attempt.observedBootNanoseconds
        var connection = ZeekConnection(attempt: attempt, endBootNanoseconds: nil, state: .other)
        connection.isInbound = event.direction == .ingress
        line(
            connection, event.attribution.map { executables.member(of: $0.process.program) } ?? [], into: &buffer)
    }

    private func line(_ connection: ZeekConnection, _ executable: [UInt8], into buffer: inout LineBuffer) {
        let attempt = connection.attempt
        guard attempt.destination.kind == .ip else { return }
        buffer.literal("{\"ts\":")
        buffer.seconds(clock.unixNanoseconds(attempt.startedBootNanoseconds))
        buffer.literal(",\"uid\":\"C")
        uid(connection, into: &buffer)
        buffer.byte(UInt8(ascii: "\""))
        let unknown = Endpoint(address: attempt.destination.address.isIPv4 ? .v4(0) : .v6(high: 0, low: 0), port: 0)
        let local = attempt.source ?? unknown
        let (first, second) = connection.isInbound ? (attempt.destination, local) : (local, attempt.destination)
        end(",\"id.orig_h\":\"", ",\"id.orig_p\":", first, into: &buffer)
        end(",\"id.resp_h\":\"", ",\"id.resp_p\":", second, into: &buffer)
        switch attempt.transport {
        case .tcp: buffer.literal(",\"proto\":\"tcp\"")
        case .udp: buffer.literal(",\"proto\":\"udp\"")
        case .other(1), .other(58): buffer.literal(",\"proto\":\"icmp\"")
        default: buffer.literal(",\"proto\":\"unknown_transport\"")
        }
        if let end = connection.endBootNanoseconds, end >= attempt.startedBootNanoseconds {
            buffer.literal(",\"duration\":")
            buffer.seconds(end &- attempt.startedBootNanoseconds)
        }
        if let (bytes, _) = connection.sent {
            buffer.literal(",\"orig_bytes\":")
            buffer.decimal(bytes)
        }
        if let (bytes, _) = connection.received {
            buffer.literal(",\"resp_bytes\":")
            buffer.decimal(bytes)
        }
        buffer.literal(",\"conn_state\":\"")
        buffer.literal(connection.state.word)
        buffer.literal(
            connection.isInbound
                ? "\",\"local_orig\":false,\"local_resp\":true" : "\",\"local_orig\":true")
        history(connection, into: &buffer)
        if let (_, packets) = connection.sent {
            buffer.literal(",\"orig_pkts\":")
            buffer.decimal(packets)
        }
        if let (_, packets) = connection.received {
            buffer.literal(",\"resp_pkts\":")
            buffer.decimal(packets)
        }
        if let id = CommunityID(attempt.transport, attempt.source, attempt.destination) {
            buffer.literal(",\"community_id\":\"")
            buffer.communityID(id)
            buffer.byte(UInt8(ascii: "\""))
        }
        if attempt.process.pid != 0 {
            buffer.literal(",\"tattle.pid\":")
            buffer.decimal(attempt.process.pid)
        }
        buffer.raw(executable)
        buffer.literal("}\n")
    }

    private func end(
        _ address: StaticString, _ port: StaticString, _ endpoint: Endpoint, into buffer: inout LineBuffer
    ) {
        buffer.literal(address)
        buffer.address(endpoint.address)
        buffer.byte(UInt8(ascii: "\""))
        buffer.literal(port)
        buffer.decimal(endpoint.port)
    }

    /// Appends seventeen digits: the attempt's number in the run, and what tells the run from others.
    private func uid(_ connection: ZeekConnection, into buffer: inout LineBuffer) {
        let attempt = connection.attempt
        // Sockets that were there before have no number of their own: their key is theirs as long as they live.
        let number =
            attempt.id != 0
            ? attempt.id : CommunityID(attempt.transport, attempt.source, attempt.destination)?.word ?? 0
        buffer.base62(UInt64(UInt32(truncatingIfNeeded: identifiers.hash ^ identifiers.hash >> 32)), digits: 6)
        buffer.base62(number, digits: 11)
    }

    /// Appends what is known to have gone over the wire: not who closed it, and not in which order.
    private func history(_ connection: ZeekConnection, into buffer: inout LineBuffer) {
        let attempt = connection.attempt
        let start = buffer.count
        buffer.literal(",\"history\":\"")
        let empty = buffer.count
        if attempt.transport == .tcp, !connection.isInbound, attempt.id != 0 {
            let isEstablished = attempt.outcome == .established
            if isEstablished || attempt.isSynSent || connection.state == .rejected { buffer.byte(UInt8(ascii: "S")) }
            if isEstablished { buffer.byte(UInt8(ascii: "h")) }
        }
        if let (bytes, packets) = connection.sent, bytes > 0 || attempt.transport != .tcp && packets > 0 {
            buffer.byte(UInt8(ascii: "D"))
        }
        if let (bytes, _) = connection.received, bytes > 0 { buffer.byte(UInt8(ascii: "d")) }
        if connection.state == .rejected || connection.state == .resetByResponder { buffer.byte(UInt8(ascii: "r")) }
        if connection.state == .resetByOriginator { buffer.byte(UInt8(ascii: "R")) }
        guard buffer.count > empty else {
            buffer.truncate(to: start)
            return
        }
        buffer.byte(UInt8(ascii: "\""))
    }
}
