internal import Attribution
internal import Capture
internal import Lifecycle
internal import Model

/// Observations in, events out: who did it, and how it ended.
///
/// Knows no kernel and no file.
///
/// `counters` reads what the kernel counts for a UDP flow; `emit` gets the events that come of it.
final class Pipeline {
    private(set) var processes: ProcessTable
    private var attempts: AttemptTracker
    private var flows: FlowTracker
    private(set) var totals = Totals()
    private let isFailedOnly: Bool

    typealias Counters = (Attempt) -> FlowCounters?
    typealias Emit = (TraceEvent) -> Void

    init(options: TraceOptions, flowIdleNanoseconds: UInt64, lookUp: @escaping (UInt32) -> ProcessFacts?) {
        processes = ProcessTable(lookUp: lookUp)
        // Whether it failed is known only at its end, so with --failed every attempt waits for that.
        attempts = AttemptTracker(
            settleNanoseconds: options.filter.isFailedOnly ? .max / 2 : options.settle.nanosecondsClamped)
        flows = FlowTracker(idleNanoseconds: flowIdleNanoseconds)
        isFailedOnly = options.filter.isFailedOnly
    }

    /// Adds a process that was running before tattle.
    func add(_ facts: ProcessFacts) { processes.add(facts) }

    /// All that were running before are added.
    func linkParents() { processes.linkParents() }

    /// Records of processes were lost.
    func doubtProcesses(isWidespread: Bool) { processes.doubt(isWidespread: isWidespread) }

    /// When ``expire(now:counters:emit:)`` has something to do; nil: nothing waits.
    func nextDeadline() -> UInt64? {
        [attempts.nextDeadline(), flows.nextDeadline].compactMap { $0 }.min()
    }

    /// Takes one observation.
    func handle(_ observation: Observation, counters: Counters, emit: Emit) {
        switch observation {
        case .exec(let facts): processes.exec(facts)
        case .fork(let fork): processes.fork(fork)
        case .exit(let identity): processes.exit(identity)
        case .attempt(let attempt): handle(attempt, counters: counters, emit: emit)
        case .close(let close):
            attempts.handle(close, attribution: { processes.attribution(of: close.attempt) }) { pass($0, to: emit) }
        case .flowEnd(let end):
            flows.end(end, counters: counters) { pass($0, to: emit) }
        }
    }

    private func handle(_ attempt: Attempt, counters: Counters, emit: Emit) {
        attempts.handle(attempt, attribution: { processes.attribution(of: attempt) }) { event in
            if case .attempted(let event) = event {
                flows.begin(event, counters: counters) { pass($0, to: emit) }
            }
            pass(event, to: emit)
        }
    }

    /// Writes what has waited long enough, and ends flows that fell silent.
    func expire(now: UInt64, counters: Counters, emit: Emit) {
        attempts.expire(now: now) { pass($0, to: emit) }
        if let deadline = flows.nextDeadline, deadline <= now {
            flows.sweep(now: now, counters: counters) { pass($0, to: emit) }
        }
    }

    /// Writes what still waits: tracing ends.
    func finish(counters: Counters, emit: Emit) {
        attempts.finish { pass($0, to: emit) }
        flows.finish(counters: counters) { pass($0, to: emit) }
    }

    /// Notes a loss in the totals.
    func count(lost: UInt64) { totals.lost += lost }

    /// Counts what is wanted and hands it on.
    private func pass(_ event: TraceEvent, to emit: Emit) {
        if isFailedOnly, !Self.tellsOfFailure(event) { return }
        totals.count(event)
        emit(event)
    }

    private static func tellsOfFailure(_ event: TraceEvent) -> Bool {
        switch event {
        case .attempted(let event), .resolved(let event): event.attempt.outcome.isFailure
        case .disconnected: false
        case .started, .lost, .stopped: true
        }
    }
}

extension Outcome {
    /// Whether it failed for good.
    var isFailure: Bool {
        switch self {
        case .failed, .aborted: true
        case .pending, .established, .sent: false
        }
    }
}

extension Totals {
    fileprivate mutating func count(_ event: TraceEvent) {
        switch event {
        case .attempted(let event):
            attempts += 1
            if event.attempt.outcome.isFailure { failed += 1 }
        case .resolved(let event):
            resolved += 1
            if event.attempt.outcome.isFailure { failed += 1 }
        case .disconnected: disconnects += 1
        case .started, .lost, .stopped: break
        }
    }
}
