internal import Following
internal import Logs

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

extension ShipStatus.Destination {
    init(_ figures: Ledger.Figures, name: String, _ backlog: Backlog, rate: Double) {
        self.init(
            name: name, deliveredRecords: figures.records, deliveredBytes: figures.bytes,
            rejectedRecords: figures.rejected, skippedRecords: figures.skipped, batches: figures.batches,
            retries: figures.retries, recordsPerSecond: rate, behindBytes: backlog.bytes,
            behindRecords: backlog.records, behindSeconds: backlog.seconds, trouble: figures.trouble,
            troubleSince: figures.troubleSince, lastDelivery: figures.lastDelivery,
            file: figures.position?.file.description, offset: figures.position?.offset)
    }
}
