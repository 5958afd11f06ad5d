extension AddressPrefix {
    /// Whether an address is in the block.
    public func contains(_ address: IPAddress) -> Bool {
        // By the sixteen-byte form, as the kernel's programs do: ::/0 has every IPv4 address in it.
        let (mine, theirs) = (self.address.mapped, address.mapped)
        let bits = mappedLength
        let high: UInt64 = bits == 0 ? 0 : bits >= 64 ? .max : .max << UInt64(64 - bits)
        let low: UInt64 = bits <= 64 ? 0 : .max << UInt64(128 - bits)
        return (mine.high ^ theirs.high) & high == 0 && (mine.low ^ theirs.low) & low == 0
    }
}

extension TraceFilter {
    /// Whether it lets pass what has this other end.
    public func admits(_ transport: Transport, to endpoint: Endpoint) -> Bool {
        // The kernel's programs know UDP-Lite as UDP: bpf/include/filter.h.
        let named = transport == .udpLite ? Transport.udp : transport
        guard transports.isEmpty || transports.contains(named) || transports.contains(transport) else { return false }
        guard ports.isEmpty || ports.contains(endpoint.port) else { return false }
        guard to.isEmpty || to.contains(where: { $0.contains(endpoint.address) }) else { return false }
        return !notTo.contains { $0.contains(endpoint.address) }
    }

    /// Whether it lets pass what a process does.
    ///
    /// - Parameter userID: the real one; nil, as with `name`: not known, and so not one that is wanted.
    public func admits(pid: UInt32, name: [UInt8], userID: UInt32?) -> Bool {
        guard pids.isEmpty || pids.contains(pid) else { return false }
        guard names.isEmpty || names.contains(where: { Array($0.utf8.prefix(15)) == name }) else { return false }
        return userIDs.isEmpty || userID.map(userIDs.contains) == true
    }
}
