import Foundation
import Glibc
import Model
import Testing

@testable import Conversion

@Suite("Logs in another form")
struct ConversionTests {
    private static let golden = GoldenLog.lines.joined(separator: "\n") + "\n"

    /// What a log with `text` becomes, and what was complained of.
    private func converted(
        _ text: String = golden, _ write: (String, inout LogOutput, (String) -> Void) throws -> Bool
    ) throws -> (lines: [String], complaints: [String], isComplete: Bool) {
        let folder = try TemporaryFolder()
        let path = try folder.write(text, to: "log")
        // The path is a NUL-terminated copy that lives through the call.
        let descriptor = unsafe open(folder.path("out"), O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        var output = LogOutput(descriptor: descriptor)
        var complaints: [String] = []
        let isComplete = try write(path, &output) { complaints.append($0) }
        let lines = try String(contentsOfFile: folder.path("out"), encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        return (lines, complaints, isComplete)
    }

    private func shown(
        _ text: String = golden, userNames: [String] = [], _ change: (inout TraceFilter) -> Void = { _ in }
    ) throws -> [String] {
        var filter = TraceFilter()
        change(&filter)
        return try converted(text) { path, output, complain in
            try LogTable().write(
                [path], isFollowing: false, filter: LogFilter(filter, userNames: userNames), to: &output,
                complain: complain)
        }.lines
    }

    @Test("a shown log has the rows that the trace had shown")
    func table() throws {
        let lines = try shown()
        #expect(lines.first?.hasPrefix("TIME") == true)
        let rows = GoldenLog.rows
        #expect(rows.count > 12)
        // At 160 columns there, as long as they are here; and what a close does not say of its handshake is not shown.
        for row in rows { #expect(lines.contains { $0.hasPrefix(row.prefix(150)) }, "\(row)") }
    }

    @Test("filters leave what they would have left of a trace")
    func filters() throws {
        let all = try shown().count
        let failed = try shown { $0.isFailedOnly = true }
        #expect(failed.contains { $0.contains("refused ECONNREFUSED") } && !failed.contains { $0.contains("closed ") })
        let port = try shown { $0.ports = [53] }
        #expect(port.count < all && port.contains { $0.contains(":53 ") } && !port.contains { $0.contains(":443 ") })
        let notTo = try shown { $0.notTo = [AddressPrefix(address: .v4(0xcb00_7100), length: 24)].compactMap(\.self) }
        #expect(!notTo.contains { $0.contains("203.0.113.") && $0.contains("refused") })
        #expect(try shown { $0.pids = [1] }.filter { !$0.hasPrefix("#") }.count == 1)
        #expect(try shown { $0.userIDs = [4000] }.filter { !$0.hasPrefix("#") }.count == 1)
        #expect(try shown { $0.names = ["beacon.sh"] }.filter { !$0.hasPrefix("#") }.count == 2)
        #expect(try shown { $0.transports = [.udp] }.allSatisfy { !$0.contains(" tcp ") })
    }

    @Test("a user's name is the one that the record has, on whatever machine it was made")
    func users() throws {
        let line = try #require(GoldenLog.lines.first { $0.contains("\"name\":\"ana\"") })
        func log(_ change: (String) -> String) -> String { change(line) + "\n" }
        let (ana, other) = (log { $0 }, log { $0.replacing("\"name\":\"ana\"", with: "\"name\":\"bob\"") })
        // Of the same id without a name.
        let nameless = log { $0.replacing(",\"name\":\"ana\"", with: "") }
        func count(_ text: String, _ names: [String], ids: [UInt32] = []) throws -> Int {
            try shown(text, userNames: names) { $0.userIDs = ids }.count - 1
        }
        #expect(try count(ana + other + nameless, ["ana"]) == 1)
        #expect(try count(other + ana + nameless + ana, ["bob"]) == 1)
        #expect(try count(ana + other + nameless, ["ana", "bob"]) == 2)
        #expect(try count(ana + other + nameless, ["root"]) == 0)
        #expect(try count(ana + other + nameless, ["root"], ids: [1000]) == 3)
        #expect(try count(ana + other + nameless, []) == 3)
    }

    @Test("a line that is no record is named by its number, and the rest goes on")
    func malformed() throws {
        let lines = GoldenLog.lines
        let text = lines[0] + "\nnonsense\n" + lines[1] + "\n{\"event\":{}}\n" + lines[2].prefix(500)
        let result = try converted(text) { path, output, complain in
            try LogConverter.convert([path], to: .csv, into: &output, complain: complain)
        }
        #expect(result.lines.count == 3 && !result.isComplete)
        #expect(result.complaints.count == 3)
        #expect(result.complaints[0].hasSuffix("line 2: a value that cannot be, at byte 1"))
        #expect(result.complaints[1].hasSuffix("line 4: no record of tattle's in ECS: it has no event.action"))
        #expect(result.complaints[2].hasSuffix("line 5: it ends too early"))
    }

    @Test("a log in OCSF is called so")
    func ocsfAsInput() throws {
        for line in GoldenLog.ocsf {
            let result = try converted(line) { path, output, complain in
                try LogConverter.convert([path], to: .csv, into: &output, complain: complain)
            }
            #expect(result.complaints.count == 1 && !result.isComplete)
            #expect(
                result.complaints.first?.hasSuffix("line 1: it is OCSF, and only records in ECS are read here") == true)
        }
    }

    @Test("of many files that cannot be read not all are named")
    func unreadable() throws {
        let paths = (1...30).map { "/nowhere/log\($0)" }
        var entries = LogEntries(paths)
        var complaints: [String] = []
        #expect(entries.next { complaints.append($0) } == nil && !entries.isComplete)
        #expect(complaints.count == 21 && complaints.last == "10 more like these")
    }

    @Test("each record is a line of CSV with as many values as there are columns")
    func csv() throws {
        let result = try converted { path, output, complain in
            try LogConverter.convert([path], to: .csv, into: &output, complain: complain)
        }
        #expect(result.complaints.isEmpty && result.isComplete)
        #expect(result.lines.count == GoldenLog.lines.count + 1)
        let columns = try #require(result.lines.first).split(separator: ",").count
        for line in result.lines {
            var (commas, isQuoted) = (0, false)
            for character in line {
                if character == "\"" { isQuoted.toggle() } else if character == ",", !isQuoted { commas += 1 }
            }
            #expect(commas == columns - 1 && !isQuoted, "\(line)")
        }
        #expect(result.lines.contains { $0.contains("connection_attempted,unreachable,ENETUNREACH,") })
    }

    @Test("what a program calls itself is no formula in a spreadsheet")
    func formulas() throws {
        let line = try #require(
            GoldenLog.lines.first { $0.contains("\"name\":\"curl\"") && $0.contains("\"args\":[\"curl\"") })
        for sign in ["=", "+", "-", "@"] {
            let text = line.replacing("\"name\":\"curl\"", with: "\"name\":\"\(sign)1+cmd\"", maxReplacements: 1)
                .replacing("\"args\":[\"curl\"", with: "\"args\":[\"\(sign)HYPERLINK(1)\"")
                .replacing("\"executable\":\"/usr/bin/curl\"", with: "\"executable\":\"\(sign)x\"")
            let result = try converted(text + "\n") { path, output, complain in
                try LogConverter.convert([path], to: .csv, into: &output, complain: complain)
            }
            let row = try #require(result.lines.last)
            #expect(row.contains(",\"'\(sign)1+cmd\",") && row.contains(",\"'\(sign)HYPERLINK(1) "), "\(row)")
            #expect(row.contains(",\"'\(sign)x\","), "\(row)")
            #expect(!row.contains("\"\(sign)"), "\(row)")
        }
    }

    @Test("a converted log has the lines that a trace in that form would have written")
    func ocsf() throws {
        let result = try converted { path, output, complain in
            try LogConverter.convert([path], to: .ocsf, into: &output, complain: complain)
        }
        #expect(result.complaints.isEmpty && result.lines == GoldenLog.ocsf)
    }

    @Test("of runs whose lines take turns, each connection is a line")
    func turns() throws {
        // A connection that is established, and its end, in as many runs.
        let begun = try #require(
            GoldenLog.lines.first { $0.contains("\"result\":\"established\"") && $0.contains("-a\"") })
        let ended = begun.replacing("connection_attempted", with: "disconnect_received")
            .replacing("\"type\":[\"connection\",\"start\"]", with: "\"type\":[\"connection\",\"end\"]")
            .replacing("\"duration\":", with: "\"start\":\"2026-01-01T10:00:00.123456789Z\",\"duration\":")
        func line(_ line: String, run: Int) -> String {
            line.replacing(
                "5f0c9a52-9f0b-4a40-8f93-2a0d1e7e1c11", with: "5f0c9a52-9f0b-4a40-8f93-2a0d1e7e1c\(run + 20)")
        }
        let text =
            [begun, ended].map { part in (0..<40).map { line(part, run: $0) }.joined(separator: "\n") }
            .joined(separator: "\n") + "\n"
        let result = try converted(text) { path, output, complain in
            try LogConverter.convert([path], to: .zeek, into: &output, complain: complain)
        }
        #expect(result.complaints == [])
        let uids = result.lines.compactMap { $0.firstMatch(of: /"uid":"([^"]+)"/).map { String($0.1) } }
        #expect(uids.count == 40 && Set(uids).count == 40)
        #expect(result.lines.allSatisfy { $0.contains("\"conn_state\":\"SF\"") }, "\(result.lines)")
    }

    @Test("a log in Zeek's form has a line for each connection")
    func zeek() throws {
        let result = try converted { path, output, complain in
            try LogConverter.convert([path], to: .zeek, into: &output, complain: complain)
        }
        #expect(result.complaints.isEmpty)
        #expect(result.lines.allSatisfy { $0.hasPrefix("{\"ts\":17672") && $0.contains("\"conn_state\":\"") })
        #expect(result.lines.contains { $0.contains("\"conn_state\":\"REJ\"") })
    }
}
