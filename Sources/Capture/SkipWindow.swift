/// How many programs were skipped for good.
///
/// One that was skipped a moment ago may have a stand-in that is yet to run, of a thread that was preempted in
/// between: only what stays for a while counts.
package struct SkipWindow {
    /// How long it has to stay, nanoseconds.
    package static let certainNanoseconds: UInt64 = 2_000_000_000
    /// Counting takes a system call for each program, 50,000 instructions: so long in between it need not be done.
    private static let restNanoseconds: UInt64 = 10_000_000_000

    /// When it was counted lately, and the least that it has been since; the oldest first.
    private var looks: [(time: UInt64, least: UInt64)] = []
    private var certain: UInt64 = 0

    /// Nothing counted yet.
    package init() {}

    /// Whether it is time to count again.
    ///
    /// Heartbeats do so anyway: what is missing by then is explained by the next one.
    package func isWorthALook(now: UInt64) -> Bool { looks.last.map { now &- $0.time >= Self.restNanoseconds } ?? true }

    /// The count as far as it is certain, given that it is `count` now.
    ///
    /// - Parameters:
    ///   - now: CLOCK_BOOTTIME, nanoseconds.
    ///   - isFinal: no stand-in is yet to run.
    package mutating func settled(_ count: UInt64, now: UInt64, isFinal: Bool) -> UInt64 {
        for index in looks.indices { looks[index].least = min(looks[index].least, count) }
        if let last = looks.lastIndex(where: { now &- $0.time >= Self.certainNanoseconds }) {
            certain = looks[last].least
            looks.removeFirst(last + 1)
        }
        looks.append((now, count))
        return isFinal ? count : certain
    }
}
