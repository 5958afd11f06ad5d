/// An address, a port and, for link-local IPv6, the interface it is meant for.
public struct Endpoint: Hashable, Sendable {
    /// What an endpoint is the end of.
    public enum Kind: UInt8, Hashable, Sendable {
        /// Of IP.
        case ip
        /// Of a link, by a frame that carries no IP.
        case link
        /// Of a virtual machine's socket (vsock).
        case vsock
    }

    /// What it is the end of; of others than ``Kind/ip``, ``address`` holds what the accessors read.
    public var kind: Kind
    /// The address.
    public var address: IPAddress
    /// The port in host order; 0 where there is none.
    public var port: UInt16
    /// `sin6_scope_id`, the interface's index; 0: none.
    public var scope: UInt32

    /// Makes an endpoint.
    @inlinable
    public init(address: IPAddress, port: UInt16, scope: UInt32 = 0, kind: Kind = .ip) {
        self.kind = kind
        self.address = address
        self.port = port
        self.scope = scope
    }
}

extension Endpoint {
    /// Of a link: the hardware address, in the low 48 bits.
    @inlinable public var hardwareAddress: UInt64 { address.mapped.high >> 16 }
    /// Of a link: what the frame carries, as IEEE 802 numbers it.
    public var etherType: UInt16 { UInt16(truncatingIfNeeded: address.mapped.high) }
    /// Of a vsock: the context id (CID), vsock(7).
    public var contextID: UInt32 { UInt32(address.mapped.high >> 32) }
    /// Of a vsock: the port.
    public var contextPort: UInt32 { UInt32(truncatingIfNeeded: address.mapped.high) }
    /// Whether it is all hosts of the link: 255.255.255.255 (RFC 919), FF-FF-FF-FF-FF-FF.
    ///
    /// A network's own broadcast address does not show it: ``Attempt/isNetworkBroadcast``.
    @inlinable public var isBroadcast: Bool {
        switch kind {
        case .ip: address.mapped == (0, 0xffff_ffff_ffff)
        case .link: hardwareAddress == 0xffff_ffff_ffff
        case .vsock: false
        }
    }
    /// Whether it is a group of hosts: 224.0.0.0/4 (RFC 5771), ff00::/8 (RFC 4291), a group bit (IEEE 802).
    @inlinable public var isMulticast: Bool {
        guard kind == .ip else { return kind == .link && hardwareAddress >> 40 & 1 == 1 && !isBroadcast }
        return address.isIPv4 ? address.mapped.low & 0xf000_0000 == 0xe000_0000 : address.mapped.high >> 56 == 0xff
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
    @inlinable
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
