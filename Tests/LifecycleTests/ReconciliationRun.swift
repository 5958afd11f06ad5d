internal import Lifecycle
internal import Model

let second: UInt64 = 1_000_000_000

/// Sequences as a kernel and a ring make them; times are in seconds.
struct ReconciliationRun {
    var reconciliation: Reconciliation
    var nextID: UInt64 = 1

    init(lag: UInt64 = 0) { reconciliation = Reconciliation(lagNanoseconds: lag, now: 0) }

    static func reading(
        _ namespace: UInt32, _ opens: UInt64, at time: UInt64, _ more: (inout NetworkCounters) -> Void = { _ in }
    )
        -> Reconciliation.Reading
    {
        var counters = NetworkCounters()
        counters.tcpActiveOpens = opens
        counters.udpOutDatagrams = 0
        counters.mptcpJoinSyns = 0
        more(&counters)
        return Reconciliation.Reading(
            namespace: namespace, counters: counters, time: time * second...time * second + second / 1000)
    }

    mutating func follow(in namespace: UInt32 = 1, _ opens: UInt64, at time: UInt64) {
        reconciliation.follow(Self.reading(namespace, opens, at: time))
    }

    /// Attempts whose SYN was sent between `started` and `observed`.
    mutating func attempts(
        _ count: Int = 1, in namespace: UInt32 = 1, phase: AttemptPhase = .whole,
        outcome: Outcome = .failed(errno: 111),
        isSynSent: Bool = true, via: Via = .syscall, started: UInt64, observed: UInt64
    ) {
        for _ in 0..<count {
            var one = attempt(nextID, phase, outcome, at: started * second, observed: observed * second)
            one.networkNamespace = namespace
            one.isSynSent = isSynSent
            one.via = via
            nextID += 1
            reconciliation.note(one)
        }
    }

    mutating func beat(
        _ readings: [Reconciliation.Reading], at time: UInt64, isDrained: Bool = true, explained: UInt64 = 0,
        isFinal: Bool = false, untold: [Attempt] = []
    ) -> (comparisons: [NamespaceComparison], difference: Reconciliation.Difference) {
        reconciliation.beat(
            readings, now: time * second, isDrained: isDrained, explained: explained, isDatagramsCertain: true,
            isFinal: isFinal, untold: { untold })
    }
}
