import BeaconLogs
import Beacons
import Foundation
import Model
import Testing

/// tattle's own logs in each of its forms, told apart by the line.
@Suite struct OwnFormsTests {
    /// A line of a file of `Tests/Golden`.
    private func golden(_ name: String, _ section: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Golden").standardized
        let lines = try String(contentsOf: folder.appending(path: "\(name).golden"), encoding: .utf8)
            .split(separator: "\n")
        let place = try #require(lines.firstIndex { $0 == "[\(section)]" })
        return String(lines[place + 1])
    }

    @Test func anAttemptInOCSFIsTheSameCallAsInECS() throws {
        for name in ["tcp-offline", "tcp-refused", "tcp-timed-out-later", "tcp-established-ipv6", "full-attribution"] {
            let read = ReadLogs([try TemporaryLog([try golden(name, "ecs"), try golden(name, "ocsf")])])
            try #require(read.entries.count == 2, "\(name): \(read.complaints)")
            let (ecs, ocsf) = (read.entries[0], read.entries[1])
            #expect(ecs.call.destination == ocsf.call.destination, "\(name)")
            #expect(ecs.call.ending == ocsf.call.ending, "\(name)")
            #expect(ecs.call.caller == ocsf.call.caller, "\(name)")
            // OCSF's times are in milliseconds.
            #expect(ecs.call.nanoseconds / 1_000_000 == ocsf.call.nanoseconds / 1_000_000, "\(name)")
            #expect(ecs.traits?.package == ocsf.traits?.package, "\(name)")
            #expect(ecs.traits?.flags == ocsf.traits?.flags, "\(name)")
            #expect(ecs.traits?.sha256 == ocsf.traits?.sha256, "\(name)")
        }
    }

    @Test func whatIsNoAttemptIsPassedOverInEachForm() throws {
        let names = [
            "heartbeat", "tcp-close", "tcp-reset-at-end", "udp-flow-end", "tcp-waiting", "existing-egress", "beacon",
        ]
        let read = ReadLogs([
            try TemporaryLog(try names.flatMap { [try golden($0, "ecs"), try golden($0, "ocsf")] })
        ])
        #expect(read.entries.isEmpty)
        #expect(read.complaints == [])
        #expect(read.result.lines == 2 * names.count)
    }

    @Test func theFormOfZeekThatTattleWritesHasItsProgram() throws {
        let read = ReadLogs([
            try TemporaryLog([
                #"{"ts":1700000000.25,"uid":"C1","id.orig_h":"10.0.0.5","id.orig_p":4711,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","conn_state":"REJ","tattle":{"pid":7,"executable":"/tmp/x"}}"#
            ])
        ])
        #expect(read.entries.first?.call.caller == Caller(.program, "/tmp/x", host: "10.0.0.5"))
        #expect(read.result.isComplete)
    }

    @Test func aCutLineAmongOthersIsNamed() throws {
        let whole = try golden("tcp-offline", "ocsf")
        let read = ReadLogs([
            try TemporaryLog([
                whole, String(whole.prefix(700)), try golden("tcp-offline", "ecs"), "\u{0}\u{1}", whole,
            ])
        ])
        #expect(read.entries.count == 3)
        #expect(read.result.malformed == 2)
        #expect(read.complaints.map { $0.contains("line 2") || $0.contains("line 4") } == [true, true])
    }
}
