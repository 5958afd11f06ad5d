import Model

extension ECSWriter {
    mutating func attempted(_ event: AttemptEvent, into buffer: inout LineBuffer) {
        let attempt = event.attempt
        let result = AttemptResult(attempt.outcome)
        buffer.literal("{\"@timestamp\":\"")
        buffer.timestamp(attempt.startedBootNanoseconds, clock)
        buffer.literal("\",\"event\":{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"connection\",\"start\"")
        if result == .denied { buffer.literal(",\"denied\"") }
        buffer.literal("],\"action\":\"connection_attempted\"")
        eventID(attempt.reference, "-a\"", into: &buffer)
        sequence(into: &buffer)
        if result != .pending {
            duration(from: attempt.startedBootNanoseconds, to: attempt.observedBootNanoseconds, into: &buffer)
        }
        eventEnd(attempt, result, into: &buffer)
        network(attempt, into: &buffer)
        buffer.byte(UInt8(ascii: "}"))
        if let endpoint = attempt.source, endpoint.port != 0 || !endpoint.address.isUnspecified {
            source(endpoint, into: &buffer)
            buffer.byte(UInt8(ascii: "}"))
        }
        destination(attempt.destination, into: &buffer)
        buffer.byte(UInt8(ascii: "}"))
        rest(attempt, event.attribution, result, into: &buffer)
        buffer.raw(constants.tail)
    }

    mutating func resolved(_ event: AttemptEvent, into buffer: inout LineBuffer) {
        let attempt = event.attempt
        let result = AttemptResult(attempt.outcome)
        buffer.literal("{\"@timestamp\":\"")
        buffer.timestamp(attempt.observedBootNanoseconds, clock)
        buffer.literal("\",\"event\":{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"connection\",\"info\"")
        if result == .denied { buffer.literal(",\"denied\"") }
        buffer.literal("],\"action\":\"connection_resolved\"")
        eventID(attempt.reference, "-r\"", into: &buffer)
        sequence(into: &buffer)
        start(attempt.startedBootNanoseconds, into: &buffer)
        if result != .pending {
            duration(from: attempt.startedBootNanoseconds, to: attempt.observedBootNanoseconds, into: &buffer)
        }
        eventEnd(attempt, result, into: &buffer)
        network(attempt, into: &buffer)
        buffer.byte(UInt8(ascii: "}"))
        if let endpoint = attempt.source, endpoint.port != 0 || !endpoint.address.isUnspecified {
            source(endpoint, into: &buffer)
            buffer.byte(UInt8(ascii: "}"))
        }
        destination(attempt.destination, into: &buffer)
        buffer.byte(UInt8(ascii: "}"))
        rest(attempt, event.attribution, result, into: &buffer)
        buffer.raw(constants.tail)
    }

    /// Appends `,"start":"…"`.
    func start(_ bootNanoseconds: UInt64, into buffer: inout LineBuffer) {
        buffer.literal(",\"start\":\"")
        buffer.timestamp(bootNanoseconds, clock)
        buffer.byte(UInt8(ascii: "\""))
    }

    /// Appends `,"duration":…` in nanoseconds.
    @inline(__always)
    func duration(from start: UInt64, to end: UInt64, into buffer: inout LineBuffer) {
        buffer.literal(",\"duration\":")
        buffer.decimal(end > start ? end &- start : 0)
    }

    /// Appends the outcome, the reason and the end of `event`.
    @inline(__always)
    func eventEnd(_ attempt: Attempt, _ result: AttemptResult, into buffer: inout LineBuffer) {
        switch result {
        case .pending: buffer.literal(",\"outcome\":\"unknown\"")
        case .established, .sent: buffer.literal(",\"outcome\":\"success\"")
        default: buffer.literal(",\"outcome\":\"failure\"")
        }
        if let blocker = attempt.blocker {
            switch blocker {
            case .securityModule: buffer.literal(",\"reason\":\"A Linux security module denied it\"")
            case .cgroup: buffer.literal(",\"reason\":\"A BPF program on the cgroup denied it\"")
            case .route: buffer.literal(",\"reason\":\"No route, or one that forbids\"")
            }
        } else if result == .aborted {
            buffer.literal(",\"reason\":\"Closed from this side before an answer came\"")
        }
        buffer.literal(",\"dataset\":\"tattle.trace\",\"module\":\"tattle\",\"provider\":\"ebpf\"}")
    }

    /// Appends `network` but its closing brace.
    @inline(__always)
    func network(_ attempt: Attempt, into buffer: inout LineBuffer) {
        switch attempt.transport {
        case .tcp: buffer.literal(",\"network\":{\"transport\":\"tcp\",\"iana_number\":\"6\"")
        case .udp: buffer.literal(",\"network\":{\"transport\":\"udp\",\"iana_number\":\"17\"")
        case .udpLite: buffer.literal(",\"network\":{\"transport\":\"udplite\",\"iana_number\":\"136\"")
        case .other(let number):
            buffer.literal(",\"network\":{")
            if let name = transportName(number) {
                buffer.literal("\"transport\":\"")
                buffer.literal(name)
                buffer.literal("\",")
            }
            buffer.literal("\"iana_number\":\"")
            buffer.decimal(number)
            buffer.byte(UInt8(ascii: "\""))
        }
        if attempt.destination.address.isIPv4 {
            buffer.literal(",\"type\":\"ipv4\",\"direction\":\"egress\"")
        } else {
            buffer.literal(",\"type\":\"ipv6\",\"direction\":\"egress\"")
        }
    }

    /// Appends `source` but its closing brace.
    @inline(__always)
    func source(_ endpoint: Endpoint?, into buffer: inout LineBuffer) {
        buffer.literal(",\"source\":{")
        guard let endpoint else { return }
        if !endpoint.address.isUnspecified {
            buffer.literal("\"ip\":\"")
            buffer.address(endpoint.address)
            buffer.byte(UInt8(ascii: "\""))
        }
        if endpoint.port != 0 {
            if !endpoint.address.isUnspecified { buffer.byte(UInt8(ascii: ",")) }
            buffer.literal("\"port\":")
            buffer.decimal(endpoint.port)
        }
    }

    /// Appends `destination` but its closing brace.
    @inline(__always)
    func destination(_ endpoint: Endpoint, into buffer: inout LineBuffer) {
        buffer.literal(",\"destination\":{\"address\":\"")
        let start = buffer.count
        buffer.address(endpoint.address)
        let text = start..<buffer.count
        if endpoint.scope != 0 {
            buffer.byte(UInt8(ascii: "%"))
            buffer.decimal(endpoint.scope)
        }
        buffer.literal("\",\"ip\":\"")
        buffer.again(text)
        buffer.byte(UInt8(ascii: "\""))
        if endpoint.port != 0 {
            buffer.literal(",\"port\":")
            buffer.decimal(endpoint.port)
        }
    }

    /// Appends `error` where there is one.
    func error(_ outcome: Outcome, into buffer: inout LineBuffer) {
        guard case .failed(let number) = outcome else { return }
        if number > 0, Int(number) < constants.errors.count, !constants.errors[Int(number)].isEmpty {
            buffer.raw(constants.errors[Int(number)])
            return
        }
        buffer.literal(",\"error\":{\"code\":\"")
        buffer.unknownErrorName(number)
        buffer.literal("\",\"message\":\"Unknown error ")
        buffer.signed(number)
        buffer.literal("\"}")
    }
}

/// The IANA keyword of a protocol number, in lower case.
func transportName(_ number: UInt16) -> StaticString? {
    switch number {
    case 1: "icmp"
    case 2: "igmp"
    case 33: "dccp"
    case 47: "gre"
    case 58: "ipv6-icmp"
    case 132: "sctp"
    default: nil
    }
}

extension LineBuffer {
    /// Appends a name for an errno that has none: `ERRNO_524`.
    mutating func unknownErrorName(_ number: Int32) {
        literal("ERRNO_")
        signed(number)
    }
}
