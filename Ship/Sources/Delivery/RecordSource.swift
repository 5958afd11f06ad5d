/// A batch on its way, and what goes to the dead letters beside it.
public struct Parcel: Sendable {
    /// The records; none: everything that stood there is not wanted.
    public var batch: Batch
    /// Its number, ascending: what comes earlier in the log has a lower one.
    public var number: UInt64
    /// Records that cannot be sent at all, by no fault of the receiver's.
    public var letters: [DeadLetter]

    /// Makes one.
    public init(batch: Batch, number: UInt64, letters: [DeadLetter] = []) {
        (self.batch, self.number, self.letters) = (batch, number, letters)
    }
}

/// Where records come from, in order; for one that delivers them.
public protocol RecordSource: Sendable {
    /// What comes next; waits for it.
    ///
    /// - Returns: nil: its task was cancelled, or there will never be more. Nothing is lost by a cancellation.
    func next(_ limits: BatchLimits) async -> Parcel?

    /// Remembers that everything up to a parcel is delivered: it must not come again after a restart.
    func delivered(_ parcel: Parcel) async
}

/// A record that will never be delivered.
public struct DeadLetter: Sendable, Equatable {
    /// Its line, without the line feed.
    public var record: [UInt8]
    /// Why, as for ``RejectedRecord``.
    public var reason: String

    /// Makes one.
    public init(record: [UInt8], reason: String) { (self.record, self.reason) = (record, reason) }
}

/// Keeps records that will never be delivered, for a person to look at.
public protocol DeadLetterBox: Sendable {
    /// Keeps some, so that they are there whatever happens.
    ///
    /// - Returns: nil, or what is in the way, in words; then it is tried again.
    func keep(_ letters: [DeadLetter]) async -> String?
}

/// What happens on the way to a receiver.
public enum DeliveryEvent: Sendable, Equatable {
    /// Records were acknowledged.
    case delivered(records: Int, bytes: Int)
    /// Records went to the dead letters; the reason is that of the first.
    case rejected(records: Int, reason: String)
    /// Nothing goes any more, or for another reason than before; told once for each reason until it is over.
    case troubled(message: String)
    /// It goes again.
    case recovered(after: Duration, tries: Int)
    /// A try failed.
    case retried
    /// The receiver does not take so much at once; told once.
    case split(records: Int, bytes: Int)
}

/// Is told what happens on the way to a receiver.
public protocol DeliveryObserver: Sendable {
    /// Must not wait.
    func note(_ event: DeliveryEvent)
}
