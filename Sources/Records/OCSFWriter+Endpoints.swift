import Model

/// `connection_info` and both ends.
extension OCSFWriter {
    func connection(_ attempt: Attempt, isIngress: Bool, into buffer: inout LineBuffer) {
        buffer.literal(",\"connection_info\":{")
        if isLocal(attempt.destination.address), attempt.destination.kind == .ip {
            buffer.literal("\"direction_id\":4,\"direction\":\"Local\"")
        } else if isIngress {
            buffer.literal("\"direction_id\":1,\"direction\":\"Inbound\"")
        } else {
            buffer.literal("\"direction_id\":2,\"direction\":\"Outbound\"")
        }
        if attempt.id != 0 {
            buffer.literal(",\"uid\":\"")
            identifiers.append(attempt: attempt.id, into: &buffer)
            buffer.byte(UInt8(ascii: "\""))
        }
        proto(attempt, into: &buffer)
        if let id = CommunityID(attempt.transport, attempt.source, attempt.destination) {
            buffer.literal(",\"community_uid\":\"")
            buffer.communityID(id)
            buffer.byte(UInt8(ascii: "\""))
        }
        buffer.byte(UInt8(ascii: "}"))
    }

    private func proto(_ attempt: Attempt, into buffer: inout LineBuffer) {
        switch attempt.destination.kind {
        case .link: return
        case .vsock:
            buffer.literal(",\"protocol_name\":\"vsock\"")
            return
        case .ip: break
        }
        buffer.literal(",\"protocol_num\":")
        buffer.decimal(attempt.transport.ianaNumber)
        if let name = attempt.transport.word {
            buffer.literal(",\"protocol_name\":\"")
            buffer.literal(name)
            buffer.byte(UInt8(ascii: "\""))
        }
        buffer.literal(attempt.destination.address.isIPv4 ? ",\"protocol_ver_id\":4" : ",\"protocol_ver_id\":6")
    }

    /// 127.0.0.0/8, ::1.
    private func isLocal(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let bits): bits >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    /// Appends one end, with the words that it begins with; nothing where neither address nor name is known.
    func endpoint(_ opening: StaticString, _ endpoint: Endpoint?, into buffer: inout LineBuffer) {
        guard let endpoint else { return }
        switch endpoint.kind {
        case .ip:
            // An end without an address is none in OCSF, whatever its port.
            guard !endpoint.address.isUnspecified else { return }
            buffer.literal(opening)
            buffer.literal("\"ip\":\"")
            buffer.address(endpoint.address)
            buffer.byte(UInt8(ascii: "\""))
            if endpoint.port != 0 {
                buffer.literal(",\"port\":")
                buffer.decimal(endpoint.port)
            }
        case .link:
            buffer.literal(opening)
            // A hardware address alone is none, either.
            buffer.literal("\"uid\":\"")
            let start = buffer.count
            buffer.hardwareAddress(endpoint.hardwareAddress)
            let text = start..<buffer.count
            buffer.literal("\",\"mac\":\"")
            buffer.again(text)
            buffer.byte(UInt8(ascii: "\""))
        case .vsock:
            buffer.literal(opening)
            buffer.literal("\"uid\":\"")
            buffer.decimal(endpoint.contextID)
            buffer.byte(UInt8(ascii: ":"))
            buffer.decimal(endpoint.contextPort)
            buffer.byte(UInt8(ascii: "\""))
        }
        buffer.byte(UInt8(ascii: "}"))
    }
}

extension Transport {
    /// The IANA keyword, in lower case; nil: none is known.
    var word: StaticString? {
        switch self {
        case .tcp: "tcp"
        case .udp: "udp"
        case .udpLite: "udplite"
        case .other(let number): transportName(number)
        }
    }
}

extension Via {
    /// The word of `tattle.via`.
    var word: StaticString {
        switch self {
        case .syscall: "syscall"
        case .packet: "packet"
        case .raw: "raw"
        case .ioUring: "io_uring"
        case .sendmmsg: "sendmmsg"
        case .splice: "splice"
        case .kernel: "kernel"
        case .fastOpen: "fast_open"
        case .mptcp: "mptcp"
        }
    }
}

extension Blocker {
    /// The word of `tattle.blocked_by`.
    var word: StaticString {
        switch self {
        case .securityModule: "lsm"
        case .cgroup: "cgroup"
        case .netfilter: "netfilter"
        case .route: "route"
        }
    }

    /// What it did, in words.
    var sentence: StaticString {
        switch self {
        case .securityModule: "A Linux security module denied it"
        case .cgroup: "A BPF program on the cgroup denied it"
        case .netfilter: "The packet filter dropped or rejected it"
        case .route: "No route, or one that forbids"
        }
    }
}
