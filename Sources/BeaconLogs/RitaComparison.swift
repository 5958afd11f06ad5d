public import Beacons

/// RITA's score of findings, from a second reading of the logs.
public struct RitaComparison {
    private struct Pair: Hashable {
        var caller: Caller
        var destination: Destination
    }

    private var calls: [Pair: [(second: Int64, bytes: UInt64)]] = [:]
    /// The first second with a call, by hour.
    private var firstOfHour: [Int64: Int64] = [:]
    private var last = Int64.min
    /// More calls of one pair than RITA takes need not be kept.
    private static let mostCalls = 200_000

    /// Begins, for these findings; of roll-ups RITA knows nothing.
    public init(_ findings: [Finding]) {
        for finding in findings where finding.scope == .pair {
            calls[Pair(caller: finding.caller, destination: finding.destination)] = []
        }
    }

    /// Takes a call; of counted flows RITA knows nothing.
    public mutating func add(_ entry: CallLogs.Entry) {
        guard entry.flow == nil else { return }
        let second = entry.call.nanoseconds / 1_000_000_000
        let hour = second / 3600
        firstOfHour[hour] = min(firstOfHour[hour] ?? second, second)
        last = max(last, second)
        let pair = Pair(caller: entry.call.caller, destination: entry.call.destination)
        guard let count = calls[pair]?.count, count < Self.mostCalls else { return }
        // How an attempt ended, which was told of just before.
        if entry.call.isResolution, calls[pair]?.suffix(16).contains(where: { $0.second == second }) == true { return }
        calls[pair]?.append((second, entry.packetBytes ?? entry.call.bytesSent ?? 0))
    }

    /// The score of a finding; nil: RITA says nothing of it.
    public func score(_ finding: Finding) -> Double? {
        let start = RitaScore.windowStart(last: last)
        guard let calls = calls[Pair(caller: finding.caller, destination: finding.destination)],
            let first = firstOfHour.filter({ $0.key >= start / 3600 }).values.min()
        else { return nil }
        return RitaScore(calls: calls, window: first...last)?.value
    }
}
