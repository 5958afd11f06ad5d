internal import Glibc

/// A rhythm while it is fitted to gaps, by expectation and maximisation.
///
/// A gap is k periods long with probability (1−m)·m^(k−1), m the share of missed beats, and lies around k·T with k times
/// the variance of one; or it is a stray and as likely as chance makes it. Jitter that is even within bounds has the density
/// exp(−(z/a)⁸), a box with soft edges; its sums are nearly normal.
struct RhythmFit {
    /// The longest run of missed beats plus one.
    private static let mostPeriods = 6
    /// a·this is the standard deviation of a box of which a was fitted.
    private static let boxDeviation = 0.586
    /// ln(2·Γ(1 + 1/8)): of the box's density.
    private static let boxConstant = 0.633_056
    private static let normalConstant = 0.918_938_533

    private(set) var rhythm: Rhythm
    /// Of the gaps under `rhythm` before the last step.
    private(set) var logLikelihood = -Double.infinity

    init(_ rhythm: Rhythm) { self.rhythm = rhythm }

    /// What one step sums over the gaps, each weighted by how likely the rhythm made it.
    private struct Sums {
        var weight = 0.0
        var periods = 0.0
        var seconds = 0.0
        var squares = 0.0
        var singles = 0.0
        var eighthPowers = 0.0
    }

    /// Takes the likelihood of `gaps`, and moves the rhythm to where it is no smaller.
    ///
    /// - Parameters:
    ///   - gaps: seconds.
    ///   - chance: log density of each gap by chance.
    ///   - resolution: of the times, seconds.
    mutating func step(gaps: [Double], chance: [Double], resolution: Double) {
        let period = rhythm.periodSeconds
        let deviation = rhythm.spreadSeconds
        let isEven = rhythm.jitter == .even
        let box = max(deviation / Self.boxDeviation, resolution)
        let (inBeat, missed) = (log((1 - rhythm.strayShare) * (1 - rhythm.missedShare)), log(rhythm.missedShare))
        let stray = log(rhythm.strayShare)
        // By number of periods: the log of what stands before the exponential, and the inverse of the variance.
        var heads = InlineArray<8, Double>(repeating: 0)
        var inverses = InlineArray<8, Double>(repeating: 0)
        for count in 1...Self.mostPeriods {
            let variance = deviation * deviation * Double(count) + resolution * resolution
            inverses[count] = 1 / variance
            heads[count] = inBeat + Double(count - 1) * missed - 0.5 * log(variance) - Self.normalConstant
        }
        if isEven { heads[1] = inBeat - log(box) - Self.boxConstant }
        var sums = Sums()
        var total = 0.0
        // Of the gaps' likelihoods, each by its base: one logarithm for many of them.
        var product = 1.0
        for (index, gap) in gaps.enumerated() {
            let nearest = Int(min(gap / period + 0.5, Double(Self.mostPeriods)))
            let range = max(nearest - 1, 1)...max(min(nearest + 1, Self.mostPeriods), 1)
            // The exponents are taken off a common base, the stray's, which is never far below the sum.
            let base = stray + chance[index]
            var sum = 1.0
            var densities = InlineArray<3, Double>(repeating: 0)
            for count in range {
                let distance = gap - Double(count) * period
                let exponent: Double
                if count == 1, isEven {
                    let power = distance / box
                    let square = power * power
                    exponent = square * square * square * square
                } else {
                    exponent = 0.5 * distance * distance * inverses[count]
                }
                let power = heads[count] - exponent - base
                // What adds nothing needs no exponential.
                guard power > -36 else { continue }
                let density = exp(min(power, 300))
                sum += density
                densities[count - range.lowerBound] = density
            }
            total += base
            guard sum > 1 else { continue }
            product *= sum
            if product > 1e150 {
                total += log(product)
                product = 1
            }
            let inverse = 1 / sum
            for count in range {
                let share = densities[count - range.lowerBound] * inverse
                guard share > 0 else { continue }
                let distance = gap - Double(count) * period
                sums.weight += share
                sums.periods += share * Double(count)
                sums.seconds += share * gap
                sums.squares += share * distance * distance / Double(count)
                if count == 1 {
                    let square = distance * distance / (period * period)
                    sums.singles += share
                    sums.eighthPowers += share * square * square * square * square
                }
            }
        }
        logLikelihood = total + log(product)
        move(by: sums, count: Double(gaps.count))
    }

    private mutating func move(by sums: Sums, count: Double) {
        guard sums.periods > 1e-6 else { return }
        let period = sums.seconds / sums.periods
        var spread = (sums.squares / sums.weight).squareRoot() / period
        if rhythm.jitter == .even, sums.singles > 0.5 {
            let box = pow(8 * sums.eighthPowers / sums.singles, 0.125) * rhythm.periodSeconds
            spread = Self.boxDeviation * box / period
        }
        rhythm.periodSeconds = period
        rhythm.spread = min(max(spread, BeatAnalysis.narrowestSpread), BeatAnalysis.widestSpread)
        rhythm.missedShare = min(max(1 - sums.weight / sums.periods, 0.005), 0.4)
        rhythm.strayShare = min(max(1 - sums.weight / count, 0.005), 0.35)
    }
}
