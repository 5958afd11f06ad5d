/// A block of addresses, as written in CIDR notation.
public struct AddressPrefix: Hashable, Sendable {
    /// The address; bits past `length` are zero.
    public let address: IPAddress
    /// Leading bits that count: 0...32 for IPv4, 0...128 for IPv6.
    public let length: Int

    /// Makes a prefix, clearing the bits past its length; nil when the length is out of range.
    public init?(address: IPAddress, length: Int) {
        guard length >= 0, length <= (address.isIPv4 ? 32 : 128) else { return nil }
        self.length = length
        let bits = address.isIPv4 ? length + 96 : length
        let (high, low) = address.mapped
        let highMask: UInt64 = bits == 0 ? 0 : bits >= 64 ? .max : .max << UInt64(64 - bits)
        let lowMask: UInt64 = bits <= 64 ? 0 : .max << UInt64(128 - bits)
        switch address {
        case .v4: self.address = .v4(UInt32(truncatingIfNeeded: low & lowMask))
        case .v6: self.address = .v6(high: high & highMask, low: low & lowMask)
        }
    }

    /// Leading bits of the sixteen-byte form, IPv4 as `::ffff:a.b.c.d`.
    public var mappedLength: Int { address.isIPv4 ? length + 96 : length }
}

extension AddressPrefix: CustomStringConvertible {
    /// CIDR notation.
    public var description: String { "\(address)/\(length)" }
}

/// Which attempts are wanted.
///
/// Everything empty: all of them.
///
/// Several values of one kind are alternatives; kinds are all required.
public struct TraceFilter: Hashable, Sendable {
    /// These processes, by pid.
    public var pids: [UInt32] = []
    /// Threads or processes of these names.
    public var names: [String] = []
    /// Real user ids.
    public var userIDs: [UInt32] = []
    /// Only these transports.
    public var transports: Set<Transport> = []
    /// Only to these destinations.
    public var to: [AddressPrefix] = []
    /// Not to these destinations.
    public var notTo: [AddressPrefix] = []
    /// Only to these ports.
    public var ports: [UInt16] = []
    /// Only attempts that failed.
    public var isFailedOnly = false
    /// Only the command that tattle starts, and its descendants.
    public var isCommandOnly = false

    /// Wants everything.
    public init() {}
}

extension TraceFilter {
    /// One `name=value` for each restriction; empty when everything is wanted.
    public var restrictions: [String] {
        var list: [String] = []
        if isCommandOnly { list.append("descendants-of=command") }
        list += pids.map { "pid=\($0)" }
        list += names.map { "comm=\($0)" }
        list += userIDs.map { "user=\($0)" }
        list += [Transport.tcp, .udp].filter(transports.contains).map { $0 == .tcp ? "proto=tcp" : "proto=udp" }
        list += to.map { "to=\($0)" }
        list += notTo.map { "not-to=\($0)" }
        list += ports.map { "port=\($0)" }
        if isFailedOnly { list.append("failed") }
        return list
    }
}
