internal import Model

/// What was recorded in one network namespace, beside the readings of its counters that it is compared with.
///
/// A recorded SYN is counted unless it is certain that a reading does not, or the first one did already hold it: the
/// sum is the most that the kernel can have counted, and whatever it counted beyond that was not recorded.
struct NamespaceLedger {
    /// What was recorded since the baseline.
    fileprivate struct Recorded {
        var plain: UInt64 = 0
        var multipath: UInt64 = 0
        /// Those whose SYN may be counted any time, or never.
        var unsure: UInt64 = 0

        enum Kind { case plain, multipath, unsure }

        /// Counts one more.
        ///
        /// A key path would say it shorter, and allocate.
        @inline(__always)
        mutating func add(_ kind: Kind) {
            switch kind {
            case .plain: plain += 1
            case .multipath: multipath += 1
            case .unsure: unsure += 1
            }
        }
    }

    /// A reading that waits for records that are late.
    private struct Awaiting {
        var reading: Reconciliation.Reading
        /// What it may hold.
        var recorded: Recorded
        /// Whether something was under way as it was read, so that it may hold that or not.
        var isBlurred: Bool
    }

    private var baseline: Reconciliation.Reading
    /// Whether something was under way at the baseline.
    private var isBaselineBlurred = false
    private var recorded = Recorded()
    /// Missing before the baseline was moved.
    private var missingBefore: UInt64 = 0
    private var missing: UInt64?
    private var awaiting: Awaiting?
    /// When the newest of the recorded SYNs may have been counted at the latest.
    private var newest: UInt64 = 0
    /// Since the last heartbeat.
    private var recent: (syns: Int64, datagrams: UInt64) = (0, 0)
    private var lastCounters: NetworkCounters
    private var datagrams: UInt64 = 0
    private let firstDatagrams: UInt64
    /// Datagrams that the kernel counted and no flow has: known at the end.
    private(set) var missingDatagrams: UInt64 = 0
    private var isDatagramsKnown = false
    private var processes = RecentProcesses()
    /// Processes that were seen in it last, as a way in.
    var pids: [UInt32] { processes.all }

    /// Begins with a first sight.
    init(_ reading: Reconciliation.Reading) {
        baseline = reading
        lastCounters = reading.counters
        firstDatagrams = reading.counters.datagrams
    }

    /// SYNs that are missing, as far as is certain.
    var missingSyns: UInt64 { missingBefore + (missing ?? 0) }

    /// Whether anything is.
    var isMissingAny: Bool { missingSyns > 0 || missingDatagrams > 0 }

    /// Whether a reading waits to be compared.
    var isAwaiting: Bool { awaiting != nil }

    /// Whether a reading is of another namespace, which got this one's number: something has shrunk.
    func isOther(than reading: Reconciliation.Reading) -> Bool {
        reading.counters.growth(since: lastCounters) == nil
    }

    mutating func note(_ attempt: Attempt, lagNanoseconds: UInt64) {
        processes.note(attempt.process.pid)
        switch attempt.phase {
        case .begun:
            // Without a SYN it may follow (fast open), and only the outcome will say.
            add(attempt, until: attempt.isSynSent ? attempt.observedBootNanoseconds &+ lagNanoseconds : .max)
        case .outcome where isLate(attempt, lagNanoseconds: lagNanoseconds): add(attempt, until: .max)
        case .whole where attempt.isSynSent || attempt.outcome == .aborted || attempt.via == .mptcp:
            add(attempt, until: attempt.observedBootNanoseconds)
        case .outcome where !attempt.isSynSent && attempt.outcome.isFailed:
            takeBack(attempt)
        case .whole, .outcome: break
        }
    }

    /// Whether its SYN may be newer than the baseline although its first record is older: fast open.
    ///
    /// Where the hooks do not see that it is fast open, they also write the first record before the SYN.
    private func isLate(_ attempt: Attempt, lagNanoseconds: UInt64) -> Bool {
        attempt.isSynSent && (lagNanoseconds > 0 || attempt.via == .fastOpen)
            && attempt.startedBootNanoseconds <= baseline.time.upperBound
            && attempt.observedBootNanoseconds >= baseline.time.lowerBound
    }

    /// Counts an attempt whose SYN the kernel counted after its start and before `latest`.
    private mutating func add(_ attempt: Attempt, until latest: UInt64) {
        guard latest >= baseline.time.lowerBound else { return }
        let kind: Recorded.Kind = attempt.via == .mptcp ? .multipath : latest == .max ? .unsure : .plain
        recorded.add(kind)
        recent.syns += 1
        if attempt.startedBootNanoseconds <= baseline.time.upperBound { isBaselineBlurred = true }
        // What may never be certain must not blur every reading.
        if latest != .max { newest = max(newest, latest) }
        guard let latest = awaiting?.reading.time.upperBound, attempt.startedBootNanoseconds <= latest else { return }
        awaiting?.recorded.add(kind)
        awaiting?.isBlurred = true
    }

    /// One that was counted has turned out to have sent no SYN.
    private mutating func takeBack(_ attempt: Attempt) {
        // Else it may have begun before the baseline, and not have been counted here.
        guard attempt.startedBootNanoseconds > baseline.time.upperBound, attempt.via != .mptcp else { return }
        recorded.takeBack()
        recent.syns -= 1
        if let reading = awaiting?.reading, attempt.startedBootNanoseconds <= reading.time.upperBound {
            awaiting?.recorded.takeBack()
        }
    }

    mutating func noteDatagrams(_ count: UInt64) {
        datagrams += count
        recent.datagrams += count
    }

    /// How many SYNs the reading that waits has more than were recorded until now.
    var ahead: UInt64 { awaiting.flatMap { difference($0.reading, $0.recorded) } ?? 0 }

    func aheadDatagrams(of reading: Reconciliation.Reading, underWay: UInt64) -> UInt64 {
        let counted = reading.counters.datagrams &- firstDatagrams
        let known = datagrams + underWay
        return reading.counters.datagrams > firstDatagrams && counted > known ? counted - known : 0
    }

    /// A reading is to be compared once its records are in; one at a time, the first.
    mutating func `await`(_ reading: Reconciliation.Reading) {
        guard awaiting == nil else { return }
        awaiting = Awaiting(reading: reading, recorded: recorded, isBlurred: newest > reading.time.lowerBound)
    }

    /// Waits with this reading, whatever waited before: it is the last one.
    mutating func close(_ reading: Reconciliation.Reading) {
        awaiting = nil
        self.await(reading)
    }

    /// Compares the reading that waits, if it has waited long enough.
    mutating func evaluate(ifPatienceOver isPatienceOver: (UInt64) -> Bool, untold: () -> [Attempt]) {
        guard let awaiting, isPatienceOver(awaiting.reading.time.upperBound) else { return }
        self.awaiting = nil
        missing = difference(awaiting.reading, awaiting.recorded)
        if let count = missing, count > 0 {
            let late = untold().count {
                $0.networkNamespace == baseline.namespace && $0.transport == .tcp
                    && $0.startedBootNanoseconds <= awaiting.reading.time.upperBound
            }
            missing = count > late ? count - UInt64(late) : 0
        }
        guard isBaselineBlurred, !awaiting.isBlurred, let missing else { return }
        // From here on it can be said exactly.
        missingBefore += missing
        self.missing = 0
        baseline = awaiting.reading
        isBaselineBlurred = false
        recorded.plain -= min(recorded.plain, awaiting.recorded.plain)
        recorded.multipath -= min(recorded.multipath, awaiting.recorded.multipath)
        // What is unsure stays: it may be counted from here on.
    }

    /// The last reading, when every flow has been counted.
    mutating func evaluateDatagrams(_ reading: Reconciliation.Reading) {
        isDatagramsKnown = true
        missingDatagrams = aheadDatagrams(of: reading, underWay: 0)
    }

    /// What a reading has more than was recorded; nil: they can't be compared.
    ///
    /// The SYNs of further MPTCP subflows are no attempts. What MPTCP's own counter has is never missing here: it
    /// counts connect(), whether a SYN followed or not.
    private func difference(_ reading: Reconciliation.Reading, _ recorded: Recorded) -> UInt64? {
        guard let grown = reading.counters.growth(since: baseline.counters), let opens = grown.tcpActiveOpens else {
            return nil
        }
        let capable = grown.mptcpCapableSyns ?? 0
        if grown.mptcpJoinSyns == nil, capable > 0 || recorded.multipath > 0 || grown.mptcpPassiveSyns ?? 0 > 0 {
            return nil
        }
        let subflows = max(capable, recorded.multipath) + (grown.mptcpJoinSyns ?? 0)
        let known = recorded.plain + recorded.unsure + subflows
        return opens > known ? opens - known : 0
    }

    /// What has happened since the last heartbeat.
    mutating func comparison(_ reading: Reconciliation.Reading) -> NamespaceComparison {
        defer {
            lastCounters = reading.counters
            recent = (0, 0)
        }
        return NamespaceComparison(
            inode: baseline.namespace, kernel: reading.counters.growth(since: lastCounters),
            recordedSyns: recent.syns, recordedDatagrams: recent.datagrams,
            missingSyns: missing.map { missingBefore + $0 },
            missingDatagrams: isDatagramsKnown ? missingDatagrams : nil)
    }
}

extension NamespaceLedger.Recorded {
    /// One less, of those that have been counted.
    fileprivate mutating func takeBack() {
        if unsure > 0 { unsure -= 1 } else if plain > 0 { plain -= 1 }
    }
}

extension Outcome {
    fileprivate var isFailed: Bool { if case .failed = self { true } else { false } }
}
