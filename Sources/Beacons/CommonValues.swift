/// The commonest of many values, by space saving with four counters.
///
/// Metwally, Agrawal and El Abbadi, 2005.
///
/// The share of a value that is commoner than one in four is never too small, and too large by at most a quarter of the rest.
struct CommonValues {
    private var values: SIMD4<UInt32> = .zero
    private var counts: SIMD4<UInt16> = .zero

    /// Counts a value.
    mutating func add(_ value: UInt32) {
        var least = 0
        for place in 0..<4 {
            if counts[place] > 0, values[place] == value {
                count(place)
                return
            }
            if counts[place] < counts[least] { least = place }
        }
        values[least] = value
        count(least)
    }

    /// Counts a value; what was counted before counts less and less, so that about the last `limit` matter.
    mutating func add(_ value: UInt32, within limit: UInt16) {
        if counts.wrappedSum() >= limit { counts &>>= SIMD4(repeating: 1) }
        add(value)
    }

    private mutating func count(_ place: Int) {
        if counts[place] == .max { counts &>>= SIMD4(repeating: 1) }
        counts[place] += 1
    }

    /// The commonest value and its share of all; nil: none was counted.
    var commonest: (value: UInt32, share: Double)? {
        var most = 0
        for place in 1..<4 where counts[place] > counts[most] { most = place }
        let all = (0..<4).reduce(0) { $0 + Double(counts[$1]) }
        return all > 0 ? (values[most], Double(counts[most]) / all) : nil
    }
}

/// How often each of eight things was counted; the shares stay right when one has been too often to be counted further.
struct Shares {
    private var counts: SIMD8<UInt16> = .zero

    /// Counts the thing at `place`, 0...7.
    mutating func add(_ place: Int) {
        if counts[place] == .max { counts &>>= SIMD8(repeating: 1) }
        counts[place] += 1
    }

    /// Counts the thing at `other` in the place of one at `place`; false: none was counted there.
    mutating func move(from place: Int, to other: Int) -> Bool {
        guard counts[place] > 0 else { return false }
        counts[place] -= 1
        add(other)
        return true
    }

    /// How many of `total` were the thing at `place`.
    func count(_ place: Int, of total: UInt32) -> Int {
        let all = (0..<8).reduce(0) { $0 + Int(counts[$1]) }
        return all == 0 ? 0 : (Int(counts[place]) * Int(total) + all / 2) / all
    }
}
