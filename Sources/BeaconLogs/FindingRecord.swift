public import Beacons
internal import Model

/// Findings for a machine: one line of JSON each, in the Elastic Common Schema.
public enum FindingRecord {
    /// One line with its newline.
    ///
    /// - Parameters:
    ///   - rank: its place in the ranking, from 1.
    ///   - rita: RITA's score; nil: it is not wanted, or RITA says nothing.
    public static func line(_ finding: Finding, rank: Int, rita: Double? = nil) -> String {
        let rhythm = finding.analysis.rhythm
        var beacon: [(String, JSON)] = [
            ("rank", .number(Double(rank))), ("score", .number(finding.value)),
            ("threshold", .number(BeaconScore.threshold)), ("is_beacon", .flag(finding.isBeacon)),
            ("scope", .text(finding.scope.rawValue)), ("period_seconds", .number(rhythm.periodSeconds)),
            ("deviation_seconds", .number(rhythm.spreadSeconds)), ("missed_share", .number(rhythm.missedShare)),
            ("stray_share", .number(rhythm.strayShare)), ("beats", .number(Double(finding.analysis.beats))),
            ("calls", .number(Double(finding.calls))), ("lifetime_seconds", .number(finding.analysis.lifetimeSeconds)),
            ("chance_power_of_ten", .number(-finding.chancePowerOfTen)),
            (
                "parts",
                .object(
                    [
                        ("chance", .number(finding.score.chance)), ("reach", .number(finding.score.reach)),
                    ] + finding.score.parts.map { ($0.name, $0.value.map { .number($0) } ?? .null) })
            ),
            (
                "modifiers",
                .list(
                    finding.modifiers.map {
                        .object([
                            ("name", .text($0.name)), ("change", .number($0.change)), ("reason", .text($0.reason)),
                        ])
                    })
            ),
        ]
        if let rita { beacon.append(("rita_score", .number(rita))) }
        if !finding.alike.isEmpty { beacon.append(("alike", .list(finding.alike.map { .text("\($0)") }))) }
        let record: [(String, JSON?)] = [
            ("@timestamp", .text(FindingReport.time(finding.lastMilliseconds))),
            (
                "event",
                .object([
                    ("kind", .text("alert")), ("category", .list([.text("network")])),
                    ("type", .list([.text("info")])), ("action", .text("beacon_detected")),
                    ("start", .text(FindingReport.time(finding.firstMilliseconds))),
                    ("end", .text(FindingReport.time(finding.lastMilliseconds))),
                ])
            ),
            ("message", .text(finding.sentence)), ("rule", .object([("name", .text("beacon"))])),
            (
                "threat",
                .object([
                    (
                        "technique",
                        .object([
                            ("id", .list([.text("T1071")])), ("name", .list([.text("Application Layer Protocol")])),
                        ])
                    )
                ])
            ),
            ("source", source(finding)), ("destination", destination(finding)), ("process", process(finding)),
            ("host", finding.caller.host.isEmpty ? nil : .object([("name", .text(finding.caller.host))])),
            ("tattle", .object([("beacon", .object(beacon))])),
        ]
        return JSON.object(record.compactMap { name, value in value.map { (name, $0) } }).text + "\n"
    }

    private static func source(_ finding: Finding) -> JSON? {
        finding.caller.kind == .host ? .object([("address", .text(finding.caller.identity))]) : nil
    }

    private static func destination(_ finding: Finding) -> JSON? {
        let destination = finding.destination
        var members: [(String, JSON)] = []
        if let address = destination.address { members.append(("ip", .text("\(address)"))) }
        if let domain = destination.domain { members.append(("domain", .text(domain))) }
        if destination.port > 0 { members.append(("port", .number(Double(destination.port)))) }
        return members.isEmpty ? nil : .object(members)
    }

    private static func process(_ finding: Finding) -> JSON? {
        let (caller, traits) = (finding.caller, finding.traits)
        var members: [(String, JSON)] = []
        if let path = traits.executable ?? (caller.kind == .program ? caller.identity : nil) {
            members.append(("executable", .text(path)))
        }
        if let hash = traits.sha256 { members.append(("hash", .object([("sha256", .text(hash))]))) }
        if let script = traits.script ?? (caller.kind == .script ? caller.identity : nil) {
            members.append(("script", .text(script)))
        }
        return members.isEmpty ? nil : .object(members)
    }
}

/// A value that is written as JSON.
private indirect enum JSON {
    case text(String)
    case number(Double)
    case flag(Bool)
    case null
    case list([JSON])
    case object([(String, JSON)])

    var text: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .number(let number):
            number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\((number * 1e6).rounded() / 1e6)"
        case .flag(let flag): flag ? "true" : "false"
        case .null: "null"
        case .list(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { Self.quoted($0) + ":" + $1.text }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..<"\u{20}", "\u{7f}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
