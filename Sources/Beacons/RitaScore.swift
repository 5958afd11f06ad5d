internal import Glibc

/// The score that RITA v5 gives a pair of hosts (activecm/rita, `analysis/beacons.go`), to compare with.
///
/// Four parts of 0.25 each over the last 24 hours: how even the gaps are, how even the sizes are, how even the hours are, and how
/// many hours there are.
public struct RitaScore: Hashable, Sendable {
    /// Of the gaps between distinct whole seconds.
    public var timestamps: Double
    /// Of the bytes sent.
    public var sizes: Double
    /// Of the calls in each 24th of the window.
    public var histogram: Double
    /// Of the 24ths with a call.
    public var duration: Double

    /// The mean, three digits behind the point.
    public var value: Double { Self.rounded((timestamps + sizes + histogram + duration) / 4) }

    /// Where the window begins that ends with the last second of a log: 24 hours before, at a full hour.
    public static func windowStart(last: Int64) -> Int64 { (last - 86_400) / 3600 * 3600 }

    /// Scores calls; nil: RITA says nothing of fewer than 4 distinct seconds.
    ///
    /// - Parameters:
    ///   - calls: when, whole seconds since 1970, and the bytes sent with IP's and TCP's headers.
    ///   - window: the first and the last second of any call in the log from ``windowStart(last:)`` on.
    public init?(calls: [(second: Int64, bytes: UInt64)], window: ClosedRange<Int64>) {
        let calls = calls.filter { window.contains($0.second) }
        let seconds = Set(calls.map(\.second)).sorted()
        guard seconds.count >= 4, calls.count < 86_400 else { return nil }
        let gaps = zip(seconds.dropFirst(), seconds).map { Double($0 - $1) }
        timestamps = Self.evenness(gaps.sorted(), ofNothing: 1)
        sizes = Self.evenness(calls.map { Double($0.bytes) }.sorted(), ofNothing: 0)
        let bars = Self.bars(calls.map(\.second), window: window)
        histogram = Self.histogram(bars)
        duration = Self.duration(bars, seconds: seconds, window: window)
    }

    /// The mean of what a skew and a median deviation leave of 1.
    private static func evenness(_ sorted: [Double], ofNothing: Double) -> Double {
        guard sorted.count >= 3 else { return 0 }
        let half = sorted.count / 2
        let (first, second, third) = (
            median(Array(sorted[..<half])), median(sorted), median(Array(sorted[(sorted.count - half)...]))
        )
        var skew = 0.0
        if third - first >= 10, second != first, second != third {
            skew = (first + third - 2 * second) / (third - first)
        }
        let deviation = median(sorted.map { abs($0 - second) }.sorted())
        let spread = second < 1 ? ofNothing : max(0, (second - deviation) / second)
        return rounded((1 - abs(skew) + spread) / 2)
    }

    private static func median(_ sorted: [Double]) -> Double {
        let half = sorted.count / 2
        if sorted.isEmpty { return 0 }
        return sorted.count.isMultiple(of: 2) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[half]
    }

    private static func bars(_ seconds: [Int64], window: ClosedRange<Int64>) -> [Int] {
        var bars = [Int](repeating: 0, count: 24)
        let width = Double(window.upperBound - window.lowerBound) / 24
        for second in seconds {
            let place = width > 0 ? Int(Double(second - window.lowerBound) / width) : 0
            bars[min(max(place, 0), 23)] += 1
        }
        return bars
    }

    private static func histogram(_ bars: [Int]) -> Double {
        let mean = Double(bars.reduce(0, +)) / Double(bars.count)
        guard mean > 0 else { return 0 }
        let variance = bars.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(bars.count)
        let variation = variance.squareRoot() / mean
        let even = variation > 1 ? 0 : rounded(1 - variation)
        let filled = bars.filter { $0 > 0 }
        guard filled.count >= 11 else { return even }
        // Two heights, as of a beacon that sometimes speaks twice.
        let width = max(1, Int((0.05 * Double(bars.max() ?? 0)).rounded(.up)))
        var heights: [Int: Int] = [:]
        for bar in filled { heights[bar / width, default: 0] += 1 }
        let most = heights.values.sorted(by: >).prefix(2).reduce(0, +)
        return max(even, rounded(min(1, Double(most) / Double(max(filled.count - 1, 1)))))
    }

    private static func duration(_ bars: [Int], seconds: [Int64], window: ClosedRange<Int64>) -> Double {
        guard bars.filter({ $0 > 0 }).count >= 6, let first = seconds.first, let last = seconds.last else { return 0 }
        let length = Double(window.upperBound - window.lowerBound)
        let coverage = length > 0 ? min(1, (Double(last - first) / length * 1000).rounded(.up) / 1000) : 0
        var (longest, run) = (0, 0)
        // Round the end, once.
        for bar in bars + bars {
            run = bar > 0 ? run + 1 : 0
            longest = max(longest, min(run, 24))
        }
        return max(coverage, min(1, (Double(longest) / 12 * 1000).rounded(.up) / 1000))
    }

    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
