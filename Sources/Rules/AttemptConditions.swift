internal import Model

/// What a rule asks of an attempt, apart from what it asks of the process: that is asked for every record.
struct AttemptConditions: Sendable {
    private let blocks: [AddressPrefix]
    private let ports: [ClosedRange<UInt16>]
    private let protocols: [ProtocolCondition]
    private let results: [AttemptResult]

    init(_ conditions: Conditions) {
        blocks = conditions.blocks
        ports = conditions.ports
        protocols = conditions.protocols
        results = Array(conditions.results)
    }

    /// Whether what is asked of the attempt holds.
    ///
    /// Allocates nothing.
    @inline(__always)
    func admit(_ attempt: Attempt) -> Bool {
        guard protocols.isEmpty || protocols.contains(where: { $0.holds(for: attempt) }) else { return false }
        if !ports.isEmpty || !blocks.isEmpty {
            let destination = attempt.destination
            guard destination.kind == .ip else { return false }
            guard ports.isEmpty || ports.contains(where: { $0.contains(destination.port) }) else { return false }
            guard blocks.isEmpty || blocks.contains(where: { $0.contains(destination.address) }) else { return false }
        }
        return results.isEmpty || results.contains(AttemptResult(attempt.outcome))
    }
}
