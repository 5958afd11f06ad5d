public import Model

/// Follows UDP flows from their first datagram to their end: the socket's, or a minute of silence.
///
/// The kernel counts; this knows whose counts they are.
public struct FlowTracker {
    /// Flows that are followed at the most; more, and the oldest end early, with their counts.
    public static let limit = 131_072

    private struct Flow {
        var event: AttemptEvent
        /// When the flow was last seen alive, as far as was asked.
        var lastBootNanoseconds: UInt64
    }

    /// Reads what the kernel counts of the flow of an attempt, which then may be told to forget it.
    ///
    /// What it forgets is told anew by the next datagram; nil: it has forgotten the flow.
    public typealias Counters = (Attempt, _ forgets: Bool) -> FlowCounters?

    private let idleNanoseconds: UInt64
    private var flows: [UInt64: Flow] = [:]
    private var socketFlows: [UInt64: FlowIDs] = [:]
    private var nextSweep: UInt64?

    /// Makes a tracker.
    ///
    /// - Parameter idleNanoseconds: how long a flow must be silent to have ended; the kernel's own
    ///   `flow_idle_ns`, so that both agree on what the next datagram is.
    public init(idleNanoseconds: UInt64) {
        self.idleNanoseconds = idleNanoseconds
    }

    /// Flows that had datagrams which are in no event: the kernel had forgotten them, or there were too many.
    public private(set) var uncountedFlows: UInt64 = 0

    /// Number of flows that are followed.
    public var count: Int { flows.count }

    /// When ``sweep(now:counters:emit:)`` has something to do; nil: there are no flows.
    public var nextDeadline: UInt64? { flows.isEmpty ? nil : nextSweep }

    /// Takes the attempt that begins a flow.
    public mutating func begin(
        _ attempt: Attempt, by attribution: Attribution, counters: Counters, emit: (TraceEvent) -> Void
    ) {
        guard attempt.socketGeneration != 0, flows[attempt.id] == nil else { return }
        if flows.count >= Self.limit {
            // Ids grow with time.
            for id in flows.keys.sorted().prefix(Self.limit / 8) {
                let before = uncountedFlows
                end(id, counters: counters, emit: emit)
                // The kernel may count on.
                uncountedFlows = before + 1
            }
        }
        flows[attempt.id] = Flow(
            event: AttemptEvent(attempt: attempt, attribution: attribution),
            lastBootNanoseconds: attempt.observedBootNanoseconds)
        socketFlows[attempt.socketGeneration, default: FlowIDs()].append(attempt.id)
        if nextSweep == nil { nextSweep = attempt.observedBootNanoseconds &+ idleNanoseconds }
    }

    /// The attempt that a flow began with; nil when it is not followed.
    public func event(ofAttempt id: UInt64) -> AttemptEvent? { flows[id]?.event }

    /// Takes an end that the kernel saw.
    ///
    public mutating func end(_ end: FlowEnd, counters: Counters, emit: (TraceEvent) -> Void) {
        finish(end.counters.attemptID, with: end.counters, emit: emit)
        guard end.hasSocketDied else { return }
        guard let others = socketFlows[end.socketGeneration], !others.isEmpty else { return }
        for id in others.all { self.end(id, counters: counters, emit: emit) }
        socketFlows[end.socketGeneration] = nil
    }

    /// Ends the flows that were silent for long enough.
    ///
    /// - Parameter goesOn: told of each of the others that was looked at, about once a minute, as if it ended now.
    public mutating func sweep(
        now: UInt64, counters: Counters, goesOn: (DisconnectEvent) -> Void = { _ in }, emit: (TraceEvent) -> Void
    ) {
        // A second more than the kernel waits: whatever comes now is an attempt anew for it too.
        let patience = idleNanoseconds &+ 1_000_000_000
        var next = UInt64.max
        for (id, flow) in flows.sorted(by: { $0.key < $1.key }) {
            var last = flow.lastBootNanoseconds
            if Self.elapsed(since: last, now: now) > patience {
                let current = counters(flow.event.attempt, false)
                last = max(last, current?.lastBootNanoseconds ?? 0)
                if Self.elapsed(since: last, now: now) > patience {
                    // What came since then is of this flow too.
                    finish(id, with: counters(flow.event.attempt, true) ?? current, emit: emit)
                    continue
                }
                flows[id]?.lastBootNanoseconds = last
                if let current { goesOn(DisconnectEvent(flow.event, current)) }
            }
            next = min(next, last &+ patience &+ 1)
        }
        nextSweep = flows.isEmpty ? nil : max(next, now &+ 1_000_000_000)
    }

    /// Ends every flow, with what was counted until now: tracing ends.
    public mutating func finish(counters: Counters, emit: (TraceEvent) -> Void) {
        for id in flows.keys.sorted() { end(id, counters: counters, emit: emit) }
    }

    /// What the kernel counts now for the flows that are followed: datagrams by network namespace.
    public func datagrams(counters: Counters) -> [UInt32: UInt64] {
        var sums: [UInt32: UInt64] = [:]
        for flow in flows.values where flow.event.attempt.transport.isUDP {
            sums[flow.event.attempt.networkNamespace, default: 0] += counters(flow.event.attempt, false)?.datagrams ?? 0
        }
        return sums
    }

    /// 0 when `last` is later: the kernel counts on while this looks.
    private static func elapsed(since last: UInt64, now: UInt64) -> UInt64 { now > last ? now - last : 0 }

    private mutating func end(_ id: UInt64, counters: Counters, emit: (TraceEvent) -> Void) {
        guard let flow = flows[id] else { return }
        finish(id, with: counters(flow.event.attempt, true), emit: emit)
    }

    private mutating func finish(_ id: UInt64, with counters: FlowCounters?, emit: (TraceEvent) -> Void) {
        guard let flow = flows.removeValue(forKey: id) else { return }
        let generation = flow.event.attempt.socketGeneration
        socketFlows[generation]?.remove(id)
        if socketFlows[generation]?.isEmpty == true { socketFlows[generation] = nil }
        if counters == nil, flow.event.attempt.outcome == .sent { uncountedFlows += 1 }
        // A single send that failed is told in full by its attempt.
        guard let counters, counters.datagrams > 0 || counters.failures > 1 else { return }
        emit(.disconnected(DisconnectEvent(flow.event, counters)))
    }
}

extension DisconnectEvent {
    /// What was counted of a flow, as its end tells it.
    fileprivate init(_ event: AttemptEvent, _ counters: FlowCounters) {
        self.init(
            attempt: event.attempt, attribution: event.attribution,
            endedBootNanoseconds: counters.lastBootNanoseconds, traffic: .flow(counters))
    }
}
