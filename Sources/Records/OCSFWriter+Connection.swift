import Model

/// Class 4001, Network Activity.
extension OCSFWriter {
    mutating func attempted(_ event: AttemptEvent, into buffer: inout LineBuffer) {
        let attempt = event.attempt
        begin(OCSFActivity(AttemptResult(attempt.outcome)), at: attempt.startedBootNanoseconds, into: &buffer)
        rest(of: event, "-a", at: attempt.startedBootNanoseconds, into: &buffer)
    }

    mutating func resolved(_ event: AttemptEvent, into buffer: inout LineBuffer) {
        let attempt = event.attempt
        begin(OCSFActivity(AttemptResult(attempt.outcome)), at: attempt.observedBootNanoseconds, into: &buffer)
        rest(of: event, "-r", at: attempt.observedBootNanoseconds, into: &buffer)
    }

    private mutating func rest(
        of event: AttemptEvent, _ letter: StaticString, at time: UInt64, into buffer: inout LineBuffer
    ) {
        let attempt = event.attempt
        span(
            from: attempt.startedBootNanoseconds,
            to: attempt.outcome == .pending ? nil : attempt.observedBootNanoseconds, into: &buffer)
        status(attempt.outcome, attempt.blocker, into: &buffer)
        connection(attempt, isIngress: false, into: &buffer)
        endpoint(",\"src_endpoint\":{", attempt.source, into: &buffer)
        endpoint(",\"dst_endpoint\":{", attempt.destination, into: &buffer)
        let text = actor(attempt, event.attribution, into: &buffer)
        metadata(into: &buffer)
        identifiers.append(event: attempt.reference, letter, into: &buffer)
        endMetadata(time, into: &buffer)
        unmapped(attempt, text, into: &buffer)
    }

    mutating func disconnected(_ event: DisconnectEvent, into buffer: inout LineBuffer) {
        var attempt = event.attempt
        var activity = OCSFActivity.traffic
        if case .connection(let close) = event.traffic {
            if attempt.source == nil { attempt.source = close.attempt.source }
            if close.error != 0 { attempt.outcome = .failed(errno: close.error) }
            activity = AttemptResult(attempt.outcome) == .reset ? .reset : .close
        }
        begin(activity, at: event.endedBootNanoseconds, into: &buffer)
        span(from: attempt.startedBootNanoseconds, to: event.endedBootNanoseconds, into: &buffer)
        status(attempt.outcome, attempt.blocker, into: &buffer)
        connection(attempt, isIngress: false, into: &buffer)
        endpoint(",\"src_endpoint\":{", attempt.source, into: &buffer)
        endpoint(",\"dst_endpoint\":{", attempt.destination, into: &buffer)
        traffic(event.traffic, into: &buffer)
        let text = actor(attempt, event.attribution, into: &buffer)
        metadata(into: &buffer)
        switch event.traffic {
        case .connection(let close): identifiers.append(event: close.attempt.reference, "-d", into: &buffer)
        case .flow(let counters):
            // Counters only grow, and so tell two ends apart.
            identifiers.append(event: attempt.reference, "-d", into: &buffer)
            buffer.decimal(counters.sends)
        }
        endMetadata(event.endedBootNanoseconds, into: &buffer)
        // What the attempt came to, not what ended it.
        attempt.outcome = event.attempt.outcome
        unmapped(attempt, text, into: &buffer)
    }

    mutating func existing(_ event: ExistingEvent, into buffer: inout LineBuffer) {
        let attempt = event.attempt
        let isIngress = event.direction == .ingress
        begin(.existing, at: attempt.observedBootNanoseconds, into: &buffer)
        buffer.literal(",\"status_id\":99,\"status\":\"")
        buffer.literal(event.state.word)
        buffer.byte(UInt8(ascii: "\""))
        connection(attempt, isIngress: isIngress, into: &buffer)
        // The source is who began it.
        endpoint(",\"src_endpoint\":{", isIngress ? attempt.destination : attempt.source, into: &buffer)
        endpoint(",\"dst_endpoint\":{", isIngress ? attempt.source : attempt.destination, into: &buffer)
        let text = event.attribution.map { actor(attempt, $0, into: &buffer) }
        ownMetadata(at: attempt.observedBootNanoseconds, into: &buffer)
        buffer.literal(",\"unmapped\":{\"tattle\":{\"connection\":{\"inode\":\"")
        buffer.decimal(event.inode)
        buffer.byte(UInt8(ascii: "\""))
        if event.otherOwners > 0 {
            buffer.literal(",\"other_owners\":")
            buffer.decimal(UInt(event.otherOwners))
        }
        buffer.byte(UInt8(ascii: "}"))
        if let text { text.appendTattle(into: &buffer) }
        buffer.literal("}}")
    }

    func begin(_ activity: OCSFActivity, at bootNanoseconds: UInt64, into buffer: inout LineBuffer) {
        buffer.literal("{\"time\":")
        milliseconds(bootNanoseconds, into: &buffer)
        buffer.literal(
            ",\"class_uid\":4001,\"class_name\":\"Network Activity\",\"category_uid\":4,\"category_name\":\"Network Activity\","
        )
        buffer.literal(activity.members)
        buffer.literal(",\"severity_id\":1,\"severity\":\"Informational\"")
    }

    /// Appends beginning, end and duration; `end` is nil while it is not known.
    func span(from start: UInt64, to end: UInt64?, into buffer: inout LineBuffer) {
        buffer.literal(",\"start_time\":")
        milliseconds(start, into: &buffer)
        guard let end else { return }
        buffer.literal(",\"end_time\":")
        milliseconds(end, into: &buffer)
        buffer.literal(",\"duration\":")
        buffer.decimal(end > start ? (end &- start) / 1_000_000 : 0)
    }

    func status(_ outcome: Outcome, _ blocker: Blocker?, into buffer: inout LineBuffer) {
        switch outcome {
        case .pending: buffer.literal(",\"status_id\":0,\"status\":\"Unknown\"")
        case .established, .sent: buffer.literal(",\"status_id\":1,\"status\":\"Success\"")
        case .aborted:
            buffer.literal(
                ",\"status_id\":2,\"status\":\"Failure\",\"status_detail\":\"Closed from this side before an answer came\""
            )
        case .failed(let number):
            buffer.literal(",\"status_id\":2,\"status\":\"Failure\",\"status_code\":\"")
            buffer.errorName(number)
            buffer.literal("\",\"status_detail\":\"")
            if let blocker {
                buffer.literal(blocker.sentence)
            } else if let (_, meaning) = ErrorNumber.entry(number) {
                buffer.literal(meaning)
            } else {
                buffer.literal("Unknown error")
            }
            buffer.byte(UInt8(ascii: "\""))
        }
    }

    private func traffic(_ traffic: Traffic, into buffer: inout LineBuffer) {
        switch traffic {
        case .connection(let close) where !close.hasCounters: break
        case .connection(let close):
            buffer.literal(",\"traffic\":{\"bytes_out\":")
            buffer.decimal(close.bytesSent)
            buffer.literal(",\"bytes_in\":")
            buffer.decimal(close.bytesReceived)
            buffer.literal(",\"bytes\":")
            buffer.decimal(close.bytesSent &+ close.bytesReceived)
            buffer.literal(",\"packets_out\":")
            buffer.decimal(close.packetsSent)
            buffer.literal(",\"packets_in\":")
            buffer.decimal(close.packetsReceived)
            buffer.literal(",\"packets\":")
            buffer.decimal(UInt64(close.packetsSent) &+ UInt64(close.packetsReceived))
            buffer.byte(UInt8(ascii: "}"))
        case .flow(let counters):
            buffer.literal(",\"traffic\":{\"bytes_out\":")
            buffer.decimal(counters.bytes)
            buffer.literal(",\"packets_out\":")
            buffer.decimal(counters.datagrams)
            buffer.literal(",\"start_time\":")
            milliseconds(counters.firstBootNanoseconds, into: &buffer)
            buffer.literal(",\"end_time\":")
            milliseconds(counters.lastBootNanoseconds, into: &buffer)
            buffer.byte(UInt8(ascii: "}"))
        }
    }

    /// Appends what of the attempt and its process OCSF has no name for.
    private func unmapped(_ attempt: Attempt, _ text: ProcessText, into buffer: inout LineBuffer) {
        beginUnmapped(attempt, into: &buffer)
        text.appendTattle(into: &buffer)
        buffer.literal("}}")
    }

    /// Appends what of the attempt OCSF has no name for, and leaves the object open.
    func beginUnmapped(_ attempt: Attempt, into buffer: inout LineBuffer) {
        buffer.literal(",\"unmapped\":{\"tattle\":{\"result\":\"")
        buffer.literal(AttemptResult(attempt.outcome).word)
        buffer.literal("\",\"via\":\"")
        buffer.literal(attempt.via.word)
        buffer.byte(UInt8(ascii: "\""))
        if let blocker = attempt.blocker {
            buffer.literal(",\"blocked_by\":\"")
            buffer.literal(blocker.word)
            buffer.byte(UInt8(ascii: "\""))
        }
        if attempt.bytes != 0 {
            buffer.literal(",\"bytes\":")
            buffer.decimal(attempt.bytes)
        }
    }
}
