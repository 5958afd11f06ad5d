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
        for name in [
            "tcp-offline", "tcp-refused", "tcp-timed-out-later", "tcp-established-ipv6", "full-attribution",
            "udp-sent-link-local",
        ] {
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

    @Test func datagramsInOCSFAreTheBeaconThatTheyAreInECS() throws {
        func finding(_ form: String, _ line: (Int, String) -> String) throws -> Finding {
            let golden = try golden("udp-sent-network-broadcast", form)
            let read = ReadLogs([try TemporaryLog((0..<40).map { line($0, golden) })])
            #expect(read.entries.count == 40 && read.complaints == [])
            var store = CallStore()
            for entry in read.entries { store.add(entry.call, traits: entry.traits) }
            return try #require(store.findings(allowed: AllowList([])).first)
        }
        let ecs = try finding("ecs") { minute, line in
            line.replacing("10:00:00.123456789Z", with: "10:\(minute + 10):00.123456789Z")
        }
        let ocsf = try finding("ocsf") { minute, line in
            line.replacing("1767261600123", with: "\(1_767_262_200_123 + 60_000 * minute)")
        }
        #expect(ecs.isBeacon && ecs.endings == [.unknown: 40])
        #expect(ecs == ocsf)
    }

    @Test func aUnitOfAUsersManagerAndAUsersMountsAreToldApart() throws {
        let line = try golden("full-attribution", "ecs")
        let unit = line.replacing(
            "/system.slice/docker-0123.scope",
            with: "/user.slice/user-1.slice/user@1.service/app.slice/docker-0123.scope")
        #expect(unit != line)
        func traits(_ line: String) throws -> CallerTraits {
            try #require(ReadLogs([try TemporaryLog([line])]).entries.first?.traits)
        }
        let (ours, theirs) = (try traits(line), try traits(unit))
        #expect(ours.unit == "docker-0123.scope" && ours.isUnitOfSystem)
        #expect(theirs.unit == "docker-0123.scope" && !theirs.isUnitOfSystem)
        // In a container, and in another user namespace, a path may lead to anything.
        let plain = try golden("tcp-refused", "ecs")
        #expect(ours.isPathElsewhere)
        for (user, isElsewhere) in [("4026531837", false), ("4026532999", true)] {
            let moved = plain.replacing(
                "\"process\":{\"ancestors\"", with: "\"process\":{\"namespaces\":{\"user\":\(user)},\"ancestors\"")
            #expect(moved != plain)
            #expect(try traits(moved).isPathElsewhere == isElsewhere)
        }
    }

    @Test func whatIsNoAttemptIsPassedOverInEachForm() throws {
        let names = [
            "heartbeat", "tcp-close", "tcp-reset-at-end", "tcp-waiting", "existing-egress", "beacon",
            "aggregated-attempts",
            "aggregated-ends", "aggregated-flows",
        ]
        let read = ReadLogs([
            try TemporaryLog(try names.flatMap { [try golden($0, "ecs"), try golden($0, "ocsf")] })
        ])
        #expect(read.entries.isEmpty)
        #expect(read.complaints == [])
        #expect(read.result.lines == 2 * names.count)
    }

    @Test func theEndOfAFlowTellsItsGapsAndIsNoCall() throws {
        let ocsf = try golden("udp-flow-end", "ocsf")
        let read = ReadLogs([try TemporaryLog([try golden("udp-flow-end", "ecs"), ocsf])])
        // In OCSF there are no gaps.
        #expect(read.entries.count == 1)
        let entry = try #require(read.entries.first)
        #expect("\(entry.call.destination)" == "198.51.100.4:53/udp")
        let flow = try #require(entry.flow)
        #expect((flow.sends, flow.lastNanoseconds - flow.firstNanoseconds) == (10, 9_000_000_000))
        #expect((flow.shortestGap, flow.longestGap) == (0.99, 1.01))
        #expect(abs(flow.deviation - 0.008_165) < 0.000_001)
        #expect(entry.call.nanoseconds == flow.firstNanoseconds)
    }

    @Test(arguments: ["ecs", "ocsf"])
    func theErrorOfADatagramThatWasSentIsNoOtherCall(form: String) throws {
        let sent = try golden("udp-sent-link-local", form)
        let changes = [
            ("connection_attempted", "connection_resolved"), ("-a\"", "-r\""),
            ("\"sequence\":0,\"duration\"", "\"sequence\":1,\"start\":\"2026-01-01T10:00:00.123456789Z\",\"duration\""),
            ("\"result\":\"sent\"", "\"result\":\"refused\""),
            ("},\"process\":{\"pid\"", "},\"error\":{\"code\":\"ECONNREFUSED\"},\"process\":{\"pid\""),
            ("\"activity_id\":6", "\"activity_id\":5"),
            ("\"status\":\"Success\"", "\"status\":\"Failure\",\"status_code\":\"ECONNREFUSED\""),
        ]
        let refused = changes.reduce(sent) { $0.replacing($1.0, with: $1.1, maxReplacements: 1) }
        let log = try TemporaryLog(
            (0..<12).flatMap { minute in
                [sent, refused].map {
                    $0.replacing("T10:00:", with: "T10:\(minute + 10):")
                        .replacing("1767261600123", with: "\(1_767_261_600_123 + minute * 60_000)")
                }
            })
        var store = CallStore()
        var reader = CallLogs(paths: [log.path])
        _ = reader.read(complain: { Issue.record("\($0)") }, take: { store.add($0.call, traits: $0.traits) })
        #expect(store.calls == 12)
        #expect(store.findings(allowed: AllowList([])).first?.endings == [.refused: 12])
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

    @Test func whoCalledIsToldApartByEachThingThatIsKnownOfIt() throws {
        let line = try golden("full-attribution", "ecs")
        let changes = [
            ("\"executable\":\"/usr/bin/dash\"", "\"executable\":\"/usr/bin/bash\""),
            ("/tmp/.hidden/beacon.sh\"", "/tmp/b\""),
            ("\"sha256\":\"ab", "\"sha256\":\"cd"), ("\"name\":\"dash\",\"version\"", "\"name\":\"mksh\",\"version\""),
            ("\"unchanged\":false", "\"unchanged\":true"), ("\"hidden_path\",", ""),
            ("\"id\":\"0123\"", "\"id\":\"0124\""),
            ("\"unit\":\"docker-0123", "\"unit\":\"docker-0124"), ("\"name\":\"web-1\"", "\"name\":\"web-2\""),
        ]
        let lines = changes.flatMap { old, new in [line, line.replacing(old, with: new, maxReplacements: 1)] }
        let read = ReadLogs([try TemporaryLog(lines)])
        try #require(read.entries.count == lines.count, "\(read.complaints)")
        for (place, change) in changes.enumerated() {
            let (first, other) = (read.entries[2 * place], read.entries[2 * place + 1])
            #expect(first.call.caller == read.entries[0].call.caller)
            #expect(first.traits == read.entries[0].traits)
            #expect(first.call.caller != other.call.caller || first.traits != other.traits, "\(change.0)")
        }
    }

    @Test func aPathThatIsEscapedIsToldAsItIs() throws {
        let line = try golden("full-attribution", "ecs").replacing(
            "/tmp/.hidden/beacon.sh\"", with: "/tmp/\\u00e4 \\\"x\\\".sh\"")
        let read = ReadLogs([try TemporaryLog([line])])
        #expect(read.entries.first?.call.caller.identity == "/tmp/\u{e4} \"x\".sh")
    }
}
