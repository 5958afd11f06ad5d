internal import Following
internal import Logs
internal import Synchronization

/// Measures how it stands with every destination, and writes it where it is read.
actor Reporter {
    private let executor = QueueExecutor("status")
    private let ledgers: [Ledger]
    /// Where the status goes, and the metrics.
    private let statusFile: String
    private let metricsFile: String?
    private let isOnce: Bool
    private let latest: LatestStatus
    private let say: @Sendable (String) -> Void
    private var reader: BacklogReader
    private var rates = Rates()
    /// Files that cannot be written, which is told.
    private var failing: Set<String> = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Makes one; nothing is written.
    ///
    /// - Parameter isOnce: whether it ends soon: then being behind is nothing to tell.
    init(
        _ ledgers: [Ledger], of folder: String, statusFile: String, metricsFile: String?, isOnce: Bool,
        latest: LatestStatus, say: @escaping @Sendable (String) -> Void
    ) {
        (self.ledgers, self.statusFile, self.metricsFile) = (ledgers, statusFile, metricsFile)
        (self.isOnce, self.latest, self.say) = (isOnce, latest, say)
        reader = BacklogReader(folder: folder)
    }

    /// Looks, and writes it, every few seconds until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            report(isEnded: false)
            try? await Task.sleep(for: .seconds(5))
        }
    }

    /// Looks, and writes it, once.
    func report(isEnded: Bool) {
        var status = latest.status
        let before = status.destinations
        (status.updated, status.isEnded) = (unixSeconds(), isEnded)
        status.destinations = ledgers.enumerated().map { index, ledger in
            let figures = ledger.figures
            // What cannot be read now is no less behind than it was; the ledger knows that it cannot.
            let backlog = try? reader.backlog(behind: figures.position)
            if let backlog, !isEnded, !isOnce { ledger.isBehind(backlog) }
            let last = before.indices.contains(index) ? before[index].backlog : Backlog()
            return ShipStatus.Destination(
                figures, name: ledger.name, backlog ?? last, rate: rates.rate(of: ledger.name, figures.records))
        }
        latest.status = status
        replace(statusFile, with: status.json())
        if let metricsFile { replace(metricsFile, with: Array(status.metrics().utf8)) }
    }

    private func replace(_ path: String, with bytes: [UInt8]) {
        let code = AtomicFile(path).replace(bytes)
        if code == 0 {
            if failing.remove(path) != nil { say("'\(path)' is written again") }
        } else if failing.insert(path).inserted {
            say("'\(path)' cannot be written: \(writingFailure(code)); what it says is old until it can")
        }
    }
}

/// How it stands, as of the last look.
final class LatestStatus: Sendable {
    private let state: Mutex<ShipStatus>

    init(_ status: ShipStatus) { state = Mutex(status) }

    var status: ShipStatus {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
