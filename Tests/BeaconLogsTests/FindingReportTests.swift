import BeaconLogs
import Beacons
import Foundation
import Model
import Testing

/// How findings are told to a person and to a machine.
@Suite struct FindingReportTests {
    private func finding(host: String = "10.0.0.5", domain: String = "c2.example") throws -> Finding {
        var store = CallStore()
        for beat in 0..<30 {
            store.add(
                Call(
                    caller: Caller(.host, host), destination: Destination(.domain(domain), port: 443, transport: .tcp),
                    nanoseconds: 1_700_000_000_000_000_000 + Int64(beat) * 60_000_000_000, ending: .answered))
        }
        return try #require(store.findings(allowed: AllowList([])).first)
    }

    @Test func theTableHasOneFindingInTwoLines() throws {
        let table = FindingReport.table([try finding()], rita: [0.5])
        let lines = table.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0] == "  #  score   rita  finding")
        #expect(
            lines[1].hasSuffix(
                "  0.500  10.0.0.5 tried c2.example:443 every 60.0 s ± 0.3 s, 30 beats in 29 min, all answered"))
        #expect(lines[2].contains("by chance 1 in 10^"))
    }

    @Test func anExplanationNamesEveryPart() throws {
        let text = FindingReport.explanation(try finding(), rank: 7)
        for word in [
            "#7", "chance", "reach", "beats", "persistence", "regularity", "wholeness", "2023-11-14T22:13:20.000Z",
        ] {
            #expect(text.contains(word))
        }
    }

    @Test func aRecordIsJSON() throws {
        let line = FindingRecord.line(try finding(host: "a\"b\\\u{1}"), rank: 1, rita: 0.5)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let event = try #require(object["event"] as? [String: Any])
        #expect(event["kind"] as? String == "alert")
        #expect(event["action"] as? String == "beacon_detected")
        #expect((object["source"] as? [String: Any])?["address"] as? String == "a\"b\\\u{1}")
        let beacon = try #require((object["tattle"] as? [String: Any])?["beacon"] as? [String: Any])
        #expect(beacon["beats"] as? Int == 30)
        #expect(beacon["rita_score"] as? Double == 0.5)
        #expect(line.last == "\n")
    }

    @Test func noInvisibleCharacterOfANameStandsInARecordAsItIs() throws {
        let deceiving = "/tmp/\u{9b}31mRED\u{202e}\u{200b}\u{85}\u{feff}\u{e0041}\u{7f}\u{1b}"
        var store = CallStore()
        var traits = CallerTraits()
        (traits.executable, traits.script, traits.package) = (deceiving, deceiving, deceiving)
        for beat in 0..<30 {
            store.add(
                Call(
                    caller: Caller(.script, deceiving, host: deceiving),
                    destination: Destination(.domain("\(deceiving).example"), port: 443, transport: .tcp),
                    nanoseconds: 1_700_000_000_000_000_000 + Int64(beat) * 60_000_000_000, ending: .answered),
                traits: traits)
        }
        var finding = try #require(store.findings(allowed: AllowList([])).first)
        finding.modifiers.append(Modifier("allowed", 0, deceiving))
        finding.alike = [finding.destination]
        let line = FindingRecord.line(finding, rank: 1)
        let shown = line.dropLast().unicodeScalars.filter {
            [.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
        }
        #expect(shown.isEmpty, "\(shown.map { String($0.value, radix: 16) })")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect((object["process"] as? [String: Any])?.mapValues { $0 as? String } == ["executable": deceiving])
        let process = (object["tattle"] as? [String: Any])?["process"] as? [String: Any]
        #expect(process?["script"] as? String == deceiving)
        #expect((object["ecs"] as? [String: Any])?["version"] as? String == "9.2.0")
    }

    @Test func aRecordHasAnEndHoweverLongANameIs() throws {
        let line = FindingRecord.line(try finding(host: String(repeating: "\u{1}", count: 100_000)), rank: 1)
        #expect(line.utf8.count < 16 << 10)
    }

    @Test func controlCharactersDoNotReachATerminal() throws {
        let table = FindingReport.table([try finding(host: "\u{1b}[2Jx")])
        #expect(!table.contains("\u{1b}"))
        #expect(table.contains("\\u{1b}[2Jx"))
    }
}
