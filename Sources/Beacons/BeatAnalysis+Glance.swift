internal import Glibc

extension BeatAnalysis {
    /// Whether a closer look at calls is worth its time: there is a way to count bursts as one so that the middle half of
    /// the gaps differ by less than a factor of four.
    ///
    /// - Parameter times: of the calls, seconds, ascending.
    static func mayHaveRhythm(_ times: [Double]) -> Bool {
        guard times.count >= fewestBeats else { return false }
        let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
        for floor in floors(gaps, resolution: 0.005) {
            let longer = gaps.filter { $0 > floor }.sorted()
            guard longer.count >= fewestBeats - 1 else { continue }
            if longer[longer.count * 3 / 4] < 4 * longer[longer.count / 4] { return true }
        }
        return false
    }

    /// Whether gaps are worth a fit: the middle half of them are alike, or more have one length than chance makes likely.
    ///
    /// Even jitter of ±50 % with a third of the beats missing differs by a factor of 2.2 in the middle half, exponential gaps by
    /// 4.8; by chance the more often by less, the fewer they are. Where most beats are missing, or strays come in between, the
    /// period itself is still the length of some; of exponential gaps 8 % at the most lie within a quarter of one length, 2 %
    /// within a sixteenth.
    ///
    /// - Parameter sorted: the gaps, ascending.
    static func areWorthAFit(_ sorted: [Double]) -> Bool {
        guard sorted.count >= fewestBeats - 1 else { return false }
        let count = Double(sorted.count)
        if sorted[sorted.count * 3 / 4] < (3 + 8 / count) * sorted[sorted.count / 4] { return true }
        return [(1.25, 2 + 0.25 * count), (1.0625, 3.5 + 0.07 * count)].contains { factor, enough in
            zip(sorted.dropFirst(Int(enough) - 1), sorted).contains { $0 < factor * $1 }
        }
    }
}
