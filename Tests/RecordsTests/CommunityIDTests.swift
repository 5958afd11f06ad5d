import Foundation
import Model
import Testing

@testable import Records

/// Against what `pycommunityid` 1.5.0, the reference, says of the same flows; the first four are of the specification's own data.
@Suite("Community ID")
struct CommunityIDTests {
    private func text(_ transport: Transport, _ source: (String, UInt16), _ destination: (String, UInt16)) throws
        -> String
    {
        let ends = try [source, destination].map { end in
            Endpoint(address: try #require(parseAddress(end.0)), port: end.1)
        }
        let id = try #require(CommunityID(transport, ends[0], ends[1]))
        return written { $0.communityID(id) }
    }

    @Test("flows of TCP, UDP and SCTP over IPv4 have the ids that others give them")
    func four() throws {
        #expect(try text(.tcp, ("128.232.110.120", 34855), ("66.35.250.204", 80)) == "1:LQU9qZlK+B5F3KDmev6m5PMibrg=")
        #expect(try text(.udp, ("192.168.1.52", 54585), ("8.8.8.8", 53)) == "1:d/FP5EW3wiY1vCndhwleRRKHowQ=")
        #expect(try text(.other(132), ("192.168.170.8", 7), ("192.168.170.56", 80)) == "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ=")
        #expect(try text(.tcp, ("10.0.0.1", 1234), ("127.0.0.1", 80)) == "1:F/BCgQTUT/FXrTnSBgdsKwJ26iE=")
    }

    @Test("flows over IPv6 have them, too")
    func six() throws {
        #expect(
            try text(.tcp, ("2001:470:e5bf:dead:4957:2174:e82c:4887", 63943), ("2607:f8b0:400c:c03::1a", 25))
                == "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=")
        #expect(try text(.udp, ("fe80::1", 5353), ("ff02::fb", 5353)) == "1:vmVnlzQ4g6ZsPY2VX/lJfRJMmHo=")
        #expect(try text(.tcp, ("2001:db8::2", 50000), ("2001:db8::1", 443)) == "1:UFel+zfGDXB/GhABjlRQUzVNUI8=")
    }

    @Test("both directions have the same, and where the addresses are one the ports decide")
    func order() throws {
        #expect(try text(.tcp, ("66.35.250.204", 80), ("128.232.110.120", 34855)) == "1:LQU9qZlK+B5F3KDmev6m5PMibrg=")
        #expect(try text(.tcp, ("::1", 40000), ("::1", 80)) == "1:3Rk8OnItwnzTc88p3/Zi0I3u290=")
        #expect(try text(.tcp, ("127.0.0.1", 80), ("127.0.0.1", 40000)) == "1:5rFr+y3i0wpQbEhThSaj08U8BaE=")
    }

    @Test("a record without both ends has none")
    func unknown() throws {
        var writer = GoldenRun.ecs()
        let source = Endpoint(address: .v4(0x7f00_0001), port: 40000)
        for source in [nil, Endpoint(address: .v4(0), port: 40000), Endpoint(address: .v4(0x7f00_0001), port: 0)] {
            let line = try json(&writer, .attempted(sampleEvent { $0.source = source }))
            #expect(line["network.community_id"] == nil)
        }
        #expect(CommunityID(.other(1), source, source) == nil, "ICMP has a type and a code in place of ports")
        let line = try json(&writer, .attempted(sampleEvent { $0.source = source }))
        #expect(line.string("network.community_id")?.hasPrefix("1:") == true)
    }

    @Test("each digit of base64 is right")
    func digits() throws {
        var generator = SeededGenerator(seed: 64)
        for _ in 0..<2000 {
            let port = UInt16.random(in: 1...UInt16.max, using: &generator)
            let source = Endpoint(address: .v4(UInt32.random(in: 1...UInt32.max, using: &generator)), port: port)
            let id = try #require(CommunityID(.tcp, source, Endpoint(address: .v4(0x7f00_0001), port: 80)))
            let text = written { $0.communityID(id) }
            let data = try #require(Data(base64Encoded: String(text.dropFirst(2))))
            #expect(data.count == 20 && data.base64EncodedString() == text.dropFirst(2))
        }
    }
}
