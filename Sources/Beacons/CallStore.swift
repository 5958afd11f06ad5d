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
    }

    let limits: Limits
    private(set) var callers = InternTable<Caller>()
    private(set) var destinations = InternTable<Destination>()
    private(set) var traits: [UInt32: CallerTraits] = [:]
    var slots: [Slot] = []
    private var free: [Int] = []
    private(set) var index: [Key: Int] = [:]
    private var bufferBytes = 0
    private let anyone: UInt32
    private let anywhere: UInt32

    /// Calls that were taken.
    public private(set) var calls = 0
    /// Keys that were forgotten for want of room.
    public private(set) var forgottenKeys = 0
    /// The calls of those.
    public private(set) var forgottenCalls = 0
    /// When the first call of all was, milliseconds since 1970; nil: there is none.
    private(set) var first: Int64?
    private(set) var last: Int64 = .min

    /// Makes a store that holds nothing.
    public init(limits: Limits = Limits()) {
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
        bufferBytes + slots.capacity * MemoryLayout<Slot>.stride + index.capacity * 24
            + (index.count + 1) * 2 * (MemoryLayout<Destination>.stride + 24)
    }

    /// Takes a call.
    ///
    /// - Parameter traits: what is known of the caller; nil: no more than before.
    public mutating func add(_ call: Call, traits: CallerTraits? = nil) {
        calls += 1
        first = min(first ?? call.milliseconds, call.milliseconds)
        last = max(last, call.milliseconds)
        let key = Key(caller: callers.number(of: call.caller), destination: destinations.number(of: call.destination))
        // Making room for a roll-up may forget the pair: its numbers must stay what they are until all is done.
        callers.retain(key.caller)
        destinations.retain(key.destination)
        if let traits { self.traits[key.caller] = traits }
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

    private mutating func release(_ key: Key) {
        if callers.release(key.caller) { traits[key.caller] = nil }
        _ = destinations.release(key.destination)
    }

    private mutating func add(_ call: Call, at place: Int, member: UInt32?) {
        let before = slots[place].evidence.times.bufferBytes
        slots[place].evidence.add(call, member: member)
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
        guard calls > 1 else { return Double(UInt64(bitPattern: Int64(slots[place].key.hashValue)) >> 11) * 0x1p-53 }
        if let best = evidence.best { return 1000 + best.evidence }
        let mean = Double(evidence.last - evidence.first) / (calls - 1)
        let silence = Double(now - evidence.last)
        // It has been silent for longer than missed beats explain.
        let isStale = silence > 8 * mean + 1000
        let mayBeat = calls >= Double(BeatAnalysis.fewestBeats) && BeatAnalysis.mayHaveRhythm(evidence.times.seconds)
        return min(calls, 96) * (isStale ? 0.1 : 1) + (mayBeat ? 200 : 0)
    }
}
