public import Model

/// Where a call goes: a domain if it is known, else an address; a port; a protocol.
public struct Destination: Hashable, Sendable {
    /// What names the other end.
    public enum Place: Hashable, Sendable {
        /// A domain, lower case, without the last dot.
        case domain(String)
        /// An address.
        case address(IPAddress)
        /// Any: the key of a caller wherever it calls.
        case anywhere
    }

    /// What names the other end.
    public var place: Place
    /// The port in host order; 0: none, or any.
    public var port: UInt16
    /// The transport protocol.
    public var transport: Transport

    /// Makes a destination.
    public init(_ place: Place, port: UInt16, transport: Transport) {
        self.place = place
        self.port = port
        self.transport = transport
    }

    /// Any: the key of a caller wherever it calls.
    public static let anywhere = Destination(.anywhere, port: 0, transport: .tcp)

    /// The address; nil: a domain, or any.
    public var address: IPAddress? {
        if case .address(let address) = place { address } else { nil }
    }

    /// The domain; nil: an address, or any.
    public var domain: String? {
        if case .domain(let domain) = place { domain } else { nil }
    }
}

extension Destination: CustomStringConvertible {
    /// `203.0.113.9:443`, `[2001:db8::1]:53/udp`, `example.org:443`.
    public var description: String {
        let name =
            switch place {
            case .domain(let domain): domain
            case .address(let address): address.isIPv4 || port == 0 ? "\(address)" : "[\(address)]"
            case .anywhere: "many destinations"
            }
        if case .anywhere = place { return name }
        let suffix =
            switch transport {
            case .tcp: ""
            case .udp: "/udp"
            case .udpLite: "/udplite"
            case .other(1): "/icmp"
            case .other(58): "/icmp6"
            case .other(let number): "/ip-\(number)"
            }
        return (port == 0 ? name : "\(name):\(port)") + suffix
    }
}
