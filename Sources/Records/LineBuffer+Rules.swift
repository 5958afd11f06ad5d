import Model

/// What rules did, by the same names in every format.
extension LineBuffer {
    /// A configuration has no longer names; a log that is read may have anything.
    private static let ruleNameLimit = 64

    /// Appends, within `tattle`, what was collapsed.
    mutating func aggregate(_ event: AggregateEvent) {
        literal(",\"aggregate\":{\"action\":\"")
        literal(event.kind.word)
        byte(UInt8(ascii: "\""))
        literal(",\"rule\":\"")
        text(event.rule, limit: Self.ruleNameLimit)
        byte(UInt8(ascii: "\""))
        literal(",\"count\":")
        decimal(event.count)
        literal(",\"window_ns\":")
        decimal(event.windowNanoseconds)
        literal(",\"gap\":{\"min_ns\":")
        decimal(event.gaps.minimumNanoseconds)
        literal(",\"max_ns\":")
        decimal(event.gaps.maximumNanoseconds)
        literal(",\"mean_ns\":")
        decimal(event.gaps.meanNanoseconds)
        literal(",\"stddev_ns\":")
        decimal(event.gaps.deviationNanoseconds)
        literal("}}")
    }

    /// Appends `,"rules":[…]`; nothing where there are none.
    mutating func rules(_ rules: [RuleCount]) {
        guard !rules.isEmpty else { return }
        literal(",\"rules\":[")
        for (index, rule) in rules.enumerated() {
            literal(index == 0 ? "{\"name\":\"" : ",{\"name\":\"")
            text(rule.name, limit: Self.ruleNameLimit)
            literal("\",\"action\":\"")
            text(rule.action.rawValue)
            literal("\",\"matched\":")
            decimal(rule.matched)
            literal(",\"withheld\":")
            decimal(rule.withheld)
            literal(",\"withheld_attempts\":")
            decimal(rule.withheldAttempts)
            if rule.action == .aggregate {
                literal(",\"summaries\":")
                decimal(rule.summaries)
            }
            byte(UInt8(ascii: "}"))
        }
        byte(UInt8(ascii: "]"))
    }

    /// Appends `,"config":{…}`.
    mutating func configuration(_ source: ConfigurationSource) {
        literal(",\"config\":{\"file\":\"")
        text(source.path, limit: 1 << 10)
        literal("\",\"sha256\":\"")
        hexadecimal(source.sha256)
        literal("\",\"rules\":")
        decimal(UInt(max(source.ruleCount, 0)))
        literal(",\"rule_names\":")
        texts(source.ruleNames, limit: 6 << 10)
        byte(UInt8(ascii: "}"))
    }
}

extension AggregateEvent.Kind {
    /// The word, for the hot path.
    var word: StaticString {
        switch self {
        case .attempted: "connection_attempted"
        case .resolved: "connection_resolved"
        case .disconnected: "disconnect_received"
        }
    }
}
