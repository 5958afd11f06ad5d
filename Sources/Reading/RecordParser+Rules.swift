import Model

extension AggregateEvent {
    /// `tattle.aggregate`, before it is put together.
    struct Fields {
        var kind: Kind?
        var rule = ""
        var count: UInt64 = 0
        var window: UInt64 = 0
        var gaps = Gaps()
    }
}

/// What rules did.
extension RecordParser {
    mutating func aggregated(_ fields: RecordFields, _ time: UInt64) throws(Malformed) -> AggregateEvent {
        guard let aggregate = fields.tattle.aggregate, let kind = aggregate.kind else {
            throw .foreign(missing: "tattle.aggregate that is known")
        }
        var attempt = try attempt(fields)
        let first = boot(fields.event.start)
        (attempt.startedBootNanoseconds, attempt.observedBootNanoseconds) = (first, first)
        var volume: AggregateEvent.Volume?
        if let source = fields.source, let bytes = source.bytes {
            volume = AggregateEvent.Volume(
                bytesSent: bytes, packetsSent: source.packets ?? 0, bytesReceived: fields.destination?.bytes,
                packetsReceived: fields.destination?.packets)
        }
        attempt.source = nil
        return AggregateEvent(
            kind: kind, rule: aggregate.rule, attempt: attempt, attribution: try attribution(fields, attempt),
            count: aggregate.count, firstBootNanoseconds: first, lastBootNanoseconds: time,
            windowNanoseconds: aggregate.window, gaps: aggregate.gaps, volume: volume)
    }

    func aggregate(_ scanner: inout JSONScanner) throws(Malformed) -> AggregateEvent.Fields {
        var fields = AggregateEvent.Fields()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "action": fields.kind = AggregateEvent.Kind(rawValue: try scanner.text())
            case "rule": fields.rule = try scanner.text()
            case "count": fields.count = try scanner.number()
            case "window_ns": fields.window = try scanner.number()
            case "gap": fields.gaps = try gaps(&scanner)
            default: try scanner.skip()
            }
        }
        return fields
    }

    private func gaps(_ scanner: inout JSONScanner) throws(Malformed) -> AggregateEvent.Gaps {
        var gaps = AggregateEvent.Gaps()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "min_ns": gaps.minimumNanoseconds = try scanner.number()
            case "max_ns": gaps.maximumNanoseconds = try scanner.number()
            case "mean_ns": gaps.meanNanoseconds = try scanner.number()
            case "stddev_ns": gaps.deviationNanoseconds = try scanner.number()
            default: try scanner.skip()
            }
        }
        return gaps
    }

    func rules(_ scanner: inout JSONScanner) throws(Malformed) -> [RuleCount] {
        var rules: [RuleCount] = []
        try scanner.enterArray()
        while try scanner.nextElement() {
            var rule = RuleCount(name: "", action: .keep)
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                switch key {
                case "name": rule.name = try scanner.text()
                // A newer version may know more.
                case "action": rule.action = RuleAction(rawValue: try scanner.text()) ?? .keep
                case "matched": rule.matched = try scanner.number()
                case "withheld": rule.withheld = try scanner.number()
                case "withheld_attempts": rule.withheldAttempts = try scanner.number()
                case "summaries": rule.summaries = try scanner.number()
                default: try scanner.skip()
                }
            }
            rules.append(rule)
        }
        return rules
    }

    func configuration(_ scanner: inout JSONScanner) throws(Malformed) -> ConfigurationSource {
        var source = ConfigurationSource(path: "", sha256: [], ruleCount: 0, ruleNames: [])
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "file": source.path = try scanner.text()
            case "sha256": source.sha256 = try scanner.hexadecimal()
            case "rules": source.ruleCount = Int(clamping: try scanner.number())
            case "rule_names": source.ruleNames = try scanner.texts().map { String(decoding: $0, as: UTF8.self) }
            default: try scanner.skip()
            }
        }
        return source
    }
}
