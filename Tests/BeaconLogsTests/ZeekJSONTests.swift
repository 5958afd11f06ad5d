import BeaconLogs
import Beacons
import Foundation
import Testing

/// Zeek's logs as JSON tell the same as with a header.
@Suite struct ZeekJSONTests {
    private typealias Line = [(key: String, value: String)]

    /// Lines in Zeek's own form and as JSON, in which members without a value are left out.
    private func logs(_ path: String, _ lines: [Line]) throws -> (table: TemporaryLog, json: TemporaryLog) {
        let names = lines[0].map(\.key)
        let table = try TemporaryLog(
            ["#path\t\(path)", "#fields\t" + names.joined(separator: "\t")]
                + lines.map { $0.map(\.value).joined(separator: "\t") })
        let json = try TemporaryLog(
            lines.map { line in
                let members = line.filter { $0.value != "-" }.map { name, value in
                    let isBare = ["T", "F"].contains(value) || Double(value) != nil
                    let text = value == "T" ? "true" : value == "F" ? "false" : value
                    return "\"\(name)\":" + (isBare ? text : "\"\(value)\"")
                }
                return "{" + members.joined(separator: ",") + "}"
            })
        return (table, json)
    }

    private func ends(_ time: Int, _ id: String, port: Int = 443) -> [(String, String)] {
        [
            ("ts", "\(1_700_000_000 + time).25"), ("uid", id), ("id.orig_h", "10.0.0.5"), ("id.orig_p", "4711"),
            ("id.resp_h", port == 53 ? "10.0.0.1" : "203.0.113.9"), ("id.resp_p", "\(port)"),
        ]
    }

    private func samples() throws -> [(table: TemporaryLog, json: TemporaryLog)] {
        let conn = (0..<12).map { place in
            ends(place * 60, "C\(place)") + [
                ("proto", "tcp"), ("duration", "0.5"), ("orig_bytes", "240"), ("conn_state", "SF"),
                ("missed_bytes", "0"),
            ]
        }
        let ssl = (0..<6).map { place in
            ends(place * 60 + 1, "C\(place)") + [
                ("version", "TLSv13"), ("server_name", place == 3 ? "-" : "a.example"), ("established", "T"),
            ]
        }
        let http = (6..<12).flatMap { place in
            (1...2).map { depth in
                ends(place * 60 + depth, "C\(place)") + [
                    ("trans_depth", "\(depth)"), ("method", "GET"), ("host", "b.example"), ("uri", "/"),
                ]
            }
        }
        let dns = (0..<3).map { place in
            ends(place * 60, "D\(place)", port: 53) + [
                ("proto", "udp"), ("query", "x\(place).evil.example"), ("qtype", "1"), ("rcode", "0"),
                ("rejected", "F"),
            ]
        }
        return try [("conn", conn), ("ssl", ssl), ("http", http), ("dns", dns)].map { path, lines in
            try logs(path, lines.map { $0.map { (key: $0, value: $1) } })
        }
    }

    private func calls(_ logs: [TemporaryLog]) -> [String] {
        let read = ReadLogs(logs)
        #expect(read.complaints == [])
        return read.entries.map(\.call).map {
            "\($0.nanoseconds) \($0.caller.identity) \($0.destination) \($0.ending) \($0.isOnHeldConnection)"
        }.sorted()
    }

    @Test func namesOfHandshakesAndRequestsAreUsedForConnections() throws {
        let samples = try samples()
        let table = calls(samples.map(\.table))
        // 12 connections, the second request of 6, 3 queries.
        #expect(table.count == 21)
        #expect(table.count { $0.contains("evil.example") } == 3)
        #expect(table.count { $0.contains("203.0.113.9") } == 1)
        #expect(calls(samples.map(\.json)) == table)
        #expect(calls(samples.map(\.json).reversed()) == table)
    }

    @Test func eachLogAloneTellsTheSame() throws {
        for (table, json) in try samples() {
            let expected = calls([table])
            #expect(expected.count >= 3)
            #expect(calls([json]) == expected)
        }
    }

    @Test func whatALogIsCalledMayStandInItsLines() throws {
        let read = ReadLogs([
            try TemporaryLog([
                #"{"_path":"conn","ts":1,"uid":"C1","id.orig_h":"10.0.0.5","id.resp_h":"203.0.113.9","id.resp_p":443}"#
            ]),
            try TemporaryLog([
                #"{"_path":"ssl","ts":1,"uid":"C1","id.orig_h":"10.0.0.5","id.resp_h":"203.0.113.9","sni":"a.example"}"#
            ]),
        ])
        #expect(read.entries.map { $0.call.destination.domain } == ["a.example"])
    }

    @Test func hostIsTheServerInZeeksLogsAndTheMachineInOthers() throws {
        let read = ReadLogs([
            try TemporaryLog([
                #"{"ts":1,"uid":"C1","id.orig_h":"10.0.0.5","id.resp_h":"203.0.113.9","host":"a.example","trans_depth":1}"#,
                #"{"ts":2,"src_ip":"10.0.0.5","dest_ip":"203.0.113.9","dest_port":443,"host":"web-1","process":"x"}"#,
            ]),
            try TemporaryLog(["time,src_ip,dest_ip,dest_port,host,process", "3,10.0.0.5,203.0.113.9,443,web-1,x"]),
        ])
        #expect(read.complaints == [])
        #expect(read.entries.map { $0.call.destination.domain } == ["a.example", nil, nil])
        #expect(read.entries.map(\.call.caller.host) == ["", "web-1", "web-1"])
    }
}
