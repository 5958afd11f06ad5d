import Model

/// Repeats that a rule collapsed: class 4001 with `count`, as OCSF has it for events of one group.
extension OCSFWriter {
    mutating func aggregated(_ event: AggregateEvent, into buffer: inout LineBuffer) {
        let attempt = event.attempt
        begin(activity(event), at: event.lastBootNanoseconds, into: &buffer)
        buffer.literal(",\"count\":")
        buffer.decimal(event.count)
        span(from: event.firstBootNanoseconds, to: event.lastBootNanoseconds, into: &buffer)
        status(attempt.outcome, attempt.blocker, into: &buffer)
        connection(attempt, isIngress: false, into: &buffer)
        endpoint(",\"dst_endpoint\":{", attempt.destination, into: &buffer)
        if let volume = event.volume { traffic(volume, into: &buffer) }
        let text = actor(attempt, event.attribution, into: &buffer)
        ownMetadata(at: event.lastBootNanoseconds, into: &buffer)
        beginUnmapped(attempt, into: &buffer)
        buffer.aggregate(event)
        text.appendTattle(into: &buffer)
        buffer.literal("}}")
    }

    private func activity(_ event: AggregateEvent) -> OCSFActivity {
        let result = AttemptResult(event.attempt.outcome)
        guard event.kind == .disconnected else { return OCSFActivity(result) }
        if let volume = event.volume, volume.bytesReceived == nil { return .traffic }
        return result == .reset ? .reset : .close
    }

    private func traffic(_ volume: AggregateEvent.Volume, into buffer: inout LineBuffer) {
        buffer.literal(",\"traffic\":{\"bytes_out\":")
        buffer.decimal(volume.bytesSent)
        buffer.literal(",\"packets_out\":")
        buffer.decimal(volume.packetsSent)
        if let bytes = volume.bytesReceived, let packets = volume.packetsReceived {
            buffer.literal(",\"bytes_in\":")
            buffer.decimal(bytes)
            buffer.literal(",\"packets_in\":")
            buffer.decimal(packets)
        }
        buffer.byte(UInt8(ascii: "}"))
    }
}
