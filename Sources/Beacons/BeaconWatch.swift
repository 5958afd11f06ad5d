public import Model

/// Scores calls as they come, and says what is new.
///
/// Taking a call costs the same however many there were. What became worth a look waits for one, in the order it did, and is
/// looked at when there is time: ``lookAtNext(now:)``.
public struct BeaconWatch: Sendable {
    /// More keys do not wait: they do with their next call.
    static let mostDue = 4096
    /// Of more findings it is not remembered what they have in common with others.
    static let mostTold = 4096
    /// More destinations are not named beside one, as in a record.
    static let mostAlike = 16

    /// A key that waits, with the call that made it.
    private struct Due: Sendable {
        var place: Int
        var key: CallStore.Key
        var event: AttemptEvent
    }

    private struct Told: Sendable {
        var place: Int
        var key: CallStore.Key
        var finding: Finding
        /// How many were alike when it was last told of.
        var toldAlike = 0
    }

    private(set) var store: CallStore
    private let allowed: AllowList
    /// From CLOCK_BOOTTIME to the store's clock: what it was at the start, so that nothing jumps when the clock is set.
    private let clockOffset: Int64
    private var callers = KnownCallers()
    private var due: [Due] = []
    private var dueHead = 0
    private var told: [Told] = []
    private var findings: UInt64 = 0

    /// Begins, and knows of no calls.
    ///
    /// - Parameters:
    ///   - allowed: what is known to be good.
    ///   - clockOffset: from CLOCK_BOOTTIME to nanoseconds since 1970.
    public init(allowed: AllowList, clockOffset: Int64, limits: CallStore.Limits = .init()) {
        self.allowed = allowed
        self.clockOffset = clockOffset
        store = CallStore(limits: limits, isWatched: true)
    }

    /// Whether something waits to be looked at.
    public var hasDue: Bool { dueHead < due.count }

    /// What it takes, and what it came to.
    public var use: BeaconUse {
        BeaconUse(
            keys: UInt64(store.keyCount), heldBytes: UInt64(store.heldBytes), calls: UInt64(store.calls),
            forgottenKeys: UInt64(store.forgottenKeys), forgottenCalls: UInt64(store.forgottenCalls),
            waiting: UInt64(due.count - dueHead), findings: findings)
    }

    /// Takes an attempt, if it is known how it ended.
    ///
    /// - Parameter isResolution: whether the attempt was told of before, and now how it ended: a datagram's is a call already.
    public mutating func take(_ event: AttemptEvent, isResolution: Bool = false) {
        guard event.attempt.destination.kind == .ip else { return }
        let (caller, traits) = callers.callerAndTraits(of: event)
        guard
            let call = Call(event.attempt, by: caller, clockOffset: clockOffset, isResolution: isResolution)
        else { return }
        take(call, traits, event)
    }

    /// Takes a send on a connection that was there before.
    ///
    /// - Parameters:
    ///   - event: the attempt that the connection began with.
    ///   - bootNanoseconds: when, CLOCK_BOOTTIME.
    ///   - bytes: how much was sent.
    ///   - bytesReceived: how much has come since the send before.
    public mutating func take(
        sendOn event: AttemptEvent, at bootNanoseconds: UInt64, bytes: UInt64, bytesReceived: UInt64
    ) {
        let (caller, traits) = callers.callerAndTraits(of: event)
        let time = Int64(clamping: bootNanoseconds).addingReportingOverflow(clockOffset).partialValue
        take(
            Call(
                caller: caller, destination: Destination(event.attempt), nanoseconds: time, ending: .answered,
                bytesSent: bytes, bytesReceived: bytesReceived, isOnHeldConnection: true), traits, event)
    }

    /// Takes what was counted of a flow of datagrams: at its end, or of one that goes on.
    public mutating func take(_ end: DisconnectEvent) {
        guard case .flow(let counters) = end.traffic, counters.sends >= UInt64(BeatAnalysis.fewestBeats),
            let flow = FlowBeats(counters, clockOffset: clockOffset)
        else { return }
        let event = AttemptEvent(attempt: end.attempt, attribution: end.attribution)
        let (caller, traits) = callers.callerAndTraits(of: event)
        guard let call = Call(event.attempt, by: caller, clockOffset: clockOffset) else { return }
        store.add(flow, beganWith: call, traits: traits)
        for place in store.touched { wait(at: place, event) }
    }

    private mutating func take(_ call: Call, _ traits: CallerTraits, _ event: AttemptEvent) {
        store.add(call, traits: traits)
        for place in store.touched where store.slots[place].evidence.calls >= store.slots[place].nextLook {
            wait(at: place, event)
        }
    }

    /// Lets a key wait to be looked at, if there is room.
    private mutating func wait(at place: Int, _ event: AttemptEvent) {
        guard !store.slots[place].isDue, due.count - dueHead < Self.mostDue else { return }
        store.slots[place].isDue = true
        due.append(Due(place: place, key: store.slots[place].key, event: event))
    }

    /// Looks at what has waited longest: up to about a millisecond of work.
    ///
    /// - Parameters:
    ///   - now: CLOCK_BOOTTIME, nanoseconds.
    ///   - presence: when somebody was last there; asked only of what may be told.
    /// - Returns: what is to be told; nil: nothing new.
    public mutating func lookAtNext(now: UInt64, presence: () -> UserPresence? = { nil }) -> BeaconEvent? {
        guard hasDue else { return nil }
        let next = due[dueHead]
        dueHead += 1
        if dueHead > 512, dueHead * 2 > due.count {
            due.removeFirst(dueHead)
            dueHead = 0
        }
        guard store.isAt(next.place, next.key) else { return nil }
        let place = next.place
        store.slots[place].isDue = false
        let calls = store.slots[place].evidence.calls
        store.slots[place].nextLook = calls + min(max(calls / 4, 1), calls < 16 ? 1 : Evidence.turn)
        store.slots[place].hasRhythm = false
        guard store.isWorthALook(at: place), let (analysis, isCurrent) = store.slots[place].evidence.look() else {
            return nil
        }
        store.slots[place].hasRhythm = isCurrent
        let prevalence = Prevalence(callers: store.callerCount(at: place), of: next.key.destination)
        guard var finding = store.finding(analysis, at: place, allowed: allowed, prevalence: prevalence),
            finding.value > BeaconScore.threshold - Modifier.mostOfAbsence
        else { return nil }
        if let presence = presence(),
            let modifier = Modifier.absence(
                presence, first: finding.firstMilliseconds, last: finding.lastMilliseconds)
        {
            finding.modifiers.append(modifier)
        }
        guard finding.isBeacon, isNew(finding, at: place, isCurrent: isCurrent) else { return nil }
        return tell(finding, next, now: now)
    }

    /// Whether to tell of it: for the first time, or again because it looks worse, has doubled, or has others beside it.
    private func isNew(_ finding: Finding, at place: Int, isCurrent: Bool) -> Bool {
        let slot = store.slots[place]
        guard slot.toldCalls > 0 else { return true }
        guard isCurrent else { return false }
        return slot.isFolded || finding.facts().severity > slot.toldSeverity
            || slot.evidence.beats / 2 >= slot.toldCalls
            || toldPlace(of: slot.key, at: place).map(hasMoreAlike) ?? false
    }

    /// Whether twice as many are alike as when it was told of: a service with many addresses is told of seldom.
    private func hasMoreAlike(_ place: Int) -> Bool {
        told[place].finding.alike.count >= max(1, 2 * told[place].toldAlike)
    }

    /// Where it is remembered that a key was told of; nil: it was not, or that is forgotten.
    private func toldPlace(of key: CallStore.Key, at place: Int) -> Int? {
        told.firstIndex { $0.place == place && $0.key == key }
    }

    private mutating func tell(_ finding: Finding, _ due: Due, now: UInt64) -> BeaconEvent? {
        var finding = finding
        let place = due.place
        store.slots[place].toldCalls = store.slots[place].evidence.beats
        if told.count >= Self.mostTold { told.removeAll { !store.isAt($0.place, $0.key) } }
        if let old = toldPlace(of: due.key, at: place) {
            finding.alike = told[old].finding.alike
            told[old].finding = finding
            told[old].toldAlike = finding.alike.count
        } else {
            if isTold(finding, at: place) { return nil }
            if told.count < Self.mostTold { told.append(Told(place: place, key: due.key, finding: finding)) }
            findings += 1
        }
        store.slots[place].isFolded = false
        store.slots[place].tellings &+= 1
        let facts = finding.facts(tellings: Int(store.slots[place].tellings))
        store.slots[place].toldSeverity = facts.severity
        return BeaconEvent(
            attempt: due.event.attempt, attribution: due.event.attribution, foundBootNanoseconds: now,
            firstBootNanoseconds: boot(finding.firstMilliseconds), lastBootNanoseconds: boot(finding.lastMilliseconds),
            beacon: facts)
    }

    /// Whether another finding tells of it: a roll-up's member, or the same rhythm to another destination, which then has
    /// this one beside it.
    private mutating func isTold(_ finding: Finding, at place: Int) -> Bool {
        switch finding.scope {
        case .manyDestinations:
            return told.contains {
                $0.finding.scope == .pair && $0.finding.caller == finding.caller && $0.finding.value >= finding.value
            }
        case .manyCallers:
            return told.contains {
                $0.finding.scope == .pair && $0.finding.destination == finding.destination
                    && $0.finding.value >= finding.value
            }
        case .pair:
            guard finding.analysis.evidence > 6, let same = told.firstIndex(where: { speaks($0, for: finding) }) else {
                return false
            }
            store.slots[place].isFolded = true
            if told[same].finding.alike.count < Self.mostAlike, !told[same].finding.alike.contains(finding.destination)
            {
                told[same].finding.alike.append(finding.destination)
                // With its next call it is told again; until then more of them may come.
                if hasMoreAlike(same), store.isAt(told[same].place, told[same].key) {
                    store.slots[told[same].place].nextLook = 0
                }
            }
            return true
        }
    }

    /// Whether what was told of a pair is true of another one as well: it goes on, at the same rhythm, and looks as bad.
    ///
    /// A beacon that has moved to another destination is one of its own, so that it can't be hidden behind a harmless one.
    private func speaks(_ told: Told, for finding: Finding) -> Bool {
        guard told.finding.scope == .pair, told.finding.caller == finding.caller,
            told.finding.hasSamePeriod(as: finding), finding.value <= told.finding.value + 0.2
        else { return false }
        let rhythm = told.finding.analysis.rhythm
        var last = told.finding.lastMilliseconds
        if store.isAt(told.place, told.key) {
            // Calls at any time, to where it was, would speak for it for ever.
            guard store.slots[told.place].hasRhythm else { return false }
            last = store.slots[told.place].evidence.last
        }
        // Fewer than a new rhythm takes; the end of a flow is told up to a minute later.
        let patience = 4 * rhythm.periodSeconds / (1 - min(rhythm.missedShare, 0.8))
        return Double(finding.lastMilliseconds - last) / 1000
            <= patience + (told.finding.analysis.isOfOneFlow ? 60 : 0)
    }

    private func boot(_ milliseconds: Int64) -> UInt64 {
        UInt64(max(milliseconds &* 1_000_000 &- clockOffset, 0))
    }
}

extension CallStore {
    /// Whether a place is still that key's.
    fileprivate func isAt(_ place: Int, _ key: Key) -> Bool { index[key] == place }

    /// How many callers the destination at a place has.
    fileprivate func callerCount(at place: Int) -> Int {
        // Its roll-up is one of those that refer to it.
        let references = Int(destinations.referenceCount(slots[place].key.destination))
        return references > 2 ? references - 1 : references
    }
}
