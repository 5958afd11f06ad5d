internal import Attribution
internal import Capture
internal import Files
internal import Lifecycle
internal import Model

/// Observations in, events out: who did it, and how it ended.
///
/// Knows no kernel and no file.
///
/// `counters` reads what the kernel counts for a UDP flow; `emit` gets the events that come of it.
final class Pipeline {
    var processes: ProcessTable
    var groups: ControlGroupTable
    private var attempts: AttemptTracker
    private(set) var flows: FlowTracker
    private var gate: HashGate<FileKey>
    private var argumentGate: HashGate<ArgumentKey>
    private let executables: Executables?
    /// What the kernel's counters are compared with; nil: they are not.
    var reconciliation: Reconciliation?
    /// Attempts since the hooks are live, while the inventory is made; nil: it is not.
    var newSockets: NewSockets?
    private let readCounters: (UInt32, [UInt32]) -> Reconciliation.Reading?
    /// Namespaces whose counters could not be read since the last heartbeat.
    var unreadNamespaces: Set<UInt32> = []
    private let arguments: LongArguments?
    private(set) var totals = Totals()
    private let isFailedOnly: Bool

    typealias Counters = (Attempt) -> FlowCounters?
    typealias Emit = (TraceEvent) -> Void

    /// What the pipeline asks when it does not know.
    struct Sources {
        /// What /proc knows of a process.
        var process: (UInt32) -> ProcessFacts? = { _ in nil }
        /// The path of a control group by its id.
        var controlGroup: (UInt64) -> [UInt8]? = { _ in nil }
        /// What the kernel counts in a network namespace, through one of some processes.
        var counters: (UInt32, [UInt32]) -> Reconciliation.Reading? = { _, _ in nil }
        /// What the executables are; nil: they are not looked at.
        var executables: Executables?
        /// What the kernel cut of arguments; nil: it is not asked for.
        var arguments: LongArguments?
    }

    init(options: TraceOptions, flowIdleNanoseconds: UInt64, sources: Sources) {
        processes = ProcessTable(lookUp: sources.process)
        groups = ControlGroupTable(lookUp: sources.controlGroup)
        // Whether it failed is known only at its end, so with --failed every attempt waits for that.
        attempts = AttemptTracker(
            settleNanoseconds: options.filter.isFailedOnly ? .max / 2 : options.settle.nanosecondsClamped)
        flows = FlowTracker(idleNanoseconds: flowIdleNanoseconds)
        gate = HashGate(patienceNanoseconds: options.settle.nanosecondsClamped)
        argumentGate = HashGate(patienceNanoseconds: options.settle.nanosecondsClamped)
        executables = sources.executables
        readCounters = sources.counters
        arguments = sources.arguments
        isFailedOnly = options.filter.isFailedOnly
    }

    /// Adds what was there before tattle.
    func add(pids: [UInt32], controlGroups: [(id: UInt64, path: [UInt8])]) {
        processes.add(pids: pids)
        for group in controlGroups { groups.add(id: group.id, path: group.path) }
    }

    /// When ``expire(now:counters:emit:)`` has something to do; nil: nothing waits.
    func nextDeadline() -> UInt64? {
        [attempts.nextDeadline(), flows.nextDeadline, gate.nextDeadline, argumentGate.nextDeadline].compactMap { $0 }
            .min()
    }

    /// Takes one observation.
    func handle(_ observation: Observation, now: UInt64, counters: Counters, emit: Emit) {
        switch observation {
        case .exec(let facts): processes.exec(facts)
        case .fork(let fork): processes.fork(fork)
        case .exit(let identity): processes.exit(identity)
        case .controlGroup(let change):
            // It may be told only now of one that the inventory has not seen.
            groups.add(id: change.id, path: change.path)
            if change.isRemoved { groups.remove(id: change.id) }
        case .attempt(let attempt): handle(attempt, now: now, counters: counters, emit: emit)
        case .close(let close):
            attempts.handle(close, attribution: { attribution(of: close.attempt) }) { pass($0, now: now, to: emit) }
        case .flowEnd(let end):
            flows.end(end, counters: counters) { pass($0, now: now, to: emit) }
        }
    }

    private func handle(_ attempt: Attempt, now: UInt64, counters: Counters, emit: Emit) {
        newSockets?.note(attempt)
        if reconciliation != nil { reconcile(attempt) }
        attempts.handle(attempt, attribution: { attribution(of: attempt) }) { event in
            if case .attempted(let event) = event {
                flows.begin(event, counters: counters) { pass($0, now: now, to: emit) }
            }
            pass(event, now: now, to: emit)
        }
    }

    /// Counts an attempt against what the kernel counts, from the first one in a namespace on.
    private func reconcile(_ attempt: Attempt) {
        let namespace = attempt.networkNamespace
        if namespace != 0, reconciliation?.isFollowed(namespace) == false, reconciliation?.hasRoom == true,
            unreadNamespaces.count < 1024, !unreadNamespaces.contains(namespace)
        {
            if let reading = readCounters(namespace, [attempt.process.pid]) {
                reconciliation?.follow(reading)
            } else {
                unreadNamespaces.insert(namespace)
            }
        }
        reconciliation?.note(attempt)
    }

    /// Who made an attempt; asks about executable and arguments, so that the answers come while the attempt waits for
    /// its own.
    private func attribution(of attempt: Attempt) -> Attribution {
        let facts = processes.process(of: attempt)
        _ = executables?.answer(for: facts)
        _ = arguments?.answer(for: facts)
        return Attribution(process: facts, group: attempt.cgroupID == 0 ? nil : groups.group(attempt.cgroupID))
    }

    /// Writes what has waited long enough, and ends flows that fell silent.
    func expire(now: UInt64, counters: Counters, emit: Emit) {
        attempts.expire(now: now) { pass($0, now: now, to: emit) }
        if let deadline = flows.nextDeadline, deadline <= now {
            flows.sweep(now: now, counters: counters) { pass($0, now: now, to: emit) }
        }
        // Each has waited for as long as is allowed.
        argumentGate.expire(now: now) { passWithFile($0, now: now, mayWait: false, to: emit) }
        gate.expire(now: now) { write($0, to: emit) }
    }

    /// Passes on what waited for arguments of which more is known now.
    func takeArguments(now: UInt64, emit: Emit) {
        for key in arguments?.acknowledge(isCurrent: { processes.isNewestRun(of: $0) }) ?? [] {
            argumentGate.release(key) { event in
                passWithFile(completed(event), now: now, mayWait: true, to: emit)
            }
        }
    }

    /// The event with what is known of its process's arguments.
    private func completed(_ event: TraceEvent) -> TraceEvent {
        guard let facts = event.attribution?.process, case .known(let more)? = arguments?.answer(for: facts) else {
            return event
        }
        return event.with(process: more)
    }

    /// Writes what waited for an executable of which more is known now.
    func takeVerdicts(emit: Emit) {
        for (key, verdict) in executables?.acknowledge() ?? [] {
            gate.release(key, with: verdict) { write($0, to: emit) }
        }
    }

    /// Writes what still waits for its outcome: tracing ends.
    func finish(now: UInt64, counters: Counters, emit: Emit) {
        attempts.finish { pass($0, now: now, to: emit) }
        flows.finish(counters: counters) { pass($0, now: now, to: emit) }
    }

    /// Writes what still waits for its executable: it has waited long enough.
    func finishVerdicts(emit: Emit) {
        takeArguments(now: .max, emit: emit)
        argumentGate.expire(now: .max) { passWithFile($0, now: .max, mayWait: false, to: emit) }
        takeVerdicts(emit: emit)
        gate.expire(now: .max) { write($0, to: emit) }
        executables?.stop()
        arguments?.stop()
    }

    /// Events that wait for their executable or their arguments.
    var heldCount: Int { gate.count + argumentGate.count }

    /// Notes a loss in the totals.
    func count(lost: UInt64) { totals.lost += lost }

    /// Takes an event out of the totals that was passed on and is not to be written: it is lost.
    func takeBack(_ event: TraceEvent) {
        totals.count(event, -1)
        totals.lost += 1
    }

    /// Takes what is wanted, with what is known of its process.
    func pass(_ event: TraceEvent, now: UInt64, to emit: Emit) {
        if case .disconnected(let end) = event, case .flow(let counters) = end.traffic, end.attempt.transport.isUDP {
            // What raw and packet sockets send is in no counter of UDP.
            if ![.raw, .packet].contains(end.attempt.via) {
                reconciliation?.note(datagrams: counters.datagrams, in: end.attempt.networkNamespace)
            }
        }
        if isFailedOnly, !Self.tellsOfFailure(event) { return }
        guard let arguments, let facts = event.attribution?.process, facts.program.areArgumentsCut else {
            return passWithFile(event, now: now, mayWait: true, to: emit)
        }
        if arguments.isAsked { takeArguments(now: now, emit: emit) }
        switch arguments.answer(for: facts) {
        case .none: passWithFile(event, now: now, mayWait: true, to: emit)
        case .known(let more): passWithFile(event.with(process: more), now: now, mayWait: true, to: emit)
        case .pending(let key):
            if !argumentGate.hold(event, for: key, now: now) {
                passWithFile(event, now: now, mayWait: true, to: emit)
            }
        }
    }

    /// Takes an event, with what is known of its executable.
    private func passWithFile(_ event: TraceEvent, now: UInt64, mayWait: Bool, to emit: Emit) {
        guard let executables, let facts = event.attribution?.process else { return write(event, to: emit) }
        if gate.count > 0 { takeVerdicts(emit: emit) }
        switch executables.answer(for: facts) {
        case .none: write(event, to: emit)
        case .known(let verdict): write(event.with(file: verdict, isPending: false), to: emit)
        case .pending(let key):
            let pending = event.with(file: nil, isPending: true)
            if !mayWait || !gate.hold(pending, for: key, now: now) { write(pending, to: emit) }
        }
    }

    private func write(_ event: TraceEvent, to emit: Emit) {
        totals.count(event, 1)
        emit(event)
    }

    private static func tellsOfFailure(_ event: TraceEvent) -> Bool {
        switch event {
        case .attempted(let event), .resolved(let event): event.attempt.outcome.isFailure
        case .disconnected, .existing: false
        case .started, .lost, .heartbeat, .stopped: true
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
    /// Adds or takes off what an event counts for.
    fileprivate mutating func count(_ event: TraceEvent, _ number: Int64) {
        let number = UInt64(bitPattern: number)
        switch event {
        case .attempted(let event):
            attempts &+= number
            if event.attempt.outcome.isFailure { failed &+= number }
        case .resolved(let event):
            resolved &+= number
            if event.attempt.outcome.isFailure { failed &+= number }
        case .disconnected: disconnects &+= number
        case .existing, .started, .lost, .heartbeat, .stopped: break
        }
    }
}
