internal import Following
internal import Logs

extension ShipStatus.Destination {
    /// What a ledger and a look at the folder say together.
    init(_ figures: Ledger.Figures, name: String, _ backlog: Backlog, rate: Double) {
        self.init(
            name: name, deliveredRecords: figures.records, deliveredBytes: figures.bytes,
            rejectedRecords: figures.rejected, skippedRecords: figures.skipped, batches: figures.batches,
            retries: figures.retries, recordsPerSecond: rate, behindBytes: backlog.bytes,
            behindRecords: backlog.records, behindSeconds: backlog.seconds, trouble: figures.trouble,
            troubleSince: figures.troubleSince, lastDelivery: figures.lastDelivery,
            file: figures.position?.file.description, offset: figures.position?.offset)
    }

    /// What was behind it when it was looked at last.
    var backlog: Backlog {
        var backlog = Backlog()
        (backlog.bytes, backlog.records, backlog.seconds) = (behindBytes, behindRecords, behindSeconds)
        return backlog
    }
}
