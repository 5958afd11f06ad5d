/// One attempt to reach a destination, one flow of datagrams, or one send after a silence.
public struct Call: Sendable {
    /// How it ended.
    public enum Ending: UInt8, Hashable, Sendable, CaseIterable {
        /// It was answered.
        case answered
        /// The other end refused.
        case refused
        /// Nobody answered.
        case unanswered
        /// This machine had no way there: no route, no network.
        case offline
        /// It was not let go: a filter, a security module.
        case denied
        /// It failed in another way.
        case failed
        /// The log does not say.
        case unknown
    }

    /// Who called.
    public var caller: Caller
    /// Where to.
    public var destination: Destination
    /// When, nanoseconds since 1970.
    public var nanoseconds: Int64
    /// How it ended.
    public var ending: Ending
    /// Payload bytes that the caller sent; nil: not known.
    public var bytesSent: UInt64?
    /// Payload bytes that came since the call before; nil: not known.
    public var bytesReceived: UInt64?
    /// How long the connection lasted, seconds; nil: not known, or no connection.
    public var seconds: Double?
    /// Whether it came from outside to a host of ours: then the caller is not ours.
    public var isInbound: Bool
    /// Whether it is a send on a connection that was there before.
    public var isOnHeldConnection: Bool
    /// Whether it only tells how an attempt ended, which may have been told of as a call whose ending was not known: then it
    /// is no other call.
    public var isResolution: Bool

    /// When, whole milliseconds since 1970.
    var milliseconds: Int64 { nanoseconds / 1_000_000 }

    /// Makes a call.
    public init(
        caller: Caller, destination: Destination, nanoseconds: Int64, ending: Ending = .unknown,
        bytesSent: UInt64? = nil, bytesReceived: UInt64? = nil, seconds: Double? = nil, isInbound: Bool = false,
        isOnHeldConnection: Bool = false, isResolution: Bool = false
    ) {
        self.caller = caller
        self.destination = destination
        self.nanoseconds = nanoseconds
        self.ending = ending
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
        self.seconds = seconds
        self.isInbound = isInbound
        self.isOnHeldConnection = isOnHeldConnection
        self.isResolution = isResolution
    }
}
