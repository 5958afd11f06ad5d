import Beacons
import Foundation
import Model

/// Numbers by chance that are the same in each run (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        return bits ^ bits >> 31
    }

    /// 0 up to but not including 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func exponential(_ mean: Double) -> Double { -mean * log(1 - unit()) }

    mutating func normal() -> Double { (-2 * log(1 - unit())).squareRoot() * cos(2 * .pi * unit()) }

    mutating func lognormal(_ median: Double, _ deviation: Double) -> Double { median * exp(deviation * normal()) }

    /// 1 or more, the mean 1/`share`.
    mutating func geometric(_ share: Double) -> Int { 1 + Int(log(1 - unit()) / log(1 - share)) }

    /// Even in the logarithm.
    mutating func spread(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound * pow(range.upperBound / range.lowerBound, unit())
    }
}

/// A beacon that was made up.
struct MadeUpBeacon {
    var period: Double
    /// The largest deviation of a gap, as a share of the period.
    var jitter: Double
    /// Whether gaps are shortened as well as made longer; if not, only shortened.
    var isTwoSided: Bool
    var beats: Int
    /// The share of beats that are missing.
    var missed: Double

    /// When it calls, seconds.
    func times(_ numbers: inout SeededNumbers) -> [Double] {
        var times: [Double] = []
        var time = 1.0
        while times.count < beats {
            let draw = isTwoSided ? 2 * numbers.unit() - 1 : -numbers.unit()
            time += period * (1 + jitter * draw)
            if numbers.unit() >= missed { times.append(time) }
        }
        return times
    }
}

/// How calls come that are no beacon.
enum BenignTraffic: CaseIterable {
    /// At any moment with the same probability.
    case poisson
    /// As somebody reads and clicks.
    case person
    /// Pages of several calls, the pages at any moment.
    case pages
    /// Pages after rests of which few are long.
    case restlessPages
    /// Pages as somebody reads.
    case readPages

    /// `count` calls about `mean` seconds apart.
    func times(_ count: Int, mean: Double, _ numbers: inout SeededNumbers) -> [Double] {
        let deviation = 0.9 + 1.1 * numbers.unit()
        let within: Double = [0.02, 0.1, 0.5, 2.0].randomElement(using: &numbers) ?? 1
        let share: Double = [0.1, 0.2, 0.4].randomElement(using: &numbers) ?? 1
        var times: [Double] = []
        var time = 0.0
        while times.count < count {
            switch self {
            case .poisson, .pages: time += numbers.exponential(mean)
            case .person: time += numbers.lognormal(mean, deviation)
            case .restlessPages: time += mean * (pow(1 - numbers.unit(), -1 / 1.3) - 0.95)
            case .readPages: time += numbers.lognormal(mean, 1.2)
            }
            guard self != .poisson, self != .person else {
                times.append(time)
                continue
            }
            for _ in 0..<numbers.geometric(share) {
                times.append(time)
                time += numbers.exponential(within)
            }
        }
        return Array(times.prefix(count))
    }
}

extension CallStore {
    /// Takes calls at these times, of a size by chance or always the same.
    mutating func add(
        _ times: [Double], caller: String = "/usr/bin/thing", to domain: String,
        bytes: (inout SeededNumbers) -> UInt64?,
        _ numbers: inout SeededNumbers
    ) {
        for time in times {
            add(
                Call(
                    caller: Caller(.program, caller),
                    destination: Destination(.domain(domain), port: 443, transport: .tcp),
                    nanoseconds: 1_700_000_000_000_000_000 + Int64(time * 1e9), ending: .answered,
                    bytesSent: bytes(&numbers)))
        }
    }
}

/// Which destinations are called beacons when a program calls these.
struct Trial {
    var isFound = false
    var falseFindings = 0

    /// A beacon among benign keys of the same program.
    init(_ beacon: MadeUpBeacon, benign: Int, _ numbers: inout SeededNumbers) {
        var store = CallStore()
        let times = beacon.times(&numbers)
        let isConstant = numbers.unit() < 0.5
        store.add(times, to: "beacon.example", bytes: { isConstant ? 240 : 100 + $0.next() % 4000 }, &numbers)
        for index in 0..<benign {
            store.addBenign(to: "benign\(index).example", &numbers)
        }
        for finding in store.findings(allowed: AllowList([])) where finding.isBeacon {
            switch finding.destination.domain {
            case "beacon.example": isFound = true
            default: falseFindings += 1
            }
        }
    }
}

extension CallStore {
    /// Takes 6 to 1,000 calls that are no beacon.
    mutating func addBenign(to domain: String, _ numbers: inout SeededNumbers) {
        let kind = BenignTraffic.allCases.randomElement(using: &numbers) ?? .poisson
        let times = kind.times(Int(numbers.spread(6...1000)), mean: numbers.spread(1...3600), &numbers)
        add(times, to: domain, bytes: { 100 + $0.next() % 4000 }, &numbers)
    }
}
