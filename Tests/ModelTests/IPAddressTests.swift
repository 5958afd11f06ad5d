internal import Model
internal import Testing

@Suite struct IPAddressTests {
    /// RFC 5952 section 4 and its examples.
    @Test(arguments: [
        (UInt64(0), UInt64(0), "::"), (0, 1, "::1"),
        (0x2001_0db8_0000_0000, 0x0000_0000_0000_0001, "2001:db8::1"),
        (0x2001_0db8_0000_0001, 0x0001_0001_0001_0001, "2001:db8:0:1:1:1:1:1"),
        (0x2001_0000_0000_0001, 0x0000_0000_0000_0001, "2001:0:0:1::1"),
        (0x2001_0db8_0000_0000, 0x0001_0000_0000_0001, "2001:db8::1:0:0:1"),
        (0xfe80_0000_0000_0000, 0, "fe80::"), (0, 0xabcd_0000_0000, "::abcd:0:0"),
        (0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ])
    func writesIPv6AsRFC5952Wants(high: UInt64, low: UInt64, text: String) {
        #expect(IPAddress.v6(high: high, low: low).description == text)
    }

    @Test func readsMappedBytesAsIPv4() {
        let address = IPAddress(mappedHigh: 0, low: 0xffff_cb00_7109)
        #expect(address == .v4(0xcb00_7109))
        #expect(address.description == "203.0.113.9")
        #expect(address.mapped.low == 0xffff_cb00_7109)
    }

    @Test func knowsTheUnspecifiedAddresses() {
        #expect(IPAddress.v4(0).isUnspecified && IPAddress.v6(high: 0, low: 0).isUnspecified)
        #expect(!IPAddress.v4(1).isUnspecified && !IPAddress.v6(high: 0, low: 1).isUnspecified)
    }
}

@Suite struct AddressPrefixTests {
    @Test func clearsTheBitsPastItsLength() {
        #expect(AddressPrefix(address: .v4(0xcb00_7109), length: 24)?.address == .v4(0xcb00_7100))
        #expect(AddressPrefix(address: .v4(0xcb00_7109), length: 0)?.address == .v4(0))
        #expect(AddressPrefix(address: .v4(0xcb00_7109), length: 32)?.address == .v4(0xcb00_7109))
        let v6 = AddressPrefix(address: .v6(high: .max, low: .max), length: 65)
        #expect(v6?.address == .v6(high: .max, low: 1 << 63))
        #expect(AddressPrefix(address: .v6(high: .max, low: .max), length: 0)?.address == .v6(high: 0, low: 0))
    }

    @Test func countsIPv4BitsAsTheTrieDoes() {
        #expect(AddressPrefix(address: .v4(0), length: 8)?.mappedLength == 104)
        #expect(AddressPrefix(address: .v6(high: 0, low: 1), length: 8)?.mappedLength == 8)
    }

    @Test(arguments: [-1, 33])
    func refusesALengthOutOfRange(length: Int) {
        #expect(AddressPrefix(address: .v4(0), length: length) == nil)
    }
}

@Suite struct ThreadNameTests {
    @Test func keepsFifteenBytesAndStopsAtNUL() {
        #expect(ThreadName("abcdefghijklmnopqrstuvwxyz".utf8).bytes == Array("abcdefghijklmno".utf8))
        #expect(ThreadName([65, 0, 66]).bytes == [65])
        #expect(ThreadName([0xff, 0x1b]).bytes == [0xff, 0x1b])
    }
}

@Suite struct TraceFilterTests {
    @Test func saysEveryRestrictionItMakes() {
        var filter = TraceFilter()
        #expect(filter.restrictions.isEmpty)
        filter.pids = [7]
        filter.names = ["curl"]
        filter.userIDs = [1000]
        filter.transports = [.tcp]
        filter.to = [AddressPrefix(address: .v4(0x0a00_0000), length: 8)!]
        filter.notTo = [AddressPrefix(address: .v6(high: 0, low: 1), length: 128)!]
        filter.ports = [443]
        filter.isFailedOnly = true
        filter.isCommandOnly = true
        #expect(
            filter.restrictions == [
                "descendants-of=command", "pid=7", "comm=curl", "user=1000", "proto=tcp", "to=10.0.0.0/8",
                "not-to=::1/128", "port=443", "failed",
            ])
    }
}
