internal import Model

/// The calls of all callers to all destinations, in bounded memory.
///
/// Beside each pair, two roll-ups are kept where they tell more: a caller wherever it calls, once it calls a second
/// destination; a destination whoever calls it, once it has a second caller.
public struct CallStore: Sendable {
    /// How much is kept at most.
    public struct Limits: Sendable {
        /// Pairs and roll-ups.
        public var keys = 100_000
        /// Bytes, as far as they can be counted.
        public var bytes = 64 << 20

        /// 100,000 keys in 64 MiB.
        public init() {}
    }

    struct Key: Hashable {
        var caller: UInt32
        var destination: UInt32
    }

    /// One key's place.
    struct Slot {
        var key: Key
        var evidence = Evidence()
        /// While tracing: after how many calls it is looked at again.
        var nextLook = UInt32(BeatAnalysis.fewestBeats)
        /// While tracing: how many calls there were when it was last told of; 0: it was not.
        var toldCalls: UInt32 = 0
        /// While tracing: how bad it looked then.
        var toldSeverity = BeaconFacts.Severity.low
        /// While tracing: how often it was told of.
        var tellings: UInt16 = 0
        /// While tracing: whether another finding was to tell of it the last time.
        var isFolded = false
        /// While tracing: whether it waits to be looked at.
        var isDue = false
        /// While tracing: whether the last look found a rhythm.
        var hasRhythm = false
    }

    let limits: Limits
    /// Whether whoever adds calls looks at them himself, as while tracing.
    private let isWatched: Bool
    /// While tracing: the places of the last call's pair and roll-ups.
    private(set) var touched: [Int] = []
    private(set) var callers = InternTable<Caller>()
    private(set) var destinations = InternTable<Destination>()
    private(set) var traits: [UInt32: CallerTraits] = [:]
    var slots: [Slot] = []
    private var free: [Int] = []
    private(set) var index: [Key: Int] = [:]
    private var bufferBytes = 0
    private var callerBytes = 0
    private let anyone: UInt32
    private let anywhere: UInt32

    /// Calls that were taken.
    public private(set) var calls = 0
    /// Keys that were forgotten for want of room.
    public private(set) var forgottenKeys = 0
    /// The calls of those.
    public private(set) var forgottenCalls = 0
    /// Calls whose time came too late to be put in order: after 78 newer ones of their pair, or one newer by 49 days.
    public private(set) var lateCalls = 0
    /// When the first call of all was, milliseconds since 1970; nil: there is none.
    private(set) var first: Int64?
    private(set) var last: Int64 = .min

    /// Makes a store that holds nothing.
    public init(limits: Limits = Limits()) { self.init(limits: limits, isWatched: false) }

    /// Makes a store that holds nothing.
    ///
    /// - Parameter isWatched: whether the times of a key are looked at by whoever adds them, before they are forgotten.
    init(limits: Limits, isWatched: Bool) {
        self.isWatched = isWatched
        self.limits = limits
        anyone = callers.number(of: .anyone)
        anywhere = destinations.number(of: .anywhere)
        callers.retain(anyone)
        destinations.retain(anywhere)
    }

    /// Pairs and roll-ups that are kept.
    public var keyCount: Int { index.count }

    /// Bytes that are held, as far as they can be counted.
    public var heldBytes: Int {
        // A slot has its place, and one in the index, in tables that may be half empty.
        callerBytes + bufferBytes + slots.capacity * MemoryLayout<Slot>.stride + index.capacity * 24
            + (index.count + 1) * 2 * (MemoryLayout<Destination>.stride + 24)
    }

    /// Takes a call.
    ///
    /// - Parameter traits: what is known of the caller; nil: no more than before.
    public mutating func add(_ call: Call, traits: CallerTraits? = nil) {
        touched.removeAll(keepingCapacity: true)
        if call.isResolution, resolve(call) { return }
        calls += 1
        first = min(first ?? call.milliseconds, call.milliseconds)
        last = max(last, call.milliseconds)
        let key = Key(caller: callers.number(of: call.caller), destination: destinations.number(of: call.destination))
        // Making room for a roll-up may forget the pair: its numbers must stay what they are until all is done.
        callers.retain(key.caller)
        destinations.retain(key.destination)
        if callers.referenceCount(key.caller) == 1 { callerBytes += Self.bytes(of: call.caller) }
        if let traits { take(traits, of: key.caller) }
        add(call, at: place(of: key), member: nil)
        // Beside this call itself, a pair and, from the second one on, its roll-up refer to them.
        if callers.referenceCount(key.caller) > 2 {
            add(call, at: place(of: Key(caller: key.caller, destination: anywhere)), member: key.destination)
        }
        if destinations.referenceCount(key.destination) > 2 {
            add(call, at: place(of: Key(caller: anyone, destination: key.destination)), member: key.caller)
        }
        release(key)
    }

    /// Takes what was counted of a flow of datagrams, if there is a rhythm in it.
    ///
    /// - Parameter call: its first send, which is taken if it was not yet.
    public mutating func add(_ flow: FlowBeats, beganWith call: Call, traits: CallerTraits? = nil) {
        touched.removeAll(keepingCapacity: true)
        guard let analysis = BeatAnalysis(flow) else { return }
        if place(of: call) == nil { add(call, traits: traits) }
        // Where there is no room, it may be forgotten again.
        guard let place = place(of: call) else { return }
        let end = flow.lastNanoseconds / 1_000_000
        last = max(last, end)
        slots[place].evidence.add(analysis, ofFlowUntil: end)
        touched = [place]
    }

    /// Keeps what is known of a caller that is referred to, in the place of what was.
    private mutating func take(_ traits: CallerTraits, of caller: UInt32) {
        let before = self.traits.updateValue(traits, forKey: caller).map(Self.bytes(of:)) ?? 0
        callerBytes += Self.bytes(of: traits) - before
        if before > 0, heldBytes > limits.bytes { forgetSome() }
    }

    /// Takes how a call ended that was taken before; false: it was not, or it was known.
    private mutating func resolve(_ call: Call) -> Bool {
        guard let pair = place(of: call), slots[pair].evidence.resolve(call) else { return false }
        let key = slots[pair].key
        for rollUp in [
            Key(caller: key.caller, destination: anywhere), Key(caller: anyone, destination: key.destination),
        ] {
            // One that began with a later call does not have it.
            if let place = index[rollUp] { _ = slots[place].evidence.resolve(call) }
        }
        return true
    }

    /// Where the pair of a call is kept; nil: it is not.
    private func place(of call: Call) -> Int? {
        guard let caller = callers.existingNumber(of: call.caller),
            let destination = destinations.existingNumber(of: call.destination)
        else { return nil }
        return index[Key(caller: caller, destination: destination)]
    }

    private mutating func release(_ key: Key) {
        if let caller = callers[key.caller], callers.release(key.caller) {
            callerBytes -= Self.bytes(of: caller)
            if let traits = traits.removeValue(forKey: key.caller) { callerBytes -= Self.bytes(of: traits) }
        }
        _ = destinations.release(key.destination)
    }

    /// Bytes that a caller takes, in tables that may be half empty.
    private static func bytes(of caller: Caller) -> Int {
        2 * (2 * MemoryLayout<Caller>.stride + 8) + caller.identity.utf8.count + caller.hash.utf8.count
            + caller.host.utf8.count
    }

    /// The same of traits; what their texts share with others is counted all the same.
    private static func bytes(of traits: CallerTraits) -> Int {
        func count(_ text: String?) -> Int { text?.utf8.count ?? 0 }
        let names = count(traits.executable) + count(traits.package) + count(traits.unit) + count(traits.script)
        return 2 * (MemoryLayout<CallerTraits>.stride + 8) + names + count(traits.sha256) + count(traits.container)
    }

    private mutating func add(_ call: Call, at place: Int, member: UInt32?) {
        let before = slots[place].evidence.times.bufferBytes
        let isInOrder = slots[place].evidence.add(call, member: member, looks: !isWatched)
        // Of a pair: each call once.
        if !isInOrder, member == nil { lateCalls += 1 }
        if isWatched { touched.append(place) }
        bufferBytes += slots[place].evidence.times.bufferBytes - before
    }

    private mutating func place(of key: Key) -> Int {
        if let place = index[key] { return place }
        callers.retain(key.caller)
        destinations.retain(key.destination)
        if index.count >= limits.keys || heldBytes > limits.bytes { forgetSome() }
        let place: Int
        if let old = free.popLast() {
            place = old
            slots[place] = Slot(key: key)
        } else {
            place = slots.count
            slots.append(Slot(key: key))
        }
        index[key] = place
        return place
    }

    /// Forgets an eighth: those that are least likely to become a finding.
    private mutating func forgetSome() {
        let now = last
        let ranked = index.map { (key: $0.key, place: $0.value, interest: interest(of: $0.value, now: now)) }
            .sorted { $0.interest < $1.interest }
        for entry in ranked.prefix(max(1, ranked.count / 8)) {
            forgottenKeys += 1
            forgottenCalls += Int(slots[entry.place].evidence.calls)
            bufferBytes -= slots[entry.place].evidence.times.bufferBytes
            slots[entry.place] = Slot(key: entry.key)
            free.append(entry.place)
            index[entry.key] = nil
            release(entry.key)
        }
    }

    /// The larger, the sooner it may become a finding.
    ///
    /// A single call says nothing, so chance decides: whoever floods the store with others must not know which stay.
    private func interest(of place: Int, now: Int64) -> Double {
        let evidence = slots[place].evidence
        let calls = Double(evidence.calls)
        if slots[place].tellings > 0 { return 1e6 }
        if let best = evidence.best { return 1000 + best.evidence }
        guard calls > 1 else { return Double(UInt64(bitPattern: Int64(slots[place].key.hashValue)) >> 11) * 0x1p-53 }
        let mean = Double(evidence.last - evidence.first) / (calls - 1)
        let silence = Double(now - evidence.last)
        // It has been silent for longer than missed beats explain.
        let isStale = silence > 8 * mean + 1000
        // While tracing this must not take long: the last look is good enough.
        let mayBeat =
            isWatched
            ? slots[place].hasRhythm
            : calls >= Double(BeatAnalysis.fewestBeats) && BeatAnalysis.mayHaveRhythm(evidence.times.seconds)
        return min(calls, 96) * (isStale ? 0.1 : 1) + (mayBeat ? 200 : 0)
    }
}
