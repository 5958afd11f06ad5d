internal import Glibc

/// What explains gaps without a rhythm: the likeliest of three ways in which calls come by chance.
///
/// - **Poisson**: exponential gaps, whatever the rate.
/// - **Person**: lognormal gaps with a standard deviation of at least 1 in ln, as of somebody who reads and clicks.
/// - **Bursts**: two exponentials mixed, as of a program that fetches several things and then rests.
///
/// Each is fitted to the gaps as well as a rhythm is, so it has as good a chance.
struct Chance {
    private static let leastPersonDeviation = 1.0

    /// Of all gaps.
    private(set) var logLikelihood = -Double.infinity
    /// Of each.
    private(set) var logDensities: [Double] = []

    /// Fits each to `gaps`, seconds, that are longer than `floor`: shorter ones were taken for one call.
    init(gaps: [Double], floor: Double) {
        let gaps = gaps.map { max($0 - floor, 0.001) }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        take(gaps.map { -log(mean) - $0 / mean })
        take(Self.lognormal(gaps))
        if gaps.count >= 5 { take(Self.bursts(gaps, mean: mean)) }
    }

    private mutating func take(_ densities: [Double]) {
        let sum = densities.reduce(0, +)
        guard sum > logLikelihood else { return }
        (logLikelihood, logDensities) = (sum, densities)
    }

    private static func lognormal(_ gaps: [Double]) -> [Double] {
        let logs = gaps.map { log($0) }
        let center = logs.reduce(0, +) / Double(logs.count)
        let variance = logs.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(logs.count)
        let deviation = max(variance.squareRoot(), leastPersonDeviation)
        return logs.map {
            let distance = ($0 - center) / deviation
            return -$0 - log(deviation) - 0.918_938_533 - 0.5 * distance * distance
        }
    }

    private static func bursts(_ gaps: [Double], mean: Double) -> [Double] {
        let sorted = gaps.sorted()
        let half = sorted.count / 2
        var short = max(sorted[..<half].reduce(0, +) / Double(half), 0.001)
        var long = max(sorted[half...].reduce(0, +) / Double(sorted.count - half), short * 1.5)
        var share = 0.5
        for _ in 0..<10 {
            var (weight, shorts, longs) = (0.0, 0.0, 0.0)
            for gap in gaps {
                let (a, b) = (share / short * exp(-gap / short), (1 - share) / long * exp(-gap / long))
                let part = a + b > 0 ? a / (a + b) : 0
                weight += part
                shorts += part * gap
                longs += (1 - part) * gap
            }
            short = max(shorts / max(weight, 1e-9), 0.001)
            long = max(longs / max(Double(gaps.count) - weight, 1e-9), 0.001)
            share = min(max(weight / Double(gaps.count), 0.02), 0.98)
        }
        return gaps.map {
            log(share / short * exp(-$0 / short) + (1 - share) / long * exp(-$0 / long) + .leastNormalMagnitude)
        }
    }
}
