import Model
import Records

/// From fields to events.
extension RecordParser {
    /// What happened; nil: something unknown.
    mutating func traceEvent(_ fields: RecordFields, _ action: String) throws(Malformed) -> TraceEvent? {
        let time = boot(fields.time)
        switch action {
        case "connection_attempted":
            var attempt = try attempt(fields)
            attempt.startedBootNanoseconds = time
            attempt.observedBootNanoseconds = time &+ (fields.event.duration ?? 0)
            return .attempted(AttemptEvent(attempt: attempt, attribution: try attribution(fields, attempt)))
        case "connection_resolved":
            var attempt = try attempt(fields)
            attempt.startedBootNanoseconds = boot(fields.event.start)
            attempt.observedBootNanoseconds = time
            return .resolved(AttemptEvent(attempt: attempt, attribution: try attribution(fields, attempt)))
        case "disconnect_received":
            var attempt = try attempt(fields)
            attempt.startedBootNanoseconds = boot(fields.event.start)
            attempt.observedBootNanoseconds = attempt.startedBootNanoseconds
            return .disconnected(
                DisconnectEvent(
                    attempt: attempt, attribution: try attribution(fields, attempt), endedBootNanoseconds: time,
                    traffic: traffic(fields, attempt, endingAt: time)))
        case "connection_aggregated": return .aggregated(try aggregated(fields, time))
        case "connection_existing": return .existing(try existing(fields, time))
        case "beacon_detected": return .beacon(try beacon(fields, time))
        case "events_lost":
            guard var lost = fields.tattle.lost else { throw .foreign(missing: "tattle.lost") }
            let (start, end) = (boot(fields.event.start), boot(fields.event.end))
            lost.windowBootNanoseconds = min(start, end)...end
            if lost.previousRun != nil {
                // Its start is that run's last sign of life.
                lost.previousRun?.lastUnixNanoseconds = fields.event.start ?? 0
                lost.windowBootNanoseconds = end...end
            }
            return .lost(lost)
        case "heartbeat":
            guard var heartbeat = fields.tattle.heartbeat else { throw .foreign(missing: "tattle.heartbeat") }
            heartbeat.bootNanoseconds = time
            heartbeat.previousBootNanoseconds = boot(fields.event.start)
            heartbeat.totals = fields.tattle.totals
            heartbeat.rules = fields.tattle.rules
            return .heartbeat(heartbeat)
        case "tracing_started":
            var started = fields.tattle.started
            started.bootNanoseconds = time
            return .started(started)
        case "tracing_stopped":
            guard let reason = fields.tattle.stop else { throw .foreign(missing: "tattle.stop") }
            return .stopped(
                TracingStopped(
                    reason: reason, totals: fields.tattle.totals, rules: fields.tattle.rules, bootNanoseconds: time))
        default: return nil
        }
    }

    private mutating func beacon(_ fields: RecordFields, _ time: UInt64) throws(Malformed) -> BeaconEvent {
        guard var beacon = fields.tattle.beacon else { throw .foreign(missing: "tattle.beacon") }
        beacon.sentence = fields.message ?? ""
        var attempt = try attempt(fields)
        let last = boot(fields.event.end)
        (attempt.startedBootNanoseconds, attempt.observedBootNanoseconds) = (last, last)
        return BeaconEvent(
            attempt: attempt, attribution: try attribution(fields, attempt), foundBootNanoseconds: time,
            firstBootNanoseconds: boot(fields.event.start), lastBootNanoseconds: last, beacon: beacon)
    }

    func attempt(_ fields: RecordFields) throws(Malformed) -> Attempt {
        guard let process = fields.process else { throw .foreign(missing: "process") }
        guard let result = fields.tattle.result else { throw .foreign(missing: "tattle.attempt.result") }
        guard fields.destination != nil else { throw .foreign(missing: "destination") }
        var attempt = common(fields)
        attempt.process = ProcessIdentity(
            pid: process.program.pid, startBootNanoseconds: process.program.startBoot)
        attempt.outcome = try outcome(result, fields)
        // Without a SYN none of these could be.
        attempt.isSynSent =
            attempt.transport == .tcp
            && [.established, .failed(errno: 111), .failed(errno: 110)].contains(attempt.outcome)
        return attempt
    }

    /// What attempts and sockets that were there have in common.
    private func common(_ fields: RecordFields) -> Attempt {
        let process = fields.process
        let details = fields.tattle.details
        let destination = endpoint(fields.destination, fields) ?? Endpoint(address: .v4(0), port: 0)
        return Attempt(
            id: fields.tattle.attemptID,
            reference: fields.event.reference ?? RecordReference(cpu: 0, hook: 0, sequence: 0), phase: .whole,
            startedBootNanoseconds: 0, observedBootNanoseconds: 0,
            process: ProcessIdentity(pid: 0, startBootNanoseconds: 0), threadID: fields.thread.id,
            threadName: ThreadName(fields.thread.name), userID: fields.userID ?? process?.realUser ?? 0,
            effectiveUserID: process?.user, effectiveGroupID: process?.group,
            capabilities: fields.thread.capabilities, isTraced: details.flags.contains("ptraced"),
            isExecutableDeleted: details.isDeleted, networkNamespace: fields.tattle.namespace,
            cgroupID: fields.place.groupID, transport: transport(fields),
            destination: destination,
            source: endpoint(fields.source, fields), outcome: .pending, via: fields.tattle.via,
            blocker: fields.tattle.blocker, isKernelThread: details.isKernelThread,
            isDestinationFromUserMemory: fields.tattle.isFromUserMemory,
            isNetworkBroadcast: fields.tattle.isBroadcast && !destination.isBroadcast,
            bytes: fields.tattle.attemptBytes,
            boundInterface: fields.tattle.interface)
    }

    private func transport(_ fields: RecordFields) -> Transport {
        if let number = fields.protocolNumber { return Transport(socketProtocol: number) }
        return .other(0)
    }

    private func endpoint(_ side: SideFields?, _ fields: RecordFields) -> Endpoint? {
        guard let side else { return nil }
        if let ip = side.ip {
            let scope = side.address.lastIndex(of: UInt8(ascii: "%")).flatMap {
                UInt64(ascii: side.address[($0 + 1)...])
            }
            return Endpoint(
                address: ip, port: UInt16(truncatingIfNeeded: side.port),
                scope: scope.flatMap(UInt32.init(exactly:)) ?? 0)
        }
        if let address = side.hardwareAddress {
            let high = address << 16 | UInt64(etherType(fields.networkType))
            return Endpoint(address: .v6(high: high, low: 0), port: 0, kind: .link)
        }
        if fields.transport?.elementsEqual("vsock".utf8) == true, let id = UInt64(ascii: side.address[...]) {
            return Endpoint(address: .v6(high: id << 32 | UInt64(side.port), low: 0), port: 0, kind: .vsock)
        }
        // A port, and an address that was not chosen.
        guard side.port != 0 else { return nil }
        return Endpoint(address: .v4(0), port: UInt16(truncatingIfNeeded: side.port))
    }

    private func etherType(_ type: [UInt8]?) -> UInt16 {
        guard let type else { return 0 }
        if type.elementsEqual("arp".utf8) { return 0x0806 }
        return UInt16(String(decoding: type.dropFirst(2), as: UTF8.self), radix: 16) ?? 0
    }

    private func outcome(_ result: String, _ fields: RecordFields) throws(Malformed) -> Outcome {
        switch AttemptResult(rawValue: result) {
        case .pending: return .pending
        case .established: return .established
        case .sent: return .sent
        case .aborted: return .aborted
        case nil: throw .foreign(missing: "tattle.attempt.result that is known")
        case .some:
            guard let number = errorNumber(fields.errorCode) else {
                throw .foreign(missing: "error.code that is known")
            }
            return .failed(errno: number)
        }
    }

    private func traffic(_ fields: RecordFields, _ attempt: Attempt, endingAt end: UInt64) -> Traffic {
        if var flow = fields.tattle.flow {
            flow.attemptID = attempt.id
            flow.firstBootNanoseconds = boot(flow.firstBootNanoseconds)
            flow.lastBootNanoseconds = boot(flow.lastBootNanoseconds)
            flow.bytes = fields.source?.bytes ?? 0
            return .flow(flow)
        }
        var closing = attempt
        closing.observedBootNanoseconds = end
        let error = AttemptResult(attempt.outcome) == .established ? errorNumber(fields.errorCode) ?? 0 : 0
        return .connection(
            ConnectionClose(
                attempt: closing, establishedBootNanoseconds: 0, bytesSent: fields.source?.bytes ?? 0,
                bytesReceived: fields.destination?.bytes ?? 0,
                packetsSent: UInt32(clamping: fields.source?.packets ?? 0),
                packetsReceived: UInt32(clamping: fields.destination?.packets ?? 0),
                retransmits: UInt32(clamping: fields.tattle.retransmits ?? 0), error: error,
                hasCounters: fields.tattle.retransmits != nil))
    }

    private mutating func existing(_ fields: RecordFields, _ time: UInt64) throws(Malformed) -> ExistingEvent {
        guard let state = fields.tattle.socketState.flatMap(SocketState.init(word:)) else {
            throw .foreign(missing: "tattle.connection.state")
        }
        var attempt = common(fields)
        (attempt.startedBootNanoseconds, attempt.observedBootNanoseconds) = (time, time)
        if let process = fields.process?.program {
            attempt.process = ProcessIdentity(pid: process.pid, startBootNanoseconds: process.startBoot)
        }
        if fields.isIngress, let local = attempt.source {
            (attempt.source, attempt.destination) = (attempt.destination, local)
        }
        return ExistingEvent(
            attempt: attempt, attribution: fields.process == nil ? nil : try attribution(fields, attempt),
            otherOwners: fields.tattle.otherOwners, direction: fields.isIngress ? .ingress : .egress, state: state,
            inode: fields.tattle.socketInode)
    }
}

extension SocketState {
    /// By its name in records.
    fileprivate init?(word: String) {
        switch word {
        case "established": self = .established
        case "syn_sent": self = .synSent
        case "fin_wait1": self = .finWait1
        case "fin_wait2": self = .finWait2
        case "close_wait": self = .closeWait
        case "last_ack": self = .lastAck
        case "closing": self = .closing
        default: return nil
        }
    }
}
