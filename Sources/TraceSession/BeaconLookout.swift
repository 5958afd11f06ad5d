internal import Beacons
internal import Connections
internal import Glibc
internal import Logging
internal import Model

/// Looks for beacons beside the tracing: what is emitted is noted, and from time to time some of it is looked at.
struct BeaconLookout: ~Copyable {
    /// Looks are at most so much of a second, so that the ring does not fill meanwhile.
    private static let budgetNanoseconds: UInt64 = 10_000_000
    private static let restNanoseconds: UInt64 = 1_000_000_000

    private var watch: BeaconWatch
    private var held = HeldConnections()
    private var nextLook: UInt64
    private var nextPoll: UInt64
    private var isTroubleTold = false
    private var presence = RecentPresence()

    /// - Parameter now: CLOCK_BOOTTIME, nanoseconds.
    init(allowed: AllowList, now: UInt64) {
        watch = BeaconWatch(allowed: allowed, clockOffset: SystemContext.realtimeOffset())
        (nextLook, nextPoll) = (now, now)
    }

    /// When ``look(now:members:emit:)`` has something to do; nil: nothing waits.
    var nextDeadline: UInt64? { earliest(watch.hasDue ? nextLook : nil, held.isEmpty ? nil : nextPoll) }

    /// Why held connections are not looked at, once; nil: they are, or there are none.
    mutating func takeTrouble() -> String? {
        guard !isTroubleTold, let trouble = held.trouble else { return nil }
        isTroubleTold = true
        return trouble
    }

    /// What it takes, and what it came to.
    var use: BeaconUse {
        var use = watch.use
        (use.connections, use.omittedConnections) = (UInt64(held.count), held.omittedCount)
        return use
    }

    /// Notes what is written.
    mutating func note(_ event: TraceEvent) {
        switch event {
        case .attempted(let event):
            watch.take(event)
            if event.attempt.outcome == .established { held.follow(event) }
        case .resolved(let event):
            watch.take(event, isResolution: true)
            if event.attempt.outcome == .established { held.follow(event) }
        case .disconnected(let event):
            held.forget(event.attempt)
            note(event)
        case .existing(let event):
            guard event.direction == .egress, event.state == .established, let attribution = event.attribution else {
                return
            }
            held.follow(AttemptEvent(attempt: event.attempt, attribution: attribution))
        case .aggregated, .started, .beacon, .lost, .heartbeat, .stopped: break
        }
    }

    /// Notes what was counted of a flow of datagrams: at its end, or of one that goes on.
    mutating func note(_ flow: DisconnectEvent) { watch.take(flow) }

    /// Asks for sends when it is time, and looks at what waits for as long as is allowed.
    ///
    /// - Parameter members: processes that may be in a network namespace.
    mutating func look(now: UInt64, members: (UInt32) -> [UInt32], emit: (TraceEvent) -> Void) {
        if !held.isEmpty, nextPoll <= now {
            let before = SystemContext.threadNanoseconds()
            held.poll(now: SystemContext.bootNanoseconds, members: members) {
                watch.take(
                    sendOn: $0, at: $1.bootNanoseconds, bytes: $1.bytes, bytesReceived: $1.bytesReceived)
            }
            // A hundredth of a processor at most.
            let cost = SystemContext.threadNanoseconds() &- before
            nextPoll = now &+ max(Self.restNanoseconds, cost &* 100)
        }
        guard watch.hasDue, nextLook <= now else { return }
        look(until: SystemContext.bootNanoseconds() &+ Self.budgetNanoseconds, emit: emit)
        nextLook = now &+ Self.restNanoseconds
    }

    /// Looks at what still waits: tracing ends.
    mutating func finish(emit: (TraceEvent) -> Void) {
        look(until: SystemContext.bootNanoseconds() &+ 50 * Self.budgetNanoseconds, emit: emit)
    }

    private mutating func look(until deadline: UInt64, emit: (TraceEvent) -> Void) {
        var presence = presence
        defer { self.presence = presence }
        while watch.hasDue {
            let now = SystemContext.bootNanoseconds()
            guard now < deadline else { return }
            if let event = watch.lookAtNext(now: now, presence: { presence.value(now: now) }) { emit(.beacon(event)) }
        }
    }
}

/// When somebody was last there, as it was ten seconds ago at the most: it takes a look at each terminal.
private struct RecentPresence {
    private var known: UserPresence?
    private var nextLook: UInt64 = 0

    /// - Parameter now: CLOCK_BOOTTIME, nanoseconds.
    mutating func value(now: UInt64) -> UserPresence? {
        if nextLook <= now {
            known = TerminalInput(bootSeconds: SystemContext.realtimeOffset() / 1_000_000_000).presence
            nextLook = now &+ 10_000_000_000
        }
        return known
    }
}

extension Tracer {
    /// Notes what was counted of a flow that goes on.
    func noteFlow(_ flow: DisconnectEvent) { beacons?.note(flow) }

    /// Processes that are tried at most to find the way into a network namespace.
    private static let waysIntoNamespace = 8

    /// Tells what is new about beacons, if it is time.
    func lookForBeacons(now: UInt64) {
        var events: [TraceEvent] = []
        beacons?.look(
            now: now, members: { pipeline.networkNamespaces(limit: Self.waysIntoNamespace)[$0] ?? [] },
            emit: { events.append($0) })
        // Emitting notes each, and so not while it looks.
        for event in events { emit(event) }
        if let trouble = beacons?.takeTrouble() {
            logger.warning("\(trouble), so that beacons on connections that are held are not seen")
        }
    }

    /// Tells what is new about beacons, a last time.
    func lookForBeaconsFinally() {
        var events: [TraceEvent] = []
        beacons?.finish { events.append($0) }
        for event in events { emit(event) }
    }
}
