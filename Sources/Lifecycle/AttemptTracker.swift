internal import DequeModule
public import Model

/// Joins attempts with their outcomes.
///
/// An attempt whose outcome is not known yet waits for it up to the settle time; then it is written as
/// unknown, and its outcome, if it ever comes, as a record of its own. So every attempt is written once.
public struct AttemptTracker {
    /// What an attempt is told as.
    public enum Telling: Sendable {
        /// For the first time.
        case attempted
        /// Its outcome, after it was told as unknown.
        case resolved
    }

    /// Gets what is to be written: in parts, for an attempt is large, and an event would be a copy of it.
    public typealias Emit = (Attempt, Attribution, Telling) -> Void

    /// An attempt that waits for its outcome.
    private struct Waiting {
        var event: AttemptEvent
        var deadline: UInt64
    }

    /// Attempts and connections whose process is remembered to their end; more, and the oldest lose theirs.
    public static let openLimit = 131_072

    private let settleNanoseconds: UInt64
    private var waiting: [UInt64: Waiting] = [:]
    private var order: Deque<(id: UInt64, deadline: UInt64)> = []
    private var open: [UInt64: Attribution] = [:]

    /// Makes a tracker.
    ///
    /// - Parameter settleNanoseconds: how long an attempt waits for its outcome; 0: not at all.
    public init(settleNanoseconds: UInt64) {
        self.settleNanoseconds = settleNanoseconds
    }

    /// When ``expire(now:emit:)`` has something to do, nanoseconds of CLOCK_BOOTTIME; nil: nothing waits.
    public mutating func nextDeadline() -> UInt64? {
        while let first = order.first, waiting[first.id] == nil { order.removeFirst() }
        return order.first?.deadline
    }

    /// Number of attempts that wait.
    public var waitingCount: Int { waiting.count }

    /// Number of places in their queue, those included whose outcome came: twice as many as wait, and 1,024, at the most.
    public var queuedCount: Int { order.count }

    /// Takes one observation.
    ///
    /// - Parameter attribution: who made it; asked only where it is not known from before.
    public mutating func handle(_ attempt: Attempt, attribution: () -> Attribution, emit: Emit) {
        switch attempt.phase {
        case .whole: tell(attempt, by: attribution(), emit: emit)
        case .begun:
            if settleNanoseconds == 0 {
                tell(attempt, by: attribution(), emit: emit)
            } else {
                let event = AttemptEvent(attempt: attempt, attribution: attribution())
                let deadline = attempt.startedBootNanoseconds &+ settleNanoseconds
                waiting[attempt.id] = Waiting(event: event, deadline: deadline)
                order.append((attempt.id, deadline))
                // One that waits for long keeps those behind it in the queue, that have their outcome.
                if order.count > 2 * waiting.count + 1024 { order.removeAll { waiting[$0.id] == nil } }
            }
        case .outcome:
            guard let known = waiting.removeValue(forKey: attempt.id) else {
                resolve(attempt, by: open[attempt.id] ?? attribution(), emit: emit)
                return
            }
            // Came too late for it: what is written does not depend on when this runs.
            guard attempt.observedBootNanoseconds < known.deadline else {
                emit(known.event.attempt, known.event.attribution, .attempted)
                resolve(attempt, by: known.event.attribution, emit: emit)
                return
            }
            var attempt = attempt
            // The record that told of it first names it, whenever the outcome came.
            attempt.reference = known.event.attempt.reference
            attempt.phase = .whole
            tell(attempt, by: known.event.attribution, emit: emit)
        }
    }

    /// Tells of an attempt for the first time.
    private mutating func tell(_ attempt: Attempt, by attribution: Attribution, emit: Emit) {
        remember(attempt, by: attribution)
        emit(attempt, attribution, .attempted)
    }

    /// Tells the outcome of an attempt that was told of.
    private mutating func resolve(_ attempt: Attempt, by attribution: Attribution, emit: Emit) {
        open[attempt.id] = nil
        remember(attempt, by: attribution)
        emit(attempt, attribution, .resolved)
    }

    /// Takes the end of a connection.
    public mutating func handle(
        _ close: ConnectionClose, attribution: () -> Attribution, emit: (DisconnectEvent) -> Void
    ) {
        let who = open.removeValue(forKey: close.attempt.id) ?? attribution()
        emit(
            DisconnectEvent(
                attempt: close.attempt, attribution: who,
                endedBootNanoseconds: close.attempt.observedBootNanoseconds, traffic: .connection(close)))
    }

    /// The process of what is not over yet may be gone, and forgotten, when it is.
    private mutating func remember(_ attempt: Attempt, by attribution: Attribution) {
        guard attempt.outcome == .established || attempt.outcome == .pending else { return }
        open[attempt.id] = attribution
        // Ids grow with time: the lower half is the older one. Only lost records bring it here.
        if open.count > Self.openLimit {
            let ids = open.keys.sorted()
            for id in ids.prefix(ids.count / 2) { open[id] = nil }
        }
    }

    /// Writes as unknown what has waited long enough.
    public mutating func expire(now: UInt64, emit: Emit) {
        while let deadline = nextDeadline(), deadline <= now {
            let id = order.removeFirst().id
            guard let known = waiting.removeValue(forKey: id) else { continue }
            tell(known.event.attempt, by: known.event.attribution, emit: emit)
        }
    }

    /// Writes as unknown whatever still waits: tracing ends.
    public mutating func finish(emit: Emit) {
        expire(now: .max, emit: emit)
    }
}

extension TraceEvent {
    /// Makes the event of an attempt.
    public init(_ attempt: Attempt, by attribution: Attribution, as telling: AttemptTracker.Telling) {
        let event = AttemptEvent(attempt: attempt, attribution: attribution)
        switch telling {
        case .attempted: self = .attempted(event)
        case .resolved: self = .resolved(event)
        }
    }
}
