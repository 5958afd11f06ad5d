internal import CNettle
import Model

/// The Community ID of a flow, version 1 with seed 0: what Zeek, Suricata and packetbeat call the same flow by.
///
/// SHA-1 over both ends, the lesser one first, so that either direction has the same.
///
/// https://github.com/corelight/community-id-spec
struct CommunityID: Hashable, Sendable {
    /// The digest: bytes 1 to 8, 9 to 16 and 17 to 20, the first of each most significant.
    private let first, second: UInt64
    private let third: UInt32
    /// Enough of it to tell flows apart.
    var word: UInt64 { first }

    /// Makes the id of a flow; nil where an end is not known, or the protocol has no ports.
    ///
    /// - Parameter source: an address that is not chosen yet, or port 0, is not known.
    @inline(__always)
    init?(_ transport: Transport, _ source: Endpoint?, _ destination: Endpoint) {
        guard let source, source.port != 0, destination.port != 0, source.kind == .ip, destination.kind == .ip,
            !source.address.isUnspecified, let number = Self.number(transport)
        else { return nil }
        self.init(number, source, destination)
    }

    @inline(never)
    private init(_ number: UInt64, _ source: Endpoint, _ destination: Endpoint) {
        let isOrdered = Self.isLess(source, destination)
        let (one, other) = isOrdered ? (source, destination) : (destination, source)
        let end = number << 40 | UInt64(one.port) << 16 | UInt64(other.port)
        let digest: tattle_sha1
        // Two bytes of seed, which are 0, the addresses, the protocol and a byte of 0, the ports: 16 or 40 in all.
        if case .v4(let lesser) = one.address, case .v4(let greater) = other.address {
            digest = tattle_sha1_of(
                UInt64(lesser) << 16 | UInt64(greater) >> 16, UInt64(greater) << 48 | end, 0, 0, 0, 16)
        } else {
            let (lesser, greater) = (one.address.mapped, other.address.mapped)
            digest = tattle_sha1_of(
                lesser.high >> 16, lesser.high << 48 | lesser.low >> 16, lesser.low << 48 | greater.high >> 16,
                greater.high << 48 | greater.low >> 16, greater.low << 48 | end, 40)
        }
        (first, second, third) = (digest.first, digest.second, digest.third)
    }

    /// The number of a protocol whose ports the specification names.
    @inline(__always)
    private static func number(_ transport: Transport) -> UInt64? {
        switch transport {
        case .tcp: 6
        case .udp: 17
        case .other(132): 132
        default: nil
        }
    }

    private static func isLess(_ one: Endpoint, _ other: Endpoint) -> Bool {
        let (mine, theirs) = (one.address.mapped, other.address.mapped)
        if mine.high != theirs.high { return mine.high < theirs.high }
        if mine.low != theirs.low { return mine.low < theirs.low }
        return one.port < other.port
    }
}

extension LineBuffer {
    /// Appends the id as text, 30 bytes: `1:LQU9qZlK+B5F3KDmev6m5PMibrg=`.
    @inline(__always)
    mutating func communityID(_ id: CommunityID) {
        literal("1:")
        id.append(to: &self)
    }
}

extension CommunityID {
    /// Appends 20 bytes as base64 (RFC 4648, section 4): eight digits for each 48 bits, and three and `=` at the end.
    ///
    /// Sixteen digits at once: one after the other they were a tenth of what a line costs.
    fileprivate func append(to buffer: inout LineBuffer) {
        let front = tattle_base64_of(first >> 16, first << 32 & 0xffff_0000_0000 | second >> 32)
        buffer.words(front.first, front.second, length: 16)
        // The last two bytes and two bits of 0 are three digits.
        let back = tattle_base64_of(second << 16 & 0xffff_ffff_0000 | UInt64(third >> 16), UInt64(third & 0xffff) << 32)
        buffer.words(back.first, back.second & 0xff_ffff | UInt64(UInt8(ascii: "=")) << 24, length: 12)
    }
}
