internal import Glibc

/// What is found in the times of calls: the rhythm that explains them best, and how much better than chance.
public struct BeatAnalysis: Hashable, Sendable {
    /// The rhythm.
    public var rhythm: Rhythm
    /// How much likelier the gaps are by the rhythm than by chance, after the price of its freedom; natural log.
    ///
    /// By chance it exceeds x with a probability of at most about e^−x.
    public var evidence: Double
    /// Calls that count as beats of their own.
    public var beats: Int
    /// Calls that were taken to belong to the beat before them.
    public var merged: Int
    /// From the first beat to the last, seconds.
    public var lifetimeSeconds: Double
    /// The share of the lifetime that the rhythm explains: not that of stray gaps.
    public var coverage: Double
    /// Whether the beats were counted in one flow of datagrams, and not timed one by one.
    public var isOfOneFlow = false

    /// The fewest beats of which anything is said.
    public static let fewestBeats = 6
    /// The shortest period, seconds: what is faster is one call's traffic.
    static let shortestPeriod = 0.8
    /// Of a rhythm, ``Rhythm/spread``: narrower is told as the first, wider than the second is none.
    static let (narrowestSpread, widestSpread) = (0.005, 0.35)
    /// What times are exact to at the best, seconds: who waits wakes up late.
    static let finestResolution = 0.02

    /// Analyses calls; nil: they are fewer than ``fewestBeats``, or no rhythm is found.
    ///
    /// - Parameters:
    ///   - times: of the calls, seconds, ascending.
    ///   - resolution: of the times, seconds.
    public init?(times: [Double], resolution: Double) {
        guard times.count >= Self.fewestBeats else { return nil }
        let rawGaps = zip(times.dropFirst(), times).map { $0 - $1 }
        var best: BeatAnalysis?
        for floor in Self.floors(rawGaps, resolution: resolution) {
            guard let analysis = BeatAnalysis(times: times, floor: floor, resolution: resolution) else { continue }
            if analysis.evidence > best?.evidence ?? -.infinity { best = analysis }
        }
        guard let best else { return nil }
        self = best
    }

    /// What calls may be apart to count as one: nothing, and where the gaps' lengths leave a wide hole.
    static func floors(_ gaps: [Double], resolution: Double) -> [Double] {
        let least = max(resolution, 0.005)
        let sorted = gaps.filter { $0 > 0 }.map { max($0, least) }.sorted()
        var holes: [(ratio: Double, floor: Double)] = []
        for (short, long) in zip(sorted, sorted.dropFirst()) where long > 2 * short {
            holes.append((long / short, (short * long).squareRoot()))
        }
        holes.sort { $0.ratio > $1.ratio }
        return [0] + holes.prefix(3).map(\.floor)
    }

    private init?(times: [Double], floor: Double, resolution: Double) {
        var beats = [times[0]]
        var last = times[0]
        for time in times.dropFirst() {
            if time - last > floor { beats.append(time) }
            last = time
        }
        guard beats.count >= Self.fewestBeats else { return nil }
        let gaps = zip(beats.dropFirst(), beats).map { $0 - $1 }
        let sorted = gaps.sorted()
        guard Self.areWorthAFit(sorted) else { return nil }
        let chance = Chance(gaps: gaps, floor: floor)
        guard
            let fit = Self.fit(
                gaps, sorted: sorted, chance: chance, resolution: max(Self.finestResolution, resolution * 0.5)),
            fit.rhythm.periodSeconds >= max(Self.shortestPeriod, 4 * resolution)
        else { return nil }
        rhythm = fit.rhythm
        let price = Self.price(fit.rhythm) + (floor > 0 ? log(Double(times.count)) : 0)
        evidence = fit.logLikelihood - chance.logLikelihood - price
        self.beats = beats.count
        merged = times.count - beats.count
        lifetimeSeconds = beats[beats.count - 1] - beats[0]
        let longest = 6.5 * rhythm.periodSeconds
        let strays = gaps.reduce(0) { $0 + ($1 > longest ? $1 : 0) }
        coverage = lifetimeSeconds > 0 ? 1 - strays / lifetimeSeconds : 0
    }

    /// What a rhythm's freedom costs: a narrow one could have been anywhere.
    static func price(_ rhythm: Rhythm) -> Double { log(1 / rhythm.spread) }

    /// Fits from several places; the best stay; nil: none comes up to chance.
    private static func fit(_ gaps: [Double], sorted: [Double], chance: Chance, resolution: Double) -> RhythmFit? {
        var fits: [RhythmFit] = []
        var periods: [Double] = []
        for share in [0.1, 0.25, 0.4, 0.5, 0.65, 0.8] {
            let period = max(sorted[Int(share * Double(sorted.count))], 0.05)
            // Of a fixed sleep all are one: they would come to the same.
            guard period > (periods.last ?? 0) * 1.02 else { continue }
            periods.append(period)
            for (spread, jitter) in [(0.03, Rhythm.Jitter.normal), (0.2, .normal), (0.25, .even)] {
                fits.append(
                    RhythmFit(
                        Rhythm(
                            periodSeconds: period, spread: spread, jitter: jitter, missedShare: 0.15,
                            strayShare: 0.05)))
            }
        }
        // What is so far below chance does not come to evidence in the steps that are left. Few gaps tell it at once: their
        // likelihoods lie close together.
        let isFew = gaps.count < 30
        for (steps, kept, least) in [(2, 18, isFew ? -2.0 : -15), (1, 5, -6), (2, 5, -3), (4, 2, 1), (8, 1, 0)] {
            for index in fits.indices {
                for _ in 0..<steps {
                    fits[index].step(gaps: gaps, chance: chance.logDensities, resolution: resolution)
                }
            }
            fits.sort { $0.logLikelihood > $1.logLikelihood }
            guard let best = fits.first, best.logLikelihood > chance.logLikelihood + least else { return nil }
            fits.removeLast(max(fits.count - kept, 0))
        }
        return fits.first
    }
}
