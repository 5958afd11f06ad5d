import Model

/// Events that rules have a part in.
extension GoldenFile {
    /// `[aggregate]`, beside the attempt that was written.
    func aggregated() throws -> AggregateEvent {
        let values = Dictionary(uniqueKeysWithValues: values("aggregate").map { ($0.name, $0.value) })
        let number = { (name: String) in values[name].flatMap(UInt64.init) }
        guard let kind = values["of"].flatMap(AggregateEvent.Kind.init) else {
            throw GoldenProblem(text: "\(name): [aggregate] lacks of")
        }
        return AggregateEvent(
            kind: kind, rule: values["rule"] ?? "", attempt: try attempt(), attribution: try attribution(),
            count: number("count") ?? 0, firstBootNanoseconds: number("first") ?? 0,
            lastBootNanoseconds: number("last") ?? 0, windowNanoseconds: number("window") ?? 0,
            gaps: .init(
                minimumNanoseconds: number("gap_min") ?? 0, maximumNanoseconds: number("gap_max") ?? 0,
                meanNanoseconds: number("gap_mean") ?? 0, deviationNanoseconds: number("gap_stddev") ?? 0),
            volume: number("bytes_sent").map {
                .init(
                    bytesSent: $0, packetsSent: number("packets_sent") ?? 0, bytesReceived: number("bytes_received"),
                    packetsReceived: number("packets_received"))
            })
    }

    /// `[rule N]`, N from 1 on.
    func rules() -> [RuleCount] {
        (1...9).filter { sections["rule \($0)"] != nil }.map { index in
            let values = Dictionary(uniqueKeysWithValues: values("rule \(index)").map { ($0.name, $0.value) })
            let number = { (name: String) in values[name].flatMap(UInt64.init) ?? 0 }
            return RuleCount(
                name: values["name"] ?? "", action: values["action"].flatMap(RuleAction.init) ?? .keep,
                matched: number("matched"), withheld: number("withheld"),
                withheldAttempts: number("withheld_attempts"), summaries: number("summaries"))
        }
    }

    /// `[started]`: the configuration and what else there is to say.
    func started() -> TracingStarted {
        let list = values("started")
        let values = Dictionary(list.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let names = list.filter { $0.name == "rule" }.map(\.value)
        return TracingStarted(
            hookSet: "trampoline", hooks: list.filter { $0.name == "hook" }.map(\.value), refused: [],
            blindSpots: list.filter { $0.name == "blind_spot" }.map(\.value), filters: [], ringBytes: 8 << 20,
            settleNanoseconds: 1_000_000_000, command: [], knownProcesses: 86,
            configuration: values["config"].map {
                ConfigurationSource(
                    path: $0, sha256: [UInt8](repeating: 0xab, count: 32), ruleCount: names.count, ruleNames: names)
            }, bootNanoseconds: values["at"].flatMap(UInt64.init) ?? 0)
    }
}
