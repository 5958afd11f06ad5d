internal import Attribution
internal import Capture
internal import Files
internal import Lifecycle
internal import Model

/// Observations in, events out: who did it, and how it ended.
///
/// Knows no kernel and no file. A value: what changes it has it for itself alone for as long as that takes, which for
/// an object would be checked for each of its parts and each record anew.
///
/// `counters` reads what the kernel counts for a UDP flow; `emit` gets the events that come of it.
struct Pipeline: ~Copyable {
    var who: Attributor
    private var attempts: AttemptTracker
    private(set) var flows: FlowTracker
    var outlet: Outlet
    /// What the kernel's counters are compared with; nil: they are not.
    var reconciliation: Reconciliation?
    /// Attempts since the hooks are live, while the inventory is made; nil: it is not.
    var newSockets: NewSockets?
    private let readCounters: (UInt32, [UInt32]) -> Reconciliation.Reading?
    /// Namespaces whose counters could not be read since the last heartbeat.
    var unreadNamespaces: Set<UInt32> = []

    typealias Counters = FlowTracker.Counters
    typealias Emit = (TraceEvent) -> Void
    /// Gets an attempt that waits for nothing, as nearly all; else it is an event of ``Emit``.
    typealias EmitAttempt = AttemptTracker.Emit

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
        who = Attributor(
            processes: ProcessTable(lookUp: sources.process), groups: ControlGroupTable(lookUp: sources.controlGroup),
            executables: sources.executables, arguments: sources.arguments)
        // Whether it failed is known only at its end, so with --failed every attempt waits for that.
        attempts = AttemptTracker(
            settleNanoseconds: options.filter.isFailedOnly ? .max / 2 : options.settle.nanosecondsClamped)
        flows = FlowTracker(idleNanoseconds: flowIdleNanoseconds)
        outlet = Outlet(
            patienceNanoseconds: options.settle.nanosecondsClamped, isFailedOnly: options.filter.isFailedOnly)
        readCounters = sources.counters
    }

    /// Adds what was there before tattle.
    mutating func add(pids: [UInt32], controlGroups: [(id: UInt64, path: [UInt8])]) {
        who.processes.add(pids: pids)
        for group in controlGroups { who.groups.add(id: group.id, path: group.path) }
    }

    /// Looks through what is to be handled next, and came while /proc was read: what that says of a process may be of a
    /// later program than the one that made an attempt among these.
    mutating func lookAhead(_ observations: [Observation]) {
        for case .exec(let facts) in observations { who.processes.expect(facts) }
    }

    /// How many processes are known: those that run, and what others ran before.
    var processCounts: (running: Int, past: Int) { (who.processes.runningCount, who.processes.pastCount) }

    /// The network namespaces of those that run, each with at most `limit` of them.
    func networkNamespaces(limit: Int) -> [UInt32: [UInt32]] { who.processes.networkNamespaces(limit: limit) }

    /// Counts until now.
    var totals: Totals { outlet.totals }

    /// Events that wait for their executable or their arguments.
    var heldCount: Int { outlet.heldCount }

    /// Notes a loss in the totals.
    mutating func count(lost: UInt64) { outlet.count(lost: lost) }

    /// When ``expire(now:counters:emit:)`` has something to do; nil: nothing waits.
    mutating func nextDeadline() -> UInt64? {
        earliest(outlet.nextDeadline, earliest(attempts.nextDeadline(), flows.nextDeadline))
    }

    /// Takes one observation.
    mutating func handle(_ observation: Observation, now: UInt64, counters: Counters, emit: Emit) {
        switch observation {
        case .attempt(let attempt):
            handle(attempt, now: now, counters: counters, emit: emit) {
                emit(TraceEvent($0, by: $1, as: $2))
            }
        case .close(let close):
            attempts.handle(close, attribution: { who.attribution(of: close.attempt) }) {
                outlet.pass(.disconnected($0), now: now, who: who, to: emit)
            }
        case .flowEnd(let end):
            flows.end(end, counters: counters) {
                reconciliation?.noteDatagrams(of: $0)
                outlet.pass($0, now: now, who: who, to: emit)
            }
        case .exec(let facts): who.processes.exec(facts)
        case .fork(let fork): who.processes.fork(fork)
        case .exit(let identity): who.processes.exit(identity)
        case .controlGroup(let change):
            // It may be told only now of one that the inventory has not seen.
            who.groups.add(id: change.id, path: change.path)
            if change.isRemoved { who.groups.remove(id: change.id) }
        }
    }

    /// Takes one attempt.
    mutating func handle(
        _ attempt: Attempt, now: UInt64, counters: Counters, emit: Emit, emitAttempt: EmitAttempt
    ) {
        newSockets?.note(attempt)
        if reconciliation != nil { reconcile(attempt) }
        attempts.handle(attempt, attribution: { who.attribution(of: attempt) }) { attempt, attribution, telling in
            // Of others than UDP sockets there is no flow.
            if telling == .attempted, attempt.socketGeneration != 0 {
                flows.begin(attempt, by: attribution, counters: counters) {
                    reconciliation?.noteDatagrams(of: $0)
                    outlet.pass($0, now: now, who: who, to: emit)
                }
            }
            outlet.pass(
                attempt, by: attribution, as: telling, now: now, who: who, to: emit, emitAttempt: emitAttempt)
        }
    }

    /// Counts an attempt against what the kernel counts, from the first one in a namespace on.
    private mutating func reconcile(_ attempt: Attempt) {
        if reconciliation?.note(attempt) == false { follow(attempt) }
    }

    /// Begins to compare in the namespace of an attempt, if it can be.
    @inline(never)
    private mutating func follow(_ attempt: Attempt) {
        let namespace = attempt.networkNamespace
        guard namespace != 0, reconciliation?.hasRoom == true, unreadNamespaces.count < 1024,
            !unreadNamespaces.contains(namespace)
        else { return }
        guard let reading = readCounters(namespace, [attempt.process.pid]) else {
            unreadNamespaces.insert(namespace)
            return
        }
        reconciliation?.follow(reading)
        reconciliation?.note(attempt)
    }

    /// Writes what has waited long enough, and ends flows that fell silent.
    ///
    /// - Parameter goesOn: told of flows that send on, as if they ended now.
    mutating func expire(
        now: UInt64, counters: Counters, goesOn: (DisconnectEvent) -> Void = { _ in }, emit: Emit
    ) {
        attempts.expire(now: now) { attempt, attribution, telling in
            outlet.pass(attempt, by: attribution, as: telling, now: now, who: who, to: emit) {
                emit(TraceEvent($0, by: $1, as: $2))
            }
        }
        if let deadline = flows.nextDeadline, deadline <= now {
            flows.sweep(
                now: now, counters: counters, goesOn: { outlet.complete($0, who: who).map(goesOn) }
            ) {
                reconciliation?.noteDatagrams(of: $0)
                outlet.pass($0, now: now, who: who, to: emit)
            }
        }
        outlet.expire(now: now, who: who, emit: emit)
    }

    /// Passes on what waited for arguments of which more is known now.
    mutating func takeArguments(now: UInt64, emit: Emit) { outlet.takeArguments(now: now, who: who, emit: emit) }

    /// Writes what waited for an executable of which more is known now.
    mutating func takeVerdicts(emit: Emit) { outlet.takeVerdicts(who: who, emit: emit) }

    /// Writes what still waits for its outcome: tracing ends.
    mutating func finish(now: UInt64, counters: Counters, emit: Emit) {
        attempts.finish { attempt, attribution, telling in
            outlet.pass(attempt, by: attribution, as: telling, now: now, who: who, to: emit) {
                emit(TraceEvent($0, by: $1, as: $2))
            }
        }
        flows.finish(counters: counters) {
            reconciliation?.noteDatagrams(of: $0)
            outlet.pass($0, now: now, who: who, to: emit)
        }
    }

    /// Writes what still waits for its executable: it has waited long enough.
    mutating func finishVerdicts(emit: Emit) {
        outlet.takeArguments(now: .max, who: who, emit: emit)
        outlet.takeVerdicts(who: who, emit: emit)
        outlet.expire(now: .max, who: who, emit: emit)
        who.executables?.stop()
        who.arguments?.stop()
    }
}

/// The earlier of two times; nil: never.
func earliest(_ one: UInt64?, _ other: UInt64?) -> UInt64? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
}

extension Reconciliation {
    /// Takes the datagrams of a flow that ended.
    fileprivate mutating func noteDatagrams(of event: TraceEvent) {
        guard case .disconnected(let end) = event, case .flow(let counters) = end.traffic,
            end.attempt.transport.isUDP
        else { return }
        // What raw and packet sockets send is in no counter of UDP.
        if ![.raw, .packet].contains(end.attempt.via) {
            note(datagrams: counters.datagrams, in: end.attempt.networkNamespace)
        }
    }
}
