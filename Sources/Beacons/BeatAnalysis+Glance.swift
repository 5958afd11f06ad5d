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
}
