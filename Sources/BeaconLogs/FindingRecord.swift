public import Beacons
internal import Model
internal import Records

/// Findings for a machine: one line of JSON each, in the Elastic Common Schema.
public enum FindingRecord {
    /// One line with its newline.
    ///
    /// - Parameters:
    ///   - rank: its place in the ranking, from 1.
    ///   - rita: RITA's score; nil: it is not wanted, or RITA says nothing.
    public static func line(_ finding: Finding, rank: Int, rita: Double? = nil) -> String {
        var beacon = "{\"rank\":\(rank),\"is_beacon\":\(finding.isBeacon)"
        if let rita { beacon += ",\"rita_score\":" + JSON.number(rita).text }
        beacon += "," + String(decoding: BeaconMembers.object(finding.facts()).dropFirst(), as: UTF8.self)
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
            ("message", .text(finding.sentence)),
            (
                "rule",
                .object([
                    ("id", .text("tattle-beacon")), ("name", .text("Beacon")),
                    ("category", .text("Command and Control")), ("ruleset", .text("tattle")),
                ])
            ),
            (
                "threat",
                .object([
                    ("framework", .text("MITRE ATT&CK")),
                    (
                        "tactic",
                        .object([("id", .list([.text("TA0011")])), ("name", .list([.text("Command and Control")]))])
                    ),
                    (
                        "technique",
                        .object([
                            ("id", .list([.text("T1071")])), ("name", .list([.text("Application Layer Protocol")])),
                        ])
                    ),
                ])
            ),
            ("source", source(finding)), ("destination", destination(finding)), ("process", process(finding)),
            ("host", finding.caller.host.isEmpty ? nil : .object([("name", .text(finding.caller.host))])),
            ("ecs", .object([("version", .text(ECSWriter.ecsVersion))])),
            ("tattle", .object([("beacon", .raw(beacon))] + (script(finding).map { [("process", $0)] } ?? []))),
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
        return members.isEmpty ? nil : .object(members)
    }

    /// `tattle.process`, as in every record: ECS has no script.
    private static func script(_ finding: Finding) -> JSON? {
        let caller = finding.caller
        return (finding.traits.script ?? (caller.kind == .script ? caller.identity : nil)).map {
            .object([("script", .text($0))])
        }
    }
}

/// A value that is written as JSON.
private indirect enum JSON {
    case text(String)
    case number(Double)
    /// What is JSON already.
    case raw(String)
    case list([JSON])
    case object([(String, JSON)])

    var text: String {
        switch self {
        case .text(let text): JSONText.string(text)
        case .number(let number):
            number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\((number * 1e6).rounded() / 1e6)"
        case .raw(let text): text
        case .list(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { JSONText.string($0) + ":" + $1.text }.joined(separator: ",") + "}"
        }
    }
}
