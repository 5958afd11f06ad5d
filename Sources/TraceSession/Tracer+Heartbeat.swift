internal import Attribution
internal import Capture
internal import Glibc
internal import Lifecycle
internal import Logs
internal import Model

/// Life signs, and the comparison with what the kernel counts by itself.
extension Tracer {
    /// Whether the kernel's counters can be compared: they count everybody.
    static func isReconciling(_ options: TraceOptions) -> Bool {
        options.heartbeat > .zero && options.filter.restrictions.isEmpty
    }

    /// What a network namespace counts now, through one of some processes in it; nil: none is any more.
    static func reading(of namespace: UInt32, through pids: [UInt32]) -> Reconciliation.Reading? {
        let before = SystemContext.bootNanoseconds()
        guard let counters = ProcessFileSystem().networkCounters(of: namespace, through: pids) else { return nil }
        return Reconciliation.Reading(
            namespace: namespace, counters: counters, time: before...max(before, SystemContext.bootNanoseconds()))
    }

    /// Begins to compare.
    func startReconciliation() {
        guard Self.isReconciling(options) else { return }
        // In this set the record is written as the socket enters SYN_SENT, just before the kernel counts. A second is
        // far longer than a thread is kept from going on in between.
        let lag: UInt64 = capture.hookSet == .tracepoint ? 1_000_000_000 : 0
        pipeline.reconciliation = Reconciliation(lagNanoseconds: lag, now: SystemContext.bootNanoseconds())
        for reading in readNamespaces().readings { pipeline.reconciliation?.follow(reading) }
    }

    /// The counters of all namespaces that are known and can be read, tattle's own first, then those followed.
    private func readNamespaces() -> (readings: [Reconciliation.Reading], omittedCount: Int) {
        var members = pipeline.networkNamespaces(limit: 4)
        let followed = pipeline.reconciliation?.followed ?? [:]
        for (namespace, pids) in followed { members[namespace, default: []] += pids.reversed() }
        let own = SystemContext.inode(of: "/proc/self/ns/net")
        members[own, default: []].insert(UInt32(getpid()), at: 0)
        let order = members.keys.sorted {
            let (first, second) = (
                $0 == own ? 0 : followed[$0] != nil ? 1 : 2, $1 == own ? 0 : followed[$1] != nil ? 1 : 2
            )
            return first == second ? $0 < $1 : first < second
        }
        var readings: [Reconciliation.Reading] = []
        for (index, namespace) in order.enumerated() {
            guard readings.count < Reconciliation.limit else { return (readings, order.count - index) }
            if let reading = Self.reading(of: namespace, through: members[namespace] ?? []) { readings.append(reading) }
        }
        return (readings, 0)
    }

    /// Writes a heartbeat when it is time.
    func beatIfDue(now: UInt64) {
        guard let due = nextBeat, due <= now else { return }
        nextBeat = now &+ options.heartbeat.nanosecondsClamped
        capture.attachLateHooks()
        checkLosses(isFinal: false, isDue: true)
        let isDrained = log.isOverLimit ? false : drainAll()
        let (readings, omitted) = pipeline.reconciliation == nil ? ([], 0) : readNamespaces()
        beat(readings, omitted: omitted, isDrained: isDrained, isFinal: false)
    }

    /// Reads the counters a last time, and waits for what is on its way to the ring: a moment, if anything is.
    ///
    /// The hooks are live still: whatever the counters hold by now is recorded then, or was missed.
    func closeReconciliation() {
        guard pipeline.reconciliation != nil else { return }
        drainAll()
        lastReadings = readNamespaces()
        pipeline.reconciliation?.close(lastReadings.readings)
        let deadline = SystemContext.bootNanoseconds() &+ 1_000_000_000
        while SystemContext.bootNanoseconds() < deadline {
            drainAll()
            if pipeline.reconciliation?.aheadSyns ?? 0 <= lostAttempts, !isAheadOfFlows { return }
            usleep(20_000)
        }
    }

    /// Whether the last readings hold more datagrams than the flows, ended or not; no, where that could not be told.
    private var isAheadOfFlows: Bool {
        guard let reconciliation = pipeline.reconciliation, isDatagramsCertain else { return false }
        let underWay = pipeline.flows.datagrams { capture.counters(of: $0, forgets: $1) }
        return reconciliation.aheadDatagrams(lastReadings.readings, underWay: underWay) > 0
    }

    /// Whether every flow's count is known.
    private var isDatagramsCertain: Bool { lostRecords == 0 && pipeline.flows.uncountedFlows == 0 }

    /// Writes a last heartbeat: everything is known now.
    func beatFinally() {
        guard nextBeat != nil else { return }
        beat(lastReadings.readings, omitted: lastReadings.omittedCount, isDrained: true, isFinal: true)
    }

    /// Reads the ring until it is empty, or much was in it; returns whether it is empty.
    @discardableResult
    func drainAll() -> Bool {
        for _ in 0..<4 where drainSome() == 0 { return true }
        return false
    }

    private func beat(
        _ readings: [Reconciliation.Reading], omitted: Int, isDrained: Bool, isFinal: Bool
    ) {
        let now = SystemContext.bootNanoseconds()
        // Asks the pipeline, and so not while this has hold of it.
        let isCertain = isDatagramsCertain
        let result = pipeline.reconciliation?.beat(
            readings, now: now, isDrained: isDrained, explained: lostAttempts,
            isDatagramsCertain: isCertain, isFinal: isFinal,
            untold: { isFinal ? [] : capture.untoldAttempts() })
        pipeline.unreadNamespaces = []
        if let difference = result?.difference { tell(difference) }
        let heartbeat = Heartbeat(
            bootNanoseconds: now, previousBootNanoseconds: min(lastBeat, now), isFinal: isFinal,
            totals: totals, rules: ruleCounts, use: use(), isReconciled: result != nil,
            namespaces: result?.comparisons ?? [], omittedNamespaces: omitted)
        emit(.heartbeat(heartbeat))
        writeMetrics(heartbeat)
        lastBeat = now
    }

    private func tell(_ difference: Reconciliation.Difference) {
        let counts = [
            (difference.syns, difference.syns, "TcpActiveOpens"), (difference.datagrams, 0, "UdpOutDatagrams"),
        ]
        for (count, attempts, counter) in counts where count > 0 {
            tell(
                LossEvent(
                    cause: .unaccounted, count: count, attempts: attempts, processRecords: 0, hook: nil,
                    windowBootNanoseconds: difference.windowBootNanoseconds, counter: counter))
        }
    }
}
