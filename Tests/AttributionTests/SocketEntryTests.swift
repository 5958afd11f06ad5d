internal import Model
internal import Testing

@testable internal import Attribution

/// Text as the kernel writes it on a little-endian machine, which all that tattle runs on are.
@Suite struct SocketEntryTests {
    private func parse(_ text: String) -> SocketEntry? { SocketEntry(line: Array(text.utf8)[...]) }

    @Test func aLineOfTCPHasBothEndsTheStateAndTheInode() throws {
        let entry = try #require(
            parse(
                "   1: 0100007F:C3A2 090071CB:01BB 01 00000000:00000000 02:00000A12 00000000  1000        0 48211 2 0000000000000000 20 4 30 10 -1"
            ))
        #expect(entry.local == Endpoint(address: .v4(0x7f00_0001), port: 50082))
        #expect(entry.remote == Endpoint(address: .v4(0xcb71_0009), port: 443))
        #expect(entry.state == 1)
        #expect(entry.inode == 48211)
    }

    @Test func anIPv6AddressIsFourWordsEachInTheMachinesOrder() throws {
        let entry = try #require(
            parse(
                "  12: B80D0120000000000000000001000000:8235 B80D0120EFCDAB890000000042000000:0035 01 00000000:00000000 00:00000000 00000000     0        0 7 2"
            ))
        #expect(entry.local == Endpoint(address: .v6(high: 0x2001_0db8_0000_0000, low: 1), port: 0x8235))
        #expect(entry.remote == Endpoint(address: .v6(high: 0x2001_0db8_89ab_cdef, low: 0x42), port: 53))
    }

    @Test func aMappedAddressIsIPv4() throws {
        let entry = try #require(
            parse(
                "   0: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000200007F:D431 08 00000000:00000000 00:00000000 00000000     0        0 9 1"
            ))
        #expect(entry.local.address == .v4(0x7f00_0001))
        #expect(entry.remote.address == .v4(0x7f00_0002))
    }

    @Test(
        "what is no line of a listing is nothing",
        arguments: [
            "", " ", "\0\0\0\0",
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
            // Cut off before the inode.
            "   1: 0100007F:C3A2 090071CB:01BB 01 00000000:00000000 02:00000A12 00000000  1000        0",
            // An address of seven digits, one of nine, no port, a port of 17 bits, a letter that is no digit.
            "   1: 100007F:C3A2 090071CB:01BB 01 0:0 0:0 0 1000 0 48211",
            "   1: 00100007F:C3A2 090071CB:01BB 01 0:0 0:0 0 1000 0 48211",
            "   1: 0100007F 090071CB:01BB 01 0:0 0:0 0 1000 0 48211",
            "   1: 0100007F:1C3A2 090071CB:01BB 01 0:0 0:0 0 1000 0 48211",
            "   1: 0100007G:C3A2 090071CB:01BB 01 0:0 0:0 0 1000 0 48211",
            // A state of nine bits, an inode that is hexadecimal, negative, or more than 64 bits.
            "   1: 0100007F:C3A2 090071CB:01BB 101 0:0 0:0 0 1000 0 48211",
            "   1: 0100007F:C3A2 090071CB:01BB 01 0:0 0:0 0 1000 0 4821A",
            "   1: 0100007F:C3A2 090071CB:01BB 01 0:0 0:0 0 1000 0 -1",
            "   1: 0100007F:C3A2 090071CB:01BB 01 0:0 0:0 0 1000 0 18446744073709551616",
        ])
    func malformed(line: String) { #expect(parse(line) == nil) }

    private func line(_ local: UInt16, _ remote: UInt16, _ state: String, _ inode: Int) -> String {
        let hex = { (port: UInt16) in String(65536 + Int(port), radix: 16, uppercase: true).dropFirst() }
        return "   0: 0100007F:\(hex(local)) 0100007F:\(hex(remote)) \(state) 0:0 00:0 0 0 0 \(inode) 1\n"
    }

    @Test func onlySocketsWithAnotherEndAndAnOwnerAreListed() {
        var listing = SocketListing(limit: 100)
        // Established, SYN sent, SYN received, FIN wait 1 and 2, TIME_WAIT, closed, close wait, last ACK, listening, closing.
        let states = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "0A", "0B", "0C"]
        let text = states.enumerated().map { line(UInt16(1000 + $0.offset), 80, $0.element, 10 + $0.offset) }.joined()
        listing.add(Array((text + line(2000, 80, "04", 0)).utf8)[...], of: .tcp)
        let kept = listing.connected.map(\.state)
        #expect(kept == [.established, .synSent, .finWait1, .finWait2, .closeWait, .lastAck, .closing])
        var datagrams = SocketListing(limit: 100)
        datagrams.add(Array((line(1, 53, "01", 1) + line(2, 0, "07", 2)).utf8)[...], of: .udp)
        #expect(datagrams.connected.map(\.entry.inode) == [1])
    }

    @Test func whoeverListensOnTheLocalPortDidNotBeginTheConnection() {
        var listing = SocketListing(limit: 100)
        let tcp = line(8080, 40000, "01", 1) + line(40000, 8080, "01", 2) + line(53, 9, "01", 3)
        listing.add(Array(tcp.utf8)[...], of: .tcp)
        // The listener is in the other family's listing, which comes later; a UDP port is no TCP port.
        listing.add(Array(line(8080, 0, "0A", 4).utf8)[...], of: .tcp)
        listing.add(Array((line(53, 0, "07", 5) + line(53, 4242, "01", 6) + line(54, 53, "01", 7)).utf8)[...], of: .udp)
        let directions = listing.connected.map { listing.direction(of: $0) }
        #expect(directions == [.ingress, .egress, .egress, .ingress, .egress])
    }

    @Test func whatIsTooMuchIsCounted() {
        var listing = SocketListing(limit: 2)
        listing.add(Array((1...5).map { line(UInt16($0), 80, "01", $0) }.joined().utf8)[...], of: .tcp)
        #expect(listing.connected.count == 2)
        #expect(listing.omittedCount == 3)
    }
}
