import Model

/// Repeats that a rule collapsed.
extension ECSWriter {
    mutating func aggregated(_ event: AggregateEvent, into buffer: inout LineBuffer) {
        let attempt = event.attempt
        let result = AttemptResult(attempt.outcome)
        buffer.literal("{\"@timestamp\":\"")
        buffer.timestamp(event.lastBootNanoseconds, clock)
        buffer.literal("\",\"event\":{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"connection\",\"info\"")
        if result == .denied { buffer.literal(",\"denied\"") }
        buffer.literal("],\"action\":\"connection_aggregated\"")
        start(event.firstBootNanoseconds, into: &buffer)
        buffer.literal(",\"end\":\"")
        buffer.timestamp(event.lastBootNanoseconds, clock)
        buffer.byte(UInt8(ascii: "\""))
        duration(from: event.firstBootNanoseconds, to: event.lastBootNanoseconds, into: &buffer)
        outcome(result, into: &buffer)
        ownEventEnd(into: &buffer)
        Self.network(attempt, into: &buffer)
        ends(event, into: &buffer)
        rest(attempt, event.attribution, result, into: &buffer).appendTattle(into: &buffer)
        buffer.aggregate(event)
        buffer.raw(constants.tail)
    }

    /// Appends the end of `network`, `source` where there is something to say of it, and `destination`.
    private func ends(_ event: AggregateEvent, into buffer: inout LineBuffer) {
        guard let volume = event.volume else {
            buffer.byte(UInt8(ascii: "}"))
            Self.destination(event.attempt.destination, into: &buffer)
            buffer.byte(UInt8(ascii: "}"))
            return
        }
        buffer.volume(
            bytes: volume.bytesSent &+ (volume.bytesReceived ?? 0),
            packets: volume.packetsSent &+ (volume.packetsReceived ?? 0))
        Self.source(nil, into: &buffer)
        buffer.volume(bytes: volume.bytesSent, packets: volume.packetsSent)
        Self.destination(event.attempt.destination, into: &buffer)
        if let bytes = volume.bytesReceived, let packets = volume.packetsReceived {
            buffer.volume(bytes: bytes, packets: packets)
        } else {
            buffer.byte(UInt8(ascii: "}"))
        }
    }
}
