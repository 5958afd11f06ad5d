public import Model

extension Finding {
    /// What a record tells of it.
    ///
    /// - Parameter tellings: how often it was told of with this time.
    public func facts(tellings: Int = 1) -> BeaconFacts {
        let rhythm = analysis.rhythm
        var facts = BeaconFacts()
        facts.id = id
        facts.tellings = UInt64(max(tellings, 1))
        facts.score = value
        facts.threshold = BeaconScore.threshold
        facts.scope = scope.rawValue
        facts.callerKind = caller.kind.word
        facts.caller = caller.identity
        facts.destination = "\(destination)"
        facts.periodSeconds = rhythm.periodSeconds
        facts.deviationSeconds = rhythm.spreadSeconds
        facts.missedShare = rhythm.missedShare
        facts.strayShare = rhythm.strayShare
        facts.beats = UInt64(analysis.beats)
        facts.calls = UInt64(calls)
        facts.lifetimeSeconds = analysis.lifetimeSeconds
        facts.chancePowerOfTen = -chancePowerOfTen
        facts.parts =
            [.init(name: "chance", value: score.chance), .init(name: "reach", value: score.reach)]
            + score.parts.compactMap { part in part.value.map { .init(name: part.name, value: $0) } }
        facts.modifiers = modifiers.map { .init(name: $0.name, change: $0.change, reason: $0.reason) }
        facts.endings = Call.Ending.allCases.compactMap { ending in
            endings[ending].map { .init(name: ending.word, count: UInt64($0)) }
        }
        facts.alike = alike.map { "\($0)" }
        facts.sentence = sentence
        return facts
    }

    /// The same whenever this caller calls this destination: FNV-1a of their names.
    private var id: UInt64 {
        let names = [scope.rawValue, caller.kind.word, caller.identity, caller.hash, caller.host, "\(destination)"]
        return names.joined(separator: "\0").utf8.reduce(0xcbf2_9ce4_8422_2325) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
        }
    }
}

extension Caller.Kind {
    /// Its name in records.
    var word: String {
        switch self {
        case .program: "program"
        case .script: "script"
        case .unit: "unit"
        case .container: "container"
        case .host: "host"
        case .name: "name"
        }
    }
}

extension Call.Ending {
    /// Its name in records.
    var word: String {
        switch self {
        case .answered: "answered"
        case .refused: "refused"
        case .unanswered: "unanswered"
        case .offline: "offline"
        case .denied: "denied"
        case .failed: "failed"
        case .unknown: "unknown"
        }
    }
}
