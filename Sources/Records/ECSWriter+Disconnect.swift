import Model

extension ECSWriter {
    mutating func disconnected(_ event: DisconnectEvent, into buffer: inout LineBuffer) {
        var attempt = event.attempt
        let result = AttemptResult(attempt.outcome)
        var end = attempt.outcome
        buffer.literal("{\"@timestamp\":\"")
        buffer.timestamp(event.endedBootNanoseconds, clock)
        buffer.literal(
            "\",\"event\":{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"connection\",\"end\"],\"action\":\"disconnect_received\""
        )
        switch event.traffic {
        case .connection(let close):
            if attempt.source == nil { attempt.source = close.attempt.source }
            if close.error != 0 { end = .failed(errno: close.error) }
            eventID(close.attempt.reference, "-d\"", into: &buffer)
        case .flow(let counters):
            // Counters rest on no ring record of their own; they only grow, and so tell two ends apart.
            eventID(attempt.reference, "-d", into: &buffer)
            buffer.decimal(counters.sends)
            buffer.byte(UInt8(ascii: "\""))
        }
        attempt.outcome = end
        sequence(into: &buffer)
        start(attempt.startedBootNanoseconds, into: &buffer)
        duration(from: attempt.startedBootNanoseconds, to: event.endedBootNanoseconds, into: &buffer)
        eventEnd(attempt, AttemptResult(end), into: &buffer)

        Self.network(attempt, into: &buffer)
        switch event.traffic {
        case .connection(let close) where !close.hasCounters:
            buffer.byte(UInt8(ascii: "}"))
            Self.source(attempt.source, into: &buffer)
            buffer.byte(UInt8(ascii: "}"))
            Self.destination(attempt.destination, into: &buffer)
            buffer.byte(UInt8(ascii: "}"))
        case .connection(let close):
            buffer.volume(
                bytes: close.bytesSent &+ close.bytesReceived,
                packets: UInt64(close.packetsSent) &+ UInt64(close.packetsReceived))
            Self.source(attempt.source, into: &buffer)
            buffer.volume(bytes: close.bytesSent, packets: UInt64(close.packetsSent))
            Self.destination(attempt.destination, into: &buffer)
            buffer.volume(bytes: close.bytesReceived, packets: UInt64(close.packetsReceived))
        case .flow(let counters):
            buffer.volume(bytes: counters.bytes, packets: counters.datagrams)
            Self.source(attempt.source, into: &buffer)
            buffer.volume(bytes: counters.bytes, packets: counters.datagrams)
            Self.destination(attempt.destination, into: &buffer)
            buffer.byte(UInt8(ascii: "}"))
        }
        rest(attempt, event.attribution, result, into: &buffer).appendTattle(into: &buffer)
        switch event.traffic {
        case .connection(let close) where !close.hasCounters: break
        case .connection(let close):
            buffer.literal(",\"connection\":{\"retransmits\":")
            buffer.decimal(close.retransmits)
            buffer.byte(UInt8(ascii: "}"))
        case .flow(let counters): flow(counters, into: &buffer)
        }
        buffer.raw(constants.tail)
    }

    /// Appends what was counted of a flow.
    ///
    /// Gaps lie between sends, taken or not.
    private func flow(_ counters: FlowCounters, into buffer: inout LineBuffer) {
        buffer.literal(",\"flow\":{\"datagrams\":")
        buffer.decimal(counters.datagrams)
        buffer.literal(",\"failures\":")
        buffer.decimal(counters.failures)
        buffer.literal(",\"first\":\"")
        buffer.timestamp(counters.firstBootNanoseconds, clock)
        buffer.literal("\",\"last\":\"")
        buffer.timestamp(counters.lastBootNanoseconds, clock)
        buffer.byte(UInt8(ascii: "\""))
        if let gaps = FlowGaps(counters) {
            buffer.literal(",\"gap\":{\"min_ns\":")
            buffer.decimal(counters.gapMinimumNanoseconds)
            buffer.literal(",\"max_ns\":")
            buffer.decimal(counters.gapMaximumNanoseconds)
            buffer.literal(",\"mean_ns\":")
            buffer.decimal(gaps.meanNanoseconds)
            buffer.literal(",\"stddev_ns\":")
            buffer.decimal(gaps.deviationNanoseconds)
            buffer.byte(UInt8(ascii: "}"))
        }
        buffer.byte(UInt8(ascii: "}"))
    }
}

extension LineBuffer {
    /// Appends bytes and packets and the object's end, with a comma only where something stands before.
    mutating func volume(bytes: UInt64, packets: UInt64) {
        if !endsWith(UInt8(ascii: "{")) { byte(UInt8(ascii: ",")) }
        literal("\"bytes\":")
        decimal(bytes)
        literal(",\"packets\":")
        decimal(packets)
        byte(UInt8(ascii: "}"))
    }
}
