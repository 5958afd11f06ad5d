internal import Glibc

extension BeatAnalysis {
    /// Analyses what was counted of a flow's gaps; nil: they are too few, or too different for a rhythm.
    ///
    /// The gaps' number, mean and deviation are all that the likelihood of normal jitter rests on, so that is exact. What chance
    /// comes to also rests on the gaps themselves, so the most is taken that any gaps of this mean, deviation and shortest one
    /// could give it: evidence is never more than that of the gaps would be. Beats that are missing, and several datagrams for
    /// one beat, make the deviation large: then nothing is found.
    init?(_ flow: FlowBeats) {
        let gaps = Double(flow.sends) - 1
        let period = flow.lifetimeSeconds / gaps
        guard flow.sends >= UInt64(Self.fewestBeats), period >= Self.shortestPeriod,
            // Whoever wrote a log may have written anything.
            flow.deviation >= 0, flow.shortestGap <= period * 1.000_001, flow.longestGap >= period * 0.999_999,
            flow.deviation <= Self.widestSpread * period
        else { return nil }
        let spread = max(flow.deviation / period, Self.narrowestSpread)
        let square = flow.deviation * flow.deviation
        let variance = spread * spread * period * period + Self.finestResolution * Self.finestResolution
        let ofRhythm = -0.5 * gaps * (log(2 * .pi * variance) + square / variance)
        let ofChance = gaps * (Self.mostInverse(flow, mean: period) - 0.5 * log(2 * .pi))
        // A gap of two periods has one beat missing; shorter ones are not seen.
        let missed = max((flow.longestGap / period).rounded() - 1, 0)
        rhythm = Rhythm(
            periodSeconds: period, spread: spread, missedShare: max(missed / (gaps + missed), 0.005), strayShare: 0.005)
        evidence = ofRhythm - ofChance - Self.price(rhythm)
        beats = Int(clamping: flow.sends)
        merged = 0
        lifetimeSeconds = flow.lifetimeSeconds
        coverage = 1
        isOfOneFlow = true
    }

    /// The largest mean of −ln d that gaps d of this mean, deviation and shortest one can have.
    ///
    /// −ln d has a negative third derivative, so it is that of two lengths, one of them the shortest (the lower principal
    /// representation; Karlin and Studden, 1966). Lognormal gaps that deviate by 1 or more, and exponential ones of any rates,
    /// mixed in any way, have no larger density than 1/(d·√(2π)).
    static func mostInverse(_ flow: FlowBeats, mean: Double) -> Double {
        let square = flow.deviation * flow.deviation
        let shortest = max(flow.shortestGap, 0.001)
        let below = mean - shortest
        guard below > 0, square > 0 else { return -log(mean) }
        let share = square / (square + below * below)
        return -share * log(shortest) - (1 - share) * log(mean + square / below)
    }
}
