internal import Model

/// Who made the last attempts, so that it is put into words once for each process and not for each attempt.
struct KnownCallers: Sendable {
    private struct Entry: Sendable {
        let process: ProcessFacts
        let sha256: [UInt8]?
        let isAtPath: Bool
        let isTraced: Bool
        let isDeleted: Bool
        let caller: Caller
        let traits: CallerTraits

        func fits(_ event: AttemptEvent) -> Bool {
            process === event.attribution.process && sha256 == event.attribution.file?.sha256
                && isAtPath == (event.attribution.file?.isAtPath ?? false)
                && isTraced == event.attempt.isTraced && isDeleted == event.attempt.isExecutableDeleted
        }
    }

    private var entries = [Entry?](repeating: nil, count: 64)

    /// Who made an attempt, and what is known of them.
    mutating func callerAndTraits(of event: AttemptEvent) -> (Caller, CallerTraits) {
        let place = Int(truncatingIfNeeded: UInt(bitPattern: event.attribution.process.identity.pid.hashValue) & 63)
        if let entry = entries[place], entry.fits(event) { return (entry.caller, entry.traits) }
        let traits = CallerTraits(event)
        let caller = Caller(event, traits: traits)
        entries[place] = Entry(
            process: event.attribution.process, sha256: event.attribution.file?.sha256,
            isAtPath: event.attribution.file?.isAtPath ?? false,
            isTraced: event.attempt.isTraced, isDeleted: event.attempt.isExecutableDeleted, caller: caller,
            traits: traits)
        return (caller, traits)
    }
}
