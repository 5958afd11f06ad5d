internal import Model
internal import Testing

@Suite struct FilterMatchingTests {
    private let resolver = Endpoint(address: .v4(0x0a00_0035), port: 53)

    @Test func aBlockHasWhatItsLeadingBitsSay() throws {
        let block = try #require(AddressPrefix(address: .v4(0x0a00_0000), length: 8))
        #expect(block.contains(.v4(0x0aff_ffff)))
        #expect(!block.contains(.v4(0x0b00_0000)))
        #expect(!block.contains(.v6(high: 0x0a00_0000_0000_0000, low: 0)))
        let six = try #require(AddressPrefix(address: .v6(high: 0x2001_0db8_0000_0000, low: 0), length: 32))
        #expect(six.contains(.v6(high: 0x2001_0db8_ffff_ffff, low: .max)))
        #expect(!six.contains(.v6(high: 0x2001_0db9_0000_0000, low: 0)))
        let host = try #require(AddressPrefix(address: .v6(high: 1, low: 2), length: 128))
        #expect(host.contains(.v6(high: 1, low: 2)) && !host.contains(.v6(high: 1, low: 3)))
        let everything = try #require(AddressPrefix(address: .v6(high: 0, low: 0), length: 0))
        #expect(everything.contains(.v4(1)) && everything.contains(.v6(high: .max, low: .max)))
    }

    @Test func kindsOfFilterAreAllRequiredAndTheirValuesAlternatives() throws {
        var filter = TraceFilter()
        #expect(filter.admits(.udp, to: resolver))
        filter.ports = [443, 53]
        filter.transports = [.udp]
        #expect(filter.admits(.udp, to: resolver))
        #expect(filter.admits(.udpLite, to: resolver))
        #expect(!filter.admits(.tcp, to: resolver))
        filter.to = [try #require(AddressPrefix(address: .v4(0x0a00_0000), length: 8))]
        #expect(filter.admits(.udp, to: resolver))
        filter.notTo = [try #require(AddressPrefix(address: resolver.address, length: 32))]
        #expect(!filter.admits(.udp, to: resolver))
        filter.notTo = []
        filter.ports = [443]
        #expect(!filter.admits(.udp, to: resolver))
    }

    @Test func aProcessIsWantedByPidNameAndUser() {
        var filter = TraceFilter()
        let curl = Array("curl".utf8)
        #expect(filter.admits(pid: 7, name: curl, userID: nil))
        filter.pids = [8, 7]
        filter.names = ["wget", "curl"]
        filter.userIDs = [0]
        #expect(filter.admits(pid: 7, name: curl, userID: 0))
        #expect(!filter.admits(pid: 9, name: curl, userID: 0))
        #expect(!filter.admits(pid: 7, name: [], userID: 0))
        #expect(!filter.admits(pid: 7, name: curl, userID: nil))
    }

    @Test func aCounterThatShrankIsAnotherNamespaces() {
        var before = NetworkCounters()
        before.tcpActiveOpens = 5
        before.udpOutDatagrams = 1
        var after = before
        after.tcpActiveOpens = 9
        // Another module was loaded meanwhile.
        after.mptcpCapableSyns = 2
        #expect(after.growth(since: before)?.tcpActiveOpens == 4)
        #expect(after.growth(since: before)?.udpOutDatagrams == 0)
        #expect(after.growth(since: before)?.mptcpCapableSyns == 2)
        #expect(after.growth(since: before)?.ipOutNoRoutes == nil)
        #expect(before.growth(since: after) == nil)
    }
}
