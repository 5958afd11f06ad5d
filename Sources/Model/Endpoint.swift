/// An address, a port and, for link-local IPv6, the interface it is meant for.
public struct Endpoint: Hashable, Sendable {
    /// The address.
    public var address: IPAddress
    /// The port in host order; 0 where there is none.
    public var port: UInt16
    /// `sin6_scope_id`, the interface's index; 0: none.
    public var scope: UInt32

    /// Makes an endpoint.
    public init(address: IPAddress, port: UInt16, scope: UInt32 = 0) {
        self.address = address
        self.port = port
        self.scope = scope
    }
}

/// The transport protocol of a socket.
public enum Transport: Hashable, Sendable {
    /// TCP, and MPTCP whose wire protocol it is.
    case tcp
    /// UDP.
    case udp
    /// UDP-Lite (RFC 3828).
    case udpLite
    /// Any other `IPPROTO_*`.
    case other(UInt16)

    /// Makes a transport from a socket's `sk_protocol`.
    public init(socketProtocol: UInt16) {
        self =
            switch socketProtocol {
            case 6, 262: .tcp
            case 17: .udp
            case 136: .udpLite
            default: .other(socketProtocol)
            }
    }

    /// Whether it is UDP or UDP-Lite.
    public var isUDP: Bool { self == .udp || self == .udpLite }

    /// The number that IANA gave the protocol.
    public var ianaNumber: UInt16 {
        switch self {
        case .tcp: 6
        case .udp: 17
        case .udpLite: 136
        case .other(let number): number
        }
    }
}
