internal import DequeModule
internal import Model

/// Repeats that are being collected, each until its window ends.
///
/// A repeat of what is being collected allocates nothing: it is found in the table by its key and counted in its place.
struct Aggregates {
    /// What makes one record a repeat of another.
    struct Key: Hashable {
        var kind: AggregateEvent.Kind
        var rule: UInt8
        /// Of the program.
        var identity: UInt32
        var networkNamespace: UInt32
        var transport: Transport
        var destination: Endpoint
        /// What became of it; of an end, what ended it.
        var outcome: Outcome
        var blocker: Blocker?

        /// Hashes what tells most of them apart, in few words.
        func hash(into hasher: inout Hasher) {
            let address = destination.address.mapped
            hasher.combine(UInt64(identity) << 32 | UInt64(networkNamespace))
            hasher.combine(address.high ^ UInt64(destination.port) << 8 ^ UInt64(rule))
            hasher.combine(address.low)
        }
    }

    private struct Queued {
        var slot: Int
        /// Tells what had the slot from what has it now.
        var generation: UInt64
    }

    private let names: [String]
    /// By rule; 0: it collects nothing.
    private let windows: [UInt64]
    private let limit: Int
    /// Bytes of text that what is collected keeps in memory, at most.
    private let textLimit: Int
    private var textBytes = 0
    private var table: [Key: Int] = [:]
    private var slots: [Repeats] = []
    private var free: [Int] = []
    private var generation: UInt64 = 0
    /// By rule, the oldest first: a rule has one window, so that is the order in which they end.
    private var queues: [Deque<Queued>]

    init(_ rules: [Rule], limit: Int) {
        names = rules.map(\.name)
        windows = rules.map { if case .aggregate(let nanoseconds) = $0.action { nanoseconds } else { 0 } }
        self.limit = limit
        textLimit = limit * Self.textBytesEach
        queues = Array(repeating: [], count: rules.count)
    }

    /// So much text each may keep on the average: most have some hundred bytes, but who runs programs chooses their paths
    /// and arguments.
    static let textBytesEach = 8192

    /// How many are being collected.
    var count: Int { table.count }

    /// Takes a record.
    ///
    /// - Parameter ended: gets what is to be written for repeats before it.
    /// - Returns: whether it is a repeat, and need not be written.
    mutating func take(
        _ key: Key, _ attempt: Attempt, _ attribution: Attribution, at time: UInt64, _ volume: AggregateEvent.Volume?,
        ended: inout [AggregateEvent]
    ) -> Bool {
        let rule = Int(key.rule)
        if let slot = table[key] {
            if slots[slot].take(time, windows[rule], volume) { return true }
            end(slot, into: &ended)
        } else if table.count >= limit {
            endOldest(into: &ended)
        }
        generation &+= 1
        let repeats = Repeats(key, attempt, attribution, at: time, generation: generation)
        while textBytes > 0, textBytes + repeats.textBytes > textLimit { endOldest(into: &ended) }
        textBytes += repeats.textBytes
        let slot = free.popLast() ?? slots.count
        if slot == slots.count { slots.append(repeats) } else { slots[slot] = repeats }
        table[key] = slot
        queues[rule].append(Queued(slot: slot, generation: generation))
        return false
    }

    /// When the next window ends; nil: nothing is being collected.
    var nextDeadline: UInt64? {
        var next: UInt64?
        for (rule, queue) in queues.enumerated() {
            guard let first = queue.first, let begun = begin(of: first) else { continue }
            next = min(next ?? .max, begun &+ windows[rule])
        }
        return next
    }

    /// When what was queued began; nil: it has ended already.
    private func begin(of queued: Queued) -> UInt64? {
        slots[queued.slot].generation == queued.generation ? slots[queued.slot].begunBootNanoseconds : nil
    }

    /// Ends the windows that are over.
    mutating func expire(now: UInt64, ended: inout [AggregateEvent]) {
        for rule in queues.indices {
            while let first = queues[rule].first {
                let begun = begin(of: first)
                if let begun, begun &+ windows[rule] > now { break }
                queues[rule].removeFirst()
                if begun != nil { end(first.slot, into: &ended) }
            }
        }
    }

    /// Ends all of them, the oldest first.
    mutating func finish(ended: inout [AggregateEvent]) {
        for slot in table.values.sorted(by: { slots[$0].generation < slots[$1].generation }) {
            end(slot, into: &ended)
        }
        for rule in queues.indices { queues[rule].removeAll() }
    }

    /// Ends the one that began first, before its window does.
    private mutating func endOldest(into ended: inout [AggregateEvent]) {
        while let rule = queues.indices.filter({ !queues[$0].isEmpty }).min(by: {
            queues[$0][0].generation < queues[$1][0].generation
        }) {
            let oldest = queues[rule].removeFirst()
            if begin(of: oldest) != nil { return end(oldest.slot, into: &ended) }
        }
    }

    /// Frees a slot, and tells what was repeated, if anything was.
    private mutating func end(_ slot: Int, into ended: inout [AggregateEvent]) {
        let key = slots[slot].key
        table[key] = nil
        textBytes -= slots[slot].textBytes
        if let summary = slots[slot].end(rule: names[Int(key.rule)], window: windows[Int(key.rule)]) {
            ended.append(summary)
        }
        free.append(slot)
    }
}
