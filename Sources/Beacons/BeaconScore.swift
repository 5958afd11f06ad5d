internal import Glibc

/// How much calls are like a beacon, 0 to 1, with what it is made of.
///
/// `chance · reach · (½ + ½ · quality)`: chance is whether the rhythm is more than luck, reach whether it holds for most of
/// the calls' lifetime, quality the weighted mean of the parts that are known. It rests on that lifetime, not on a day.
public struct BeaconScore: Hashable, Sendable {
    /// From this value on it is a finding.
    public static let threshold = 0.5

    /// One part of the quality.
    public struct Part: Hashable, Sendable {
        /// What it is called in records: lower case, words joined by `_`.
        public var name: String
        /// 0 to 1; nil: nothing is known of it.
        public var value: Double?
        /// How much it counts.
        public var weight: Double
    }

    /// Whether it is more than luck: 0 up to e^−3 for luck, 0.8 at e^−9.5, 0.9 at e^−24, 1 from e^−100 on.
    public var chance: Double
    /// Whether the rhythm holds for most of the lifetime and most of the gaps.
    ///
    /// The fourth root of the share of the lifetime, by 1.2 and up to 1, by the root of the share of the gaps.
    public var reach: Double
    /// The parts of the quality.
    public var parts: [Part]

    /// The weighted mean of the parts that are known.
    public var quality: Double {
        let known = parts.filter { $0.value != nil }
        let weight = known.reduce(0) { $0 + $1.weight }
        return weight > 0 ? known.reduce(0) { $0 + ($1.value ?? 0) * $1.weight } / weight : 0
    }

    /// The score before modifiers.
    public var value: Double { chance * reach * (0.5 + 0.5 * quality) }

    /// Scores what was found in `evidence`.
    init(_ analysis: BeatAnalysis, of evidence: Evidence) {
        chance = Self.chance(analysis.evidence)
        let rhythm = analysis.rhythm
        reach = min(1, 1.2 * max(analysis.coverage, 0).squareRoot().squareRoot()) * (1 - rhythm.strayShare).squareRoot()
        let calls = Double(evidence.calls)
        let perBeat = Double(analysis.beats + analysis.merged) / Double(analysis.beats)
        let lifetime = max(Double(evidence.last - evidence.first) / 1000, analysis.lifetimeSeconds)
        let failures =
            evidence.count(.refused) + evidence.count(.unanswered) + evidence.count(.offline)
            + evidence.count(.denied) + evidence.count(.failed)
        let known = calls - Double(evidence.count(.unknown))
        let isSized = evidence.sized >= 4 && (evidence.sizes.commonest?.value ?? 0) > 0
        parts = [
            Part(
                name: "beats", value: Self.logarithmic(max(calls / perBeat, Double(analysis.beats)), from: 5, to: 1000),
                weight: 0.2),
            Part(name: "persistence", value: Self.logarithmic(lifetime, from: 10, to: 86_400), weight: 0.15),
            Part(name: "regularity", value: max(0, 1 - rhythm.spread / 0.35), weight: 0.2),
            Part(name: "wholeness", value: 1 - rhythm.missedShare / 0.8, weight: 0.2),
            Part(
                name: "constant_size",
                value: isSized ? evidence.sizes.commonest?.share : nil,
                weight: 0.15),
            Part(name: "failures", value: known > 0 ? Double(failures) / known : nil, weight: 0.1),
        ]
    }

    private static func chance(_ evidence: Double) -> Double {
        switch evidence {
        case ..<3: 0
        case ..<9.5: 0.8 * (evidence - 3) / 6.5
        case ..<24: 0.8 + 0.1 * (evidence - 9.5) / 14.5
        case ..<100: 0.9 + 0.1 * (evidence - 24) / 76
        default: 1
        }
    }

    private static func logarithmic(_ value: Double, from low: Double, to high: Double) -> Double {
        value <= low ? 0 : min(1, log(value / low) / log(high / low))
    }
}
