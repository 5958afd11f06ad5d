import Model

extension ECSWriter {
    /// A beacon: an alert about the newest of its calls.
    mutating func beacon(_ event: BeaconEvent, into buffer: inout LineBuffer) {
        let attempt = event.attempt
        buffer.literal("{\"@timestamp\":\"")
        buffer.timestamp(event.foundBootNanoseconds, clock)
        buffer.literal(
            "\",\"event\":{\"kind\":\"alert\",\"category\":[\"network\"],\"type\":[\"connection\",\"info\"],\"action\":\"beacon_detected\",\"severity\":"
        )
        buffer.decimal(event.beacon.severity.riskScale)
        buffer.literal(",\"risk_score\":")
        buffer.fraction(event.beacon.score * 100)
        start(event.firstBootNanoseconds, into: &buffer)
        buffer.literal(",\"end\":\"")
        buffer.timestamp(event.lastBootNanoseconds, clock)
        buffer.byte(UInt8(ascii: "\""))
        ownEventEnd(into: &buffer)
        buffer.literal(",\"message\":\"")
        buffer.escaped(Array(event.beacon.sentence.utf8), limit: 2048)
        buffer.literal(BeaconRule.ecs)
        Self.network(attempt, into: &buffer)
        Self.ends(attempt, into: &buffer)
        rest(attempt, event.attribution, AttemptResult(attempt.outcome), into: &buffer).appendTattle(into: &buffer)
        buffer.literal(",\"beacon\":")
        buffer.beacon(event.beacon)
        buffer.raw(constants.tail)
    }
}

/// What says that it is a beacon, the same in all of them.
enum BeaconRule {
    /// The end of `message`, `rule` and `threat`.
    static let ecs: StaticString =
        "\",\"rule\":{\"id\":\"tattle-beacon\",\"name\":\"Beacon\",\"category\":\"Command and Control\",\"description\":\"Calls that come at a rhythm\",\"ruleset\":\"tattle\"},\"threat\":{\"framework\":\"MITRE ATT&CK\",\"tactic\":{\"id\":[\"TA0011\"],\"name\":[\"Command and Control\"]},\"technique\":{\"id\":[\"T1071\"],\"name\":[\"Application Layer Protocol\"]}}"

    /// `finding_info.attacks` and `finding_info.analytic`.
    static let ocsf: StaticString =
        ",\"types\":[\"Beacon\"],\"analytic\":{\"type_id\":2,\"type\":\"Behavioral\",\"name\":\"Beacon\",\"uid\":\"tattle-beacon\",\"category\":\"Command and Control\"},\"attacks\":[{\"tactic\":{\"uid\":\"TA0011\",\"name\":\"Command and Control\"},\"technique\":{\"uid\":\"T1071\",\"name\":\"Application Layer Protocol\"}}]}"
}

extension BeaconFacts.Severity {
    /// As Elastic's detection rules count: 21, 47, 73.
    var riskScale: UInt { self == .low ? 21 : self == .medium ? 47 : 73 }

    /// OCSF's `severity_id` and `severity`.
    var ocsf: StaticString {
        switch self {
        case .low: "\"severity_id\":2,\"severity\":\"Low\""
        case .medium: "\"severity_id\":3,\"severity\":\"Medium\""
        case .high: "\"severity_id\":4,\"severity\":\"High\""
        }
    }
}
