internal import Attribution
internal import Files
internal import Lifecycle
internal import Model

/// The last step of the pipeline: counts what is written, once as much is known of its process as can be waited for.
struct Outlet: ~Copyable {
    typealias Emit = Pipeline.Emit

    private var gate: HashGate<FileKey>
    private var argumentGate: HashGate<ArgumentKey>
    private(set) var totals = Totals()
    private let isFailedOnly: Bool

    /// - Parameters:
    ///   - patienceNanoseconds: how long an event waits for what is asked about its process.
    ///   - isFailedOnly: whether only failures are wanted.
    init(patienceNanoseconds: UInt64, isFailedOnly: Bool) {
        gate = HashGate(patienceNanoseconds: patienceNanoseconds)
        argumentGate = HashGate(patienceNanoseconds: patienceNanoseconds)
        self.isFailedOnly = isFailedOnly
    }

    /// When ``expire(now:who:emit:)`` has something to do; nil: nothing waits.
    var nextDeadline: UInt64? { earliest(gate.nextDeadline, argumentGate.nextDeadline) }

    /// Events that wait for their executable or their arguments.
    var heldCount: Int { gate.count + argumentGate.count }

    /// Notes a loss in the totals.
    mutating func count(lost: UInt64) { totals.lost += lost }

    /// Takes an attempt, if it is wanted.
    ///
    /// One of whose process everything is known already, as of nearly all, is passed on as what it is: a type that holds one
    /// of many is copied as a whole whenever it is looked into.
    @inline(__always)
    mutating func pass(
        _ attempt: Attempt, by attribution: Attribution, as telling: AttemptTracker.Telling, now: UInt64,
        who: borrowing Attributor, to emit: Emit, emitAttempt: Pipeline.EmitAttempt
    ) {
        let isFileWanted = who.executables != nil && attribution.file == nil
        let areArgumentsWanted = who.arguments != nil && attribution.process.program.areArgumentsCut
        guard isFileWanted || areArgumentsWanted || gate.count > 0 || isFailedOnly else {
            totals.count(attempt.outcome, as: telling)
            return emitAttempt(attempt, attribution, telling)
        }
        passAsEvent(attempt, by: attribution, as: telling, now: now, who: who, to: emit)
    }

    @inline(never)
    private mutating func passAsEvent(
        _ attempt: Attempt, by attribution: Attribution, as telling: AttemptTracker.Telling, now: UInt64,
        who: borrowing Attributor, to emit: Emit
    ) {
        pass(TraceEvent(attempt, by: attribution, as: telling), now: now, who: who, to: emit)
    }

    /// Takes what is wanted, with what is known of its process.
    mutating func pass(_ event: TraceEvent, now: UInt64, who: borrowing Attributor, to emit: Emit) {
        if isFailedOnly, !event.tellsOfFailure { return }
        guard let arguments = who.arguments, event.areArgumentsCut, let facts = event.attribution?.process else {
            return passWithFile(event, now: now, mayWait: true, who: who, to: emit)
        }
        if arguments.isAsked { takeArguments(now: now, who: who, emit: emit) }
        switch arguments.answer(for: facts) {
        case .none: passWithFile(event, now: now, mayWait: true, who: who, to: emit)
        case .known(let more): passWithFile(event.with(process: more), now: now, mayWait: true, who: who, to: emit)
        case .pending(let key):
            if !argumentGate.hold(event, for: key, now: now) {
                passWithFile(event, now: now, mayWait: true, who: who, to: emit)
            }
        }
    }

    /// Takes an event, with what is known of its executable.
    private mutating func passWithFile(
        _ event: TraceEvent, now: UInt64, mayWait: Bool, who: borrowing Attributor, to emit: Emit
    ) {
        // Those that came before are not to be overtaken.
        if gate.count > 0 { takeVerdicts(who: who, emit: emit) }
        guard let executables = who.executables, event.isFileUnknown, let facts = event.attribution?.process else {
            return Self.write(event, &totals, to: emit)
        }
        switch executables.answer(for: facts) {
        case .none: Self.write(event, &totals, to: emit)
        case .known(let verdict): Self.write(event.with(file: verdict, isPending: false), &totals, to: emit)
        case .pending(let key):
            let pending = event.with(file: nil, isPending: true)
            if !mayWait || !gate.hold(pending, for: key, now: now) { Self.write(pending, &totals, to: emit) }
        }
    }

    /// What is known by now of a flow's process, which is not written yet; nil: more of it is still asked for, or it is not
    /// wanted.
    func complete(_ flow: DisconnectEvent, who: borrowing Attributor) -> DisconnectEvent? {
        guard !isFailedOnly else { return nil }
        guard let executables = who.executables, flow.attribution.file == nil else { return flow }
        switch executables.answer(for: flow.attribution.process) {
        case .none: return flow
        case .known(let verdict):
            var flow = flow
            flow.attribution.file = verdict
            return flow
        case .pending: return nil
        }
    }

    private static func write(_ event: TraceEvent, _ totals: inout Totals, to emit: Emit) {
        totals.count(event)
        emit(event)
    }

    /// Passes on what waited for arguments of which more is known now.
    mutating func takeArguments(now: UInt64, who: borrowing Attributor, emit: Emit) {
        guard let arguments = who.arguments else { return }
        var released: [TraceEvent] = []
        for key in arguments.acknowledge(isCurrent: who.processes.isNewestRun(of:)) {
            argumentGate.release(key) { released.append($0.completed(by: arguments)) }
        }
        for event in released { passWithFile(event, now: now, mayWait: true, who: who, to: emit) }
    }

    /// Writes what waited for an executable of which more is known now.
    mutating func takeVerdicts(who: borrowing Attributor, emit: Emit) {
        for (key, verdict) in who.executables?.acknowledge() ?? [] {
            gate.release(key, with: verdict) { Self.write($0, &totals, to: emit) }
        }
    }

    /// Writes what has waited long enough.
    mutating func expire(now: UInt64, who: borrowing Attributor, emit: Emit) {
        // Each has waited for as long as is allowed.
        var expired: [TraceEvent] = []
        argumentGate.expire(now: now) { expired.append($0) }
        for event in expired { passWithFile(event, now: now, mayWait: false, who: who, to: emit) }
        gate.expire(now: now) { Self.write($0, &totals, to: emit) }
    }
}

extension TraceEvent {
    /// The event with what is known of its process's arguments.
    fileprivate func completed(by arguments: LongArguments) -> TraceEvent {
        guard let facts = attribution?.process, case .known(let more) = arguments.answer(for: facts) else {
            return self
        }
        return with(process: more)
    }

    /// Whether it is of a process of whose arguments the kernel did not tell all.
    fileprivate var areArgumentsCut: Bool { attribution?.process.program.areArgumentsCut == true }

    /// Whether it is of a process of whose executable nothing is known yet.
    fileprivate var isFileUnknown: Bool { attribution.map { $0.file == nil } ?? false }

    fileprivate var tellsOfFailure: Bool {
        switch self {
        case .attempted(let event), .resolved(let event): event.attempt.outcome.isFailure
        case .disconnected, .existing: false
        case .aggregated(let event): event.attempt.outcome.isFailure
        case .started, .beacon, .lost, .heartbeat, .stopped: true
        }
    }
}
