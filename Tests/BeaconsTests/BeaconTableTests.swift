import Beacons
import Foundation
import Model
import Testing

/// Writes what share of made-up beacons is found into the document that `TATTLE_BEACON_TABLE` names: `make beacons-table`.
@Suite(
    .enabled(if: ProcessInfo.processInfo.environment["TATTLE_BEACON_TABLE"] != nil, "TATTLE_BEACON_TABLE names no file")
)
struct BeaconTableTests {
    private static let begin = "<!-- made by make beacons-table -->\n"
    private static let end = "<!-- end -->"

    @Test func recallIsWritten() throws {
        let path = ProcessInfo.processInfo.environment["TATTLE_BEACON_TABLE"] ?? ""
        let old = try String(contentsOfFile: path, encoding: .utf8)
        let start = try #require(old.range(of: Self.begin))
        let stop = try #require(old.range(of: Self.end, range: start.upperBound..<old.endIndex))
        let new = String(old[..<start.upperBound]) + recall() + "\n" + falseFindings() + String(old[stop.lowerBound...])
        try new.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// By period, jitter and beats; 0–30 % of the beats missing, jitter on both sides and on one.
    private func recall() -> String {
        let beats = [6, 10, 20, 50, 200, 1000]
        var text = "| period | jitter |" + beats.map { " \($0) beats |" }.joined() + "\n"
        text += "|---|---|" + beats.map { _ in "---|" }.joined() + "\n"
        let periods = [("1 s – 1 min", 1.0, 60.0), ("1 min – 1 h", 60, 3600), ("1 h – 6 h", 3600, 21_600)]
        var numbers = SeededNumbers(seed: 11)
        for (name, low, high) in periods {
            for jitter in [0, 0.05, 0.1, 0.2, 0.3, 0.5] {
                text += "| \(name) | \(Int(jitter * 100)) % |"
                for count in beats {
                    let trials = count > 500 ? 30 : 200
                    var found = 0
                    for _ in 0..<trials {
                        let beacon = MadeUpBeacon(
                            period: numbers.spread(max(low, 30 / Double(count - 1))...high), jitter: jitter,
                            isTwoSided: numbers.unit() < 0.5, beats: count, missed: 0.3 * numbers.unit())
                        if Trial(beacon, benign: 0, &numbers).isFound { found += 1 }
                    }
                    text += " \((Double(found) / Double(trials) * 1000).rounded() / 10) % |"
                }
                text += "\n"
            }
        }
        return text
    }

    private func falseFindings() -> String {
        var numbers = SeededNumbers(seed: 12)
        var found = 0
        let keys = 20_000
        for group in 0..<20 {
            var store = CallStore()
            for index in 0..<keys / 20 { store.addBenign(to: "benign\(group)-\(index).example", &numbers) }
            found += store.findings(allowed: AllowList([])).count(where: \.isBeacon)
        }
        #expect(found <= keys / 10_000)
        return "Of \(keys) benign keys, \(found) \(found == 1 ? "is" : "are") called a beacon.\n"
    }
}
