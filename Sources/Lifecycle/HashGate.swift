internal import DequeModule
public import Model

/// Holds back events until more is known of their process (what its executable really is, all of its arguments), up to a
/// limit of time.
///
/// `Key` names what is waited for. Events with the same key leave in the order in which they came.
public struct HashGate<Key: Hashable & Sendable> {
    private struct Held {
        var event: TraceEvent
        var key: Key
        var deadline: UInt64
    }

    /// Events that are held at the most; more, and they pass without waiting.
    public static var limit: Int { 16_384 }

    /// Number of events that are held.
    ///
    /// Stored: it is asked for with each event, and of another module's generic type only what is stored is read
    /// without asking the runtime for the type first.
    public private(set) var count = 0
    private let patienceNanoseconds: UInt64
    private var held: Deque<Held> = []
    private var waitingFor: [Key: Int] = [:]

    /// Makes a gate.
    ///
    /// - Parameter patienceNanoseconds: how long an event waits at most; 0: not at all.
    public init(patienceNanoseconds: UInt64) { self.patienceNanoseconds = patienceNanoseconds }

    /// When ``expire(now:emit:)`` has something to do, nanoseconds of CLOCK_BOOTTIME; nil: nothing is held.
    public var nextDeadline: UInt64? { held.first?.deadline }

    /// Whether events are held for a key.
    public func isWaiting(for key: Key) -> Bool { waitingFor[key] != nil }

    /// Takes an event that waits for `key`; false: it is not to wait.
    public mutating func hold(_ event: TraceEvent, for key: Key, now: UInt64) -> Bool {
        guard patienceNanoseconds > 0, held.count < Self.limit else { return false }
        held.append(Held(event: event, key: key, deadline: now &+ patienceNanoseconds))
        count += 1
        waitingFor[key, default: 0] += 1
        return true
    }

    /// Lets go what waits for a key, each with what was found.
    public mutating func release(_ key: Key, with file: FileVerdict, emit: (TraceEvent) -> Void) {
        release(key) { emit($0.with(file: file, isPending: false)) }
    }

    /// Lets go what waits for a key, as it is.
    public mutating func release(_ key: Key, emit: (TraceEvent) -> Void) {
        guard waitingFor.removeValue(forKey: key) != nil else { return }
        var rest = Deque<Held>(minimumCapacity: held.count)
        for entry in held {
            if entry.key == key {
                emit(entry.event)
            } else {
                rest.append(entry)
            }
        }
        held = rest
        count = held.count
    }

    /// Lets go what has waited long enough, as it is.
    public mutating func expire(now: UInt64, emit: (TraceEvent) -> Void) {
        while let first = held.first, first.deadline <= now {
            held.removeFirst()
            count -= 1
            let left = waitingFor[first.key, default: 1] - 1
            waitingFor[first.key] = left > 0 ? left : nil
            emit(first.event)
        }
    }
}
