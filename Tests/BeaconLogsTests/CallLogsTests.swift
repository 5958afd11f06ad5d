import BeaconLogs
import Beacons
import Foundation
import Model
import Testing

/// What each form of log tells of calls.
@Suite struct CallLogsTests {
    private let connHeader = [
        "#separator \\x09", "#path\tconn",
        "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tconn_state\tlocal_orig\tlocal_resp\torig_ip_bytes",
    ]

    private func conn(_ time: String, uid: String = "C1", state: String = "SF", local: String = "T\tF") -> String {
        "\(time)\t\(uid)\t10.0.0.5\t4711\t203.0.113.9\t443\ttcp\tssl\t0.5\t240\t\(state)\t\(local)\t400"
    }

    @Test func zeeksConnIsRead() throws {
        let read = ReadLogs([try TemporaryLog(connHeader + [conn("1700000000.250000"), "#close"])])
        let call = try #require(read.entries.first?.call)
        #expect(call.caller == Caller(.host, "10.0.0.5"))
        #expect(call.destination == Destination(.address(.v4(0xcb00_7109)), port: 443, transport: .tcp))
        #expect(call.nanoseconds == 1_700_000_000_250_000_000)
        #expect(call.ending == .answered)
        #expect(call.bytesSent == 240)
        #expect(call.seconds == 0.5)
        #expect(!call.isInbound)
        #expect(read.entries.first?.packetBytes == 400)
        #expect(read.result.isComplete)
    }

    @Test(arguments: [
        ("S0", Call.Ending.unanswered), ("REJ", .refused), ("RSTO", .answered), ("OTH", .unknown),
    ])
    func statesAreEndings(state: String, ending: Call.Ending) throws {
        let read = ReadLogs([try TemporaryLog(connHeader + [conn("1", state: state)])])
        #expect(read.entries.first?.call.ending == ending)
        #expect(read.entries.first?.call.isOnHeldConnection == (state == "OTH"))
    }

    @Test func aFolderIsReadAsTheFilesInIt() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "beacons-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let log = try TemporaryLog(["ts,source_ip,dest_ip,dest_port", "5,10.0.0.5,203.0.113.9,443"])
        func read() -> (CallLogs.Result, complaints: [String], addresses: [String]) {
            var (complaints, addresses): ([String], [String]) = ([], [])
            var logs = CallLogs(paths: [folder.path, log.path])
            let result = logs.read(
                complain: { complaints.append($0) }, take: { addresses.append("\($0.call.destination)") })
            return (result, complaints, addresses)
        }
        let empty = read()
        #expect(empty.complaints == ["no log of tattle's in the folder '\(folder.path)'"])
        #expect((empty.0.broken, empty.addresses.count) == (1, 1))
        for (number, log) in [
            try TemporaryLog(connHeader + [conn("1")]).compressed(), try TemporaryLog(connHeader + [conn("2")]),
        ].enumerated() {
            let ending = number == 0 ? ".gz" : ""
            try FileManager.default.copyItem(
                atPath: log.path,
                toPath: folder.path + "/tattle-20260101T100000.00000000\(number)Z-00000\(number).ndjson\(ending)")
        }
        try Data("nothing".utf8).write(to: folder.appending(path: "notes"))
        let full = read()
        #expect(full.complaints == [] && full.0.isComplete)
        #expect(full.addresses == ["203.0.113.9:443", "203.0.113.9:443", "203.0.113.9:443"])
    }

    @Test func whatComesFromOutsideIsInbound() throws {
        let read = ReadLogs([try TemporaryLog(connHeader + [conn("1", local: "F\tT")])])
        #expect(read.entries.first?.call.isInbound == true)
    }

    @Test func zeeksOtherLogsNameConnections() throws {
        let ssl = try TemporaryLog([
            "#path\tssl", "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tserver_name",
            "1\tC1\t10.0.0.5\t4711\t203.0.113.9\t443\tC2.example",
        ])
        let http = try TemporaryLog([
            "#path\thttp", "#fields\tts\tuid\tid.orig_h\tid.resp_h\tid.resp_p\ttrans_depth\thost",
            "1\tC2\t10.0.0.5\t203.0.113.9\t443\t1\tother.example:8080",
            "5\tC2\t10.0.0.5\t203.0.113.9\t443\t2\tother.example:8080",
        ])
        let conn = try TemporaryLog(connHeader + [conn("1", uid: "C1"), conn("2", uid: "C2"), conn("3", uid: "C3")])
        let read = ReadLogs([conn, ssl, http])
        let domains = read.entries.map { $0.call.destination.domain }
        // The second request on a connection is a call of its own.
        #expect(domains.sorted { $0 ?? "" < $1 ?? "" } == [nil, "c2.example", "other.example", "other.example"])
        let alone = ReadLogs([ssl])
        #expect(alone.entries.map { $0.call.destination.domain } == ["c2.example"])
    }

    @Test func zeeksDNSIsReadByWhatWasRegistered() throws {
        let read = ReadLogs([
            try TemporaryLog([
                "#path\tdns", "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery",
                "1.5\tC1\t10.0.0.5\t4711\t10.0.0.1\t53\tudp\tdeadbeef01.tunnel.example",
                "2.5\tC2\t10.0.0.5\t4711\t10.0.0.1\t53\tudp\twww.shop.co.uk",
            ])
        ])
        #expect(read.entries.map { $0.call.destination.domain } == ["tunnel.example", "shop.co.uk"])
        #expect(read.entries.first?.call.destination.transport == .udp)
    }

    @Test func zeeksJSONIsRead() throws {
        let read = ReadLogs([
            try TemporaryLog([
                #"{"ts":1700000000.25,"uid":"C1","id.orig_h":"10.0.0.5","id.resp_h":"2001:db8::9","id.resp_p":443,"proto":"tcp","orig_bytes":240,"conn_state":"REJ"}"#
            ])
        ])
        let call = try #require(read.entries.first?.call)
        #expect(call.destination.description == "[2001:db8::9]:443")
        #expect(call.ending == .refused)
        #expect(call.nanoseconds == 1_700_000_000_250_000_000)
    }

    @Test func sysmonsEventThreeIsReadAndOthersArePassedOver() throws {
        let read = ReadLogs([
            try TemporaryLog([
                #"{"EventID":1,"UtcTime":"2020-09-20 20:00:00.000","Image":"C:\\Windows\\explorer.exe"}"#,
                #"{"EventID":3,"UtcTime":"2020-09-20 20:00:01.123","Image":"C:\\Users\\a\\x.exe","Initiated":"true","Protocol":"tcp","SourceIp":"10.0.0.5","DestinationIp":"203.0.113.9","DestinationPort":"8080","Hostname":"ws1"}"#,
                #"{"@timestamp":"2020-09-20T20:00:05.000Z","event":{"code":3},"winlog":{"event_id":3,"computer_name":"ws2","event_data":{"UtcTime":"2020-09-20 20:00:02.500","Image":"/tmp/y","Initiated":"true","SourceIp":"10.0.0.6","DestinationIp":"203.0.113.9","DestinationPort":"8080","Hashes":"SHA1=00,SHA256=AB12"}}}"#,
                #"{"EventID":3,"UtcTime":"2020-09-20 20:00:01.123","Image":"x","Initiated":"false","SourceIp":"10.0.0.5","DestinationIp":"10.0.0.9","DestinationPort":"80"}"#,
            ])
        ])
        #expect(read.result.isComplete)
        #expect(
            read.entries.map(\.call.caller) == [
                Caller(.program, #"C:\Users\a\x.exe"#, host: "ws1"),
                Caller(.program, "/tmp/y", hash: "AB12", host: "ws2"),
            ])
        #expect(read.entries.first?.call.caller.shortName == "x.exe")
        #expect(read.entries.first?.call.nanoseconds == 1_600_632_001_123_000_000)
    }

    @Test func valuesWithNamedColumnsAreRead() throws {
        let read = ReadLogs([
            try TemporaryLog([
                "Time,src_ip,dest_ip,dest_port,proto,process,bytes_out",
                #"2024-01-01T01:00:00+01:00,10.0.0.5,203.0.113.9,443,tcp,"/opt/a, b/c",17"#,
            ])
        ])
        let call = try #require(read.entries.first?.call)
        #expect(call.caller == Caller(.program, "/opt/a, b/c", host: "10.0.0.5"))
        #expect(call.nanoseconds == 1_704_067_200_000_000_000)
        #expect(call.bytesSent == 17)
    }

    @Test func whatIsMalformedIsNamedAndTheRestGoesOn() throws {
        let read = ReadLogs([
            try TemporaryLog(
                connHeader + [
                    conn("1"), "1\tC1\t10.0.0.5", conn("no time"), #"{"ts":1,"id.orig_h":"#, conn("4"),
                ])
        ])
        #expect(read.entries.count == 2)
        #expect(read.result.malformed == 3)
        #expect(!read.result.isComplete)
        #expect(read.complaints.count == 3)
        #expect(read.complaints.first?.hasSuffix("line 5: 3 values where there are 14 columns") == true)
        #expect(read.complaints.dropFirst().first?.hasSuffix("line 6: it has no time") == true)
    }

    @Test func ofManyLinesThatCannotBeReadAFewAreNamed() throws {
        let read = ReadLogs([try TemporaryLog(connHeader + [String](repeating: "x", count: 20))])
        #expect(read.result.malformed == 20)
        #expect(read.complaints.count == 6)
        #expect(read.complaints.last?.hasSuffix("15 more lines that cannot be read") == true)
    }

    @Test func compressedAndCutFilesAreReadAsFarAsTheyGo() throws {
        let whole = try TemporaryLog(connHeader + (0..<200).map { conn("\($0)") }).compressed()
        #expect(ReadLogs([whole]).entries.count == 200)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: whole.path)))
        let cut = ReadLogs([try TemporaryLog(Array(bytes.dropLast(20)))])
        #expect(cut.result.broken == 1)
        #expect(!cut.result.isComplete)
        #expect(cut.complaints.count == 1)
    }

    @Test func whatIsNoLogIsSaid() throws {
        let read = ReadLogs([try TemporaryLog(["Dear reader,", "this is a letter."])])
        #expect(read.result.malformed == 2)
        #expect(read.entries.isEmpty)
    }
}
