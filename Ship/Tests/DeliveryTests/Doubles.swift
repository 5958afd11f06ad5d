import Delivery
import Synchronization

/// A clock on which waiting takes no time: whoever sleeps moves it on.
final class VirtualClock: Clock {
    typealias Duration = Swift.Duration

    struct Instant: InstantProtocol {
        var time: Swift.Duration
        func advanced(by duration: Swift.Duration) -> Instant { Instant(time: time + duration) }
        func duration(to other: Instant) -> Swift.Duration { other.time - time }
        static func < (left: Instant, right: Instant) -> Bool { left.time < right.time }
    }

    private let state = Mutex((now: Swift.Duration.zero, naps: [Swift.Duration]()))

    var now: Instant { state.withLock { Instant(time: $0.now) } }
    var minimumResolution: Swift.Duration { .nanoseconds(1) }
    /// How long each sleep was, in order.
    var naps: [Swift.Duration] { state.withLock { $0.naps } }

    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        state.withLock { state in
            state.naps.append(deadline.time - state.now)
            state.now = max(state.now, deadline.time)
        }
        await Task.yield()
        try Task.checkCancellation()
    }
}

/// Something that happens once, and those who wait for it.
final class Signal: Sendable {
    private let state = Mutex((isGiven: false, waiting: [CheckedContinuation<Void, Never>]()))

    func give() {
        let waiting = state.withLock { state in
            state.isGiven = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isGiven = state.withLock { state in
                if !state.isGiven { state.waiting.append(continuation) }
                return state.isGiven
            }
            if isGiven { continuation.resume() }
        }
    }
}

/// Records "0", "1" and so on, some in each parcel.
final class NumberSource: RecordSource {
    private struct State {
        var next = 0
        var parcels: UInt64 = 0
        var delivered: [UInt64] = []
        var mostOutstanding = 0
        /// The parcel that each record was in.
        var parcelOfRecord: [UInt64] = []
    }

    private let count: Int
    private let perParcel: Int
    private let waitsAtEnd: Bool
    private let state = Mutex(State())

    init(_ count: Int, perParcel: Int = 4, waitsAtEnd: Bool = false) {
        (self.count, self.perParcel, self.waitsAtEnd) = (count, perParcel, waitsAtEnd)
    }

    var delivered: [UInt64] { state.withLock { $0.delivered } }
    var mostOutstanding: Int { state.withLock { $0.mostOutstanding } }

    /// The number of the parcel that a record was in.
    func parcel(of record: Int) -> UInt64 { state.withLock { $0.parcelOfRecord[record] } }

    func next(_ limits: BatchLimits) async -> Parcel? {
        let parcel: Parcel? = state.withLock { state in
            guard state.next < count else { return nil }
            let end = min(state.next + min(perParcel, limits.records), count)
            let bytes = (state.next..<end).flatMap { Array("\($0)\n".utf8) }
            state.parcels += 1
            state.parcelOfRecord += Array(repeating: state.parcels, count: end - state.next)
            state.next = end
            state.mostOutstanding = max(state.mostOutstanding, Int(state.parcels) - state.delivered.count)
            return Parcel(batch: Batch(bytes: bytes), number: state.parcels)
        }
        if parcel == nil, waitsAtEnd { try? await Task.sleep(for: .seconds(3600)) }
        return parcel
    }

    func delivered(_ parcel: Parcel) async { state.withLock { $0.delivered.append(parcel.number) } }
}

/// A receiver that does what it is told for each try, and remembers what it acknowledged.
final class ScriptedReceiver: Receiver {
    let name = "receiver"
    let limits: BatchLimits
    let mayRefuse = true
    private let onLoad: @Sendable (_ records: [String]) -> Void
    private let script: @Sendable (_ records: [String], _ attempt: Int) async -> DeliveryResult
    private let state = Mutex((loads: [[String]](), tries: [[String]](), taken: [String](), isClosed: false))

    init(
        limits: BatchLimits = BatchLimits(), onLoad: @escaping @Sendable (_ records: [String]) -> Void = { _ in },
        _ script: @escaping @Sendable (_ records: [String], _ attempt: Int) async -> DeliveryResult
    ) {
        (self.limits, self.onLoad, self.script) = (limits, onLoad, script)
    }

    /// Batches that were made ready, in order.
    var loads: [[String]] { state.withLock { $0.loads } }

    var tries: [[String]] { state.withLock { $0.tries } }
    var taken: [String] { state.withLock { $0.taken } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func load(_ batch: Batch) async -> DeliveryTry {
        let records = batch.lines.map { String(decoding: batch.bytes[$0], as: UTF8.self) }
        state.withLock { $0.loads.append(records) }
        onLoad(records)
        return { await self.deliver(records) }
    }

    func deliver(_ batch: Batch) async -> DeliveryResult { await load(batch)() }

    private func deliver(_ records: [String]) async -> DeliveryResult {
        let attempt = state.withLock { state in
            state.tries.append(records)
            return state.tries.count - 1
        }
        let result = await script(records, attempt)
        var left: Set<Int> = []
        switch result {
        case .acknowledged(let rejected): left = Set(rejected.map(\.index))
        case .partly(let retry, let rejected, _): left = Set(retry + rejected.map(\.index))
        case .tooLarge, .outage: left = Set(records.indices)
        }
        state.withLock { state in
            state.taken += records.indices.filter { !left.contains($0) }.map { records[$0] }
        }
        return result
    }

    func close() async { state.withLock { $0.isClosed = true } }
}

/// Keeps letters, unless it is told not to.
final class LetterBox: DeadLetterBox {
    private let state: Mutex<(letters: [DeadLetter], failures: Int)>

    init(failures: Int = 0) { state = Mutex(([], failures)) }

    var letters: [DeadLetter] { state.withLock { $0.letters } }

    func keep(_ letters: [DeadLetter]) async -> String? {
        state.withLock { state in
            guard state.failures == 0 else {
                state.failures -= 1
                return "no room"
            }
            state.letters += letters
            return nil
        }
    }
}

/// Remembers what it was told.
final class Witness: DeliveryObserver {
    private let state = Mutex([DeliveryEvent]())
    var events: [DeliveryEvent] { state.withLock { $0 } }

    func note(_ event: DeliveryEvent) { state.withLock { $0.append(event) } }

    /// What a person was told, without the counting.
    var told: [DeliveryEvent] {
        events.filter {
            switch $0 {
            case .delivered, .retried: false
            case .rejected, .troubled, .recovered, .split: true
            }
        }
    }
}

/// A courier with everything around it.
struct Round {
    let source: NumberSource
    let receiver: ScriptedReceiver
    let letters: LetterBox
    let witness = Witness()
    let clock = VirtualClock()
    let courier: Courier<VirtualClock>

    init(
        _ source: NumberSource, letters: LetterBox = LetterBox(), limits: BatchLimits = BatchLimits(),
        random: @escaping @Sendable () -> Double = { 1 },
        onLoad: @escaping @Sendable (_ records: [String]) -> Void = { _ in },
        _ script: @escaping @Sendable (_ records: [String], _ attempt: Int) async -> DeliveryResult
    ) {
        self.source = source
        self.letters = letters
        receiver = ScriptedReceiver(limits: limits, onLoad: onLoad, script)
        courier = Courier(
            from: source, to: receiver, deadLetters: letters, observer: witness, clock: clock, random: random)
    }

    var numbers: [Int] { receiver.taken.compactMap { Int($0) } }
}
