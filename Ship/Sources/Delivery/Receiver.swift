/// Where records are delivered to: a server, a file.
///
/// A receiver tries once and says what came of it; when to try again is decided by whoever delivers. One batch at a
/// time is delivered to a receiver, so records keep their order.
public protocol Receiver: Sendable {
    /// What it is called in messages, checkpoints and metrics: the URL, without a password or a token in it.
    var name: String { get }

    /// How large its batches may be.
    var limits: BatchLimits { get }

    /// Whether it may refuse records for good.
    var mayRefuse: Bool { get }

    /// Makes ready what is sent of a batch, without sending anything: the one before may still be on its way.
    func load(_ batch: Batch) async -> DeliveryTry

    /// Delivers a batch, once: one try of it.
    func deliver(_ batch: Batch) async -> DeliveryResult

    /// Ends its connections.
    func close() async
}

/// One try to deliver a batch, which may be made again.
///
/// Returns in bounded time, whatever the receiver does; cancellation ends it early, with an outage.
public typealias DeliveryTry = @Sendable () async -> DeliveryResult

extension Receiver {
    /// It takes what it gets.
    public var mayRefuse: Bool { false }

    /// There is nothing to be made ready.
    public func load(_ batch: Batch) async -> DeliveryTry { { await deliver(batch) } }
}

/// How large a batch may be.
public struct BatchLimits: Sendable, Equatable {
    /// Records, at least 1.
    public var records: Int
    /// Bytes of the records' lines; a longer record makes a batch alone.
    public var bytes: Int

    /// Makes limits.
    public init(records: Int = 5_000, bytes: Int = 4 << 20) {
        (self.records, self.bytes) = (records, bytes)
    }
}

/// What came of one try to deliver a batch.
public enum DeliveryResult: Sendable, Equatable {
    /// The receiver has acknowledged every record but those that it will never take.
    case acknowledged(rejected: [RejectedRecord])
    /// Some records are to be tried again, before anything else is; all others are acknowledged or rejected.
    ///
    /// - Parameter indices: of the batch's lines, ascending, not empty.
    case partly(retry: [Int], rejected: [RejectedRecord], delay: Duration?)
    /// The receiver does not take so much at once (HTTP 413): to be split. A single record is rejected.
    case tooLarge
    /// Nothing is acknowledged; the same batch is to be tried again.
    case outage(Outage)
}

/// A record that the receiver will never take: for the dead letters.
public struct RejectedRecord: Sendable, Equatable {
    /// Which line of the batch it is.
    public var index: Int
    /// What the receiver says, at most 1,024 bytes, with no control characters.
    public var reason: String
    /// Whether the receiver has refused this very record; not so where it cannot be sent at all, or where it is set aside
    /// with others because which of them are refused is not known.
    public var isRefused: Bool

    /// Makes one.
    public init(index: Int, reason: String, isRefused: Bool = true) {
        (self.index, self.reason, self.isRefused) = (index, reason, isRefused)
    }
}

/// Why nothing was acknowledged.
public struct Outage: Sendable, Equatable {
    /// Of which kind it is.
    public enum Kind: Sendable, Equatable {
        /// May go by itself: no connection, no answer, HTTP 429, 5xx.
        case passing
        /// Somebody has to do something: a wrong token, a certificate for another name. Tried again, seldom.
        case lasting
    }

    /// Of which kind it is.
    public var kind: Kind
    /// What happened and what to do, one line, without secrets.
    public var message: String
    /// When the receiver asks to be tried again (Retry-After); nil: it does not say.
    public var delay: Duration?

    /// Makes one.
    public init(_ kind: Kind, _ message: String, delay: Duration? = nil) {
        (self.kind, self.message, self.delay) = (kind, message, delay)
    }
}
