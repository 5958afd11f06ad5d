/// How many records a second, over the last minute.
struct Rates {
    private var marks: [String: [(time: ContinuousClock.Instant, records: UInt64)]] = [:]

    /// The rate of a destination that has delivered so many records by now.
    mutating func rate(of name: String, _ records: UInt64) -> Double {
        let now = ContinuousClock.now
        var marks = self.marks[name] ?? []
        marks.append((now, records))
        if let first = marks.firstIndex(where: { now - $0.time <= .seconds(61) }) { marks.removeSubrange(..<first) }
        self.marks[name] = marks
        guard let first = marks.first, now > first.time else { return 0 }
        return Double(records - first.records) / ((now - first.time) / .seconds(1))
    }
}
