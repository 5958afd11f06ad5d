import Model

extension ECSWriter {
    /// Appends `network` but its closing brace.
    ///
    /// Static, as all that asks nothing of the writer: one that is being changed would be copied for it.
    @inline(__always)
    static func network(_ attempt: Attempt, into buffer: inout LineBuffer) {
        switch attempt.transport {
        case .tcp: buffer.literal(",\"network\":{\"transport\":\"tcp\",\"iana_number\":\"6\"")
        case .udp: buffer.literal(",\"network\":{\"transport\":\"udp\",\"iana_number\":\"17\"")
        case .udpLite: buffer.literal(",\"network\":{\"transport\":\"udplite\",\"iana_number\":\"136\"")
        case .other where attempt.destination.kind != .ip:
            Self.link(attempt.destination, into: &buffer)
            return
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
        Self.communityID(attempt, into: &buffer)
    }

    /// Appends, within `network`, what others call the flow by, where both ends are known.
    @inline(__always)
    static func communityID(_ attempt: Attempt, into buffer: inout LineBuffer) {
        guard let id = CommunityID(attempt.transport, attempt.source, attempt.destination) else { return }
        buffer.literal(",\"community_id\":\"")
        buffer.communityID(id)
        buffer.byte(UInt8(ascii: "\""))
    }

    /// Appends `source` but its closing brace.
    @inline(__always)
    static func source(_ endpoint: Endpoint?, into buffer: inout LineBuffer) {
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
    static func destination(_ endpoint: Endpoint, into buffer: inout LineBuffer) {
        guard endpoint.kind == .ip else {
            Self.otherDestination(endpoint, into: &buffer)
            return
        }
        buffer.literal(",\"destination\":{\"address\":\"")
        buffer.address(endpoint.address)
        if endpoint.scope != 0 {
            buffer.byte(UInt8(ascii: "%"))
            buffer.decimal(endpoint.scope)
        }
        buffer.literal("\",\"ip\":\"")
        buffer.address(endpoint.address)
        buffer.byte(UInt8(ascii: "\""))
        if endpoint.port != 0 {
            buffer.literal(",\"port\":")
            buffer.decimal(endpoint.port)
        }
    }

    /// Appends `network` of what is not IP, but its closing brace.
    private static func link(_ endpoint: Endpoint, into buffer: inout LineBuffer) {
        if endpoint.kind == .vsock {
            buffer.literal(",\"network\":{\"transport\":\"vsock\",\"direction\":\"egress\"")
            return
        }
        buffer.literal(",\"network\":{\"type\":\"")
        if endpoint.etherType == 0x0806 {
            buffer.literal("arp")
        } else {
            buffer.literal("0x")
            buffer.fourHexadecimalDigits(endpoint.etherType)
        }
        buffer.literal("\",\"direction\":\"egress\"")
    }

    /// Appends `destination` of what is not IP, but its closing brace.
    private static func otherDestination(_ endpoint: Endpoint, into buffer: inout LineBuffer) {
        if endpoint.kind == .vsock {
            buffer.literal(",\"destination\":{\"address\":\"")
            buffer.decimal(endpoint.contextID)
            buffer.literal("\",\"port\":")
            buffer.decimal(endpoint.contextPort)
            return
        }
        buffer.literal(",\"destination\":{\"address\":\"")
        let start = buffer.count
        buffer.hardwareAddress(endpoint.hardwareAddress)
        let text = start..<buffer.count
        buffer.literal("\",\"mac\":\"")
        buffer.again(text)
        buffer.byte(UInt8(ascii: "\""))
    }
}

/// The IANA keyword of a protocol number, in lower case.
func transportName(_ number: UInt16) -> StaticString? {
    switch number {
    case 1: "icmp"
    case 2: "igmp"
    case 4: "ipv4"
    case 33: "dccp"
    case 41: "ipv6"
    case 46: "rsvp"
    case 47: "gre"
    case 50: "esp"
    case 51: "ah"
    case 58: "ipv6-icmp"
    case 88: "eigrp"
    case 89: "ospfigp"
    case 94: "ipip"
    case 103: "pim"
    case 108: "ipcomp"
    case 112: "vrrp"
    case 115: "l2tp"
    case 132: "sctp"
    case 137: "mpls-in-ip"
    default: nil
    }
}

extension LineBuffer {
    /// Appends six bytes as RFC 7042 writes them: `02-00-5E-10-00-01`.
    mutating func hardwareAddress(_ address: UInt64) {
        for shift in stride(from: 40, through: 0, by: -8) {
            let pair = UInt8(truncatingIfNeeded: address >> UInt64(shift))
            for digit in [pair >> 4, pair & 15] { byte(digit < 10 ? 48 + digit : 55 + digit) }
            if shift > 0 { byte(UInt8(ascii: "-")) }
        }
    }

    /// Appends four hexadecimal digits.
    mutating func fourHexadecimalDigits(_ value: UInt16) {
        for shift in stride(from: UInt16(12), through: 0, by: -4) {
            let digit = UInt8(value >> shift & 15)
            byte(digit < 10 ? 48 + digit : 87 + digit)
        }
    }
}
