public import Model

/// Compares what was recorded with what the kernel counts by itself, for each network namespace.
///
/// Of every attempt two times are known between which the kernel counted its SYN: when the program called, and
/// when the record was written. Of every reading of the counters two times are known as well. So what a reading
/// has to hold is known but for what was under way at that very moment, and a difference is told only when it is
/// there even if all of that is taken in its favour. docs/DESIGN.md has the comparison of each counter.
///
/// Pure: knows no kernel and no clock.
public struct Reconciliation {
    /// The kernel's counters, and when they were read.
    public struct Reading: Sendable {
        /// Inode number of the namespace.
        public var namespace: UInt32
        /// What it counts.
        public var counters: NetworkCounters
        /// CLOCK_BOOTTIME before and after, nanoseconds.
        public var time: ClosedRange<UInt64>

        /// Makes a reading.
        public init(namespace: UInt32, counters: NetworkCounters, time: ClosedRange<UInt64>) {
            self.namespace = namespace
            self.counters = counters
            self.time = time
        }
    }

    /// What is known to be missing now and was not before.
    public struct Difference: Sendable, Hashable {
        /// SYNs that the kernel counted.
        public var syns: UInt64 = 0
        /// Datagrams that the kernel counted.
        public var datagrams: UInt64 = 0
        /// In which time, nanoseconds of CLOCK_BOOTTIME.
        public var windowBootNanoseconds: ClosedRange<UInt64> = 0...0
    }

    /// Namespaces that are followed at the most.
    public static let limit = 64
    /// How long a reading waits for records that are late: longer than `recursion` takes to be certain.
    public static let graceNanoseconds: UInt64 = 5_000_000_000

    private let lagNanoseconds: UInt64
    private var ledgers = LedgerTable()
    /// Missing in namespaces that are gone.
    private var missingBefore: UInt64 = 0
    private var toldSyns: UInt64 = 0
    private var toldDatagrams: UInt64 = 0
    private var lastEvaluation: UInt64

    /// Makes one that knows no namespace.
    ///
    /// - Parameters:
    ///   - lagNanoseconds: how long after a `begun` record the kernel may count the SYN; 0: it has by then.
    ///   - now: CLOCK_BOOTTIME, nanoseconds.
    public init(lagNanoseconds: UInt64, now: UInt64) {
        self.lagNanoseconds = lagNanoseconds
        lastEvaluation = now
    }

    /// Whether a namespace is followed.
    public func isFollowed(_ namespace: UInt32) -> Bool { ledgers[namespace] != nil }

    /// Whether one more can be.
    public var hasRoom: Bool { ledgers.count < Self.limit }

    /// The namespaces that are followed, each with processes that were seen in it last.
    public var followed: [UInt32: [UInt32]] {
        Dictionary(uniqueKeysWithValues: ledgers.entries.map { ($0, $1.pids) })
    }

    /// Counts from here on in a namespace that is seen for the first time.
    public mutating func follow(_ reading: Reading) {
        guard hasRoom, !isFollowed(reading.namespace) else { return }
        ledgers[reading.namespace] = NamespaceLedger(reading)
    }

    /// Takes what was observed of an attempt.
    /// - Returns: whether its namespace is followed; else nothing was taken.
    @discardableResult
    public mutating func note(_ attempt: Attempt) -> Bool {
        // In place: this is done for every attempt.
        ledgers.update(attempt.networkNamespace) {
            if attempt.transport == .tcp { $0.note(attempt, lagNanoseconds: lagNanoseconds) }
        }
    }

    /// Takes the datagrams of a flow that ended.
    public mutating func note(datagrams: UInt64, in namespace: UInt32) {
        ledgers.update(namespace) { $0.noteDatagrams(datagrams) }
    }

    /// Takes the last readings of the run: what is noted from now on is compared with them alone.
    ///
    /// ``beat(_:now:isDrained:explained:isDatagramsCertain:isFinal:untold:)`` is to follow with the same ones.
    public mutating func close(_ readings: [Reading]) {
        for reading in readings { ledgers.update(reading.namespace) { $0.close(reading) } }
    }

    /// SYNs by which the last readings are ahead of the records now; some may still be on their way.
    public var aheadSyns: UInt64 { ledgers.ledgers.reduce(0) { $0 + $1.ahead } }

    /// Datagrams by which the readings are ahead of the flows that ended and of those given.
    public func aheadDatagrams(_ readings: [Reading], underWay: [UInt32: UInt64]) -> UInt64 {
        readings.reduce(0) {
            $0 + (ledgers[$1.namespace]?.aheadDatagrams(of: $1, underWay: underWay[$1.namespace] ?? 0) ?? 0)
        }
    }

    /// Takes the readings of a heartbeat.
    ///
    /// - Parameters:
    ///   - readings: every namespace that could be read; those that could not are let go. What has been noted until now
    ///     was in the ring before they were made.
    ///   - now: CLOCK_BOOTTIME, nanoseconds.
    ///   - isDrained: the ring has been read empty.
    ///   - explained: records that are told as lost already and may have been of attempts.
    ///   - isDatagramsCertain: whether no flow's count is missing.
    ///   - isFinal: everything that will ever come has been noted.
    ///   - untold: attempts of which no record is in the ring yet; asked only when something seems to be missing.
    public mutating func beat(
        _ readings: [Reading], now: UInt64, isDrained: Bool, explained: UInt64, isDatagramsCertain: Bool,
        isFinal: Bool, untold: () -> [Attempt]
    ) -> (comparisons: [NamespaceComparison], difference: Difference) {
        var comparisons: [NamespaceComparison] = []
        let isPatienceOver: (UInt64) -> Bool = { isFinal || isDrained && now &- $0 >= Self.graceNanoseconds }
        var read = Set<UInt32>()
        for reading in readings {
            read.insert(reading.namespace)
            guard var ledger = ledgers[reading.namespace], !ledger.isOther(than: reading) else {
                // Its number may have been another's, which is gone.
                missingBefore += ledgers[reading.namespace]?.missingSyns ?? 0
                ledgers[reading.namespace] = nil
                follow(reading)
                if isFollowed(reading.namespace) {
                    comparisons.append(
                        NamespaceComparison(
                            inode: reading.namespace, kernel: nil, recordedSyns: 0, recordedDatagrams: 0))
                }
                continue
            }
            ledger.evaluate(ifPatienceOver: isPatienceOver, untold: untold)
            if isFinal, isDatagramsCertain { ledger.evaluateDatagrams(reading) }
            comparisons.append(ledger.comparison(reading))
            if !isFinal { ledger.await(reading) }
            ledgers[reading.namespace] = ledger
        }
        for (namespace, var ledger) in ledgers.entries where !read.contains(namespace) {
            ledger.evaluate(ifPatienceOver: isPatienceOver, untold: untold)
            ledgers[namespace] = ledger
            guard !ledger.isAwaiting else { continue }
            missingBefore += ledger.missingSyns
            ledgers[namespace] = nil
        }
        return (comparisons, difference(explained: explained, now: now))
    }

    /// What is missing, less what is explained and what was told.
    private mutating func difference(explained: UInt64, now: UInt64) -> Difference {
        let missing = ledgers.ledgers.reduce(missingBefore) { $0 + $1.missingSyns }
        let datagrams = ledgers.ledgers.reduce(0) { $0 + $1.missingDatagrams }
        var difference = Difference()
        let due = missing > explained ? missing - explained : 0
        difference.syns = due > toldSyns ? due - toldSyns : 0
        difference.datagrams = datagrams > toldDatagrams ? datagrams - toldDatagrams : 0
        toldSyns += difference.syns
        toldDatagrams += difference.datagrams
        difference.windowBootNanoseconds = min(lastEvaluation, now)...now
        if ledgers.ledgers.allSatisfy({ !$0.isMissingAny }) || difference.syns + difference.datagrams > 0 {
            lastEvaluation = now
        }
        return difference
    }
}
