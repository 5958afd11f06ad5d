import Model

extension ECSWriter {
    /// A socket that was open before tattle: a snapshot, and so of the kind `state`.
    mutating func existing(_ event: ExistingEvent, into buffer: inout LineBuffer) {
        let attempt = event.attempt
        let isIngress = event.direction == .ingress
        buffer.literal("{\"@timestamp\":\"")
        buffer.timestamp(attempt.observedBootNanoseconds, clock)
        buffer.literal(
            "\",\"event\":{\"kind\":\"state\",\"category\":[\"network\"],\"type\":[\"connection\",\"info\"],\"action\":\"connection_existing\""
        )
        ownEventEnd(into: &buffer)
        switch attempt.transport {
        case .tcp: buffer.literal(",\"network\":{\"transport\":\"tcp\",\"iana_number\":\"6\"")
        default: buffer.literal(",\"network\":{\"transport\":\"udp\",\"iana_number\":\"17\"")
        }
        buffer.literal(attempt.destination.address.isIPv4 ? ",\"type\":\"ipv4\"" : ",\"type\":\"ipv6\"")
        buffer.literal(isIngress ? ",\"direction\":\"ingress\"" : ",\"direction\":\"egress\"")
        Self.communityID(attempt, into: &buffer)
        buffer.byte(UInt8(ascii: "}"))
        // ECS: the source is who began it.
        let local = attempt.source ?? Endpoint(address: .v4(0), port: 0)
        Self.source(isIngress ? attempt.destination : local, into: &buffer)
        buffer.byte(UInt8(ascii: "}"))
        Self.destination(isIngress ? local : attempt.destination, into: &buffer)
        buffer.byte(UInt8(ascii: "}"))
        let text = event.attribution.map { who(attempt, $0, into: &buffer) }
        if text == nil, beginRelated(attempt, into: &buffer) { buffer.byte(UInt8(ascii: "}")) }
        buffer.literal(",\"tattle\":{\"connection\":{\"state\":\"")
        buffer.literal(event.state.word)
        // A string: a number over 2⁵³ does not survive every JSON reader.
        buffer.literal("\",\"inode\":\"")
        buffer.decimal(event.inode)
        buffer.byte(UInt8(ascii: "\""))
        if event.otherOwners > 0 {
            buffer.literal(",\"other_owners\":")
            buffer.decimal(UInt(event.otherOwners))
        }
        buffer.byte(UInt8(ascii: "}"))
        if let text {
            text.appendTattle(into: &buffer)
        } else {
            networkNamespace(attempt, into: &buffer)
            buffer.literal(",\"attribution\":{\"source\":\"none\"}")
        }
        buffer.raw(constants.tail)
    }
}

extension SocketState {
    /// The state as ss(8) and netstat(8) call it, in lower case.
    var word: StaticString {
        switch self {
        case .established: "established"
        case .synSent: "syn_sent"
        case .finWait1: "fin_wait1"
        case .finWait2: "fin_wait2"
        case .closeWait: "close_wait"
        case .lastAck: "last_ack"
        case .closing: "closing"
        }
    }
}
