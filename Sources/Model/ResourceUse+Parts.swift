/// How full a map is that the kernel's programs keep what is under way in, where it has no place of its own.
public struct MapUse: Sendable, Hashable {
    /// Its name: `tcp_attempts`, `udp_sockets` or `udp_flows`.
    public var name: String
    /// Entries that are there now.
    ///
    /// A map of UDP forgets the oldest when it is full, and no earlier.
    public var entries: UInt64
    /// Entries that there may be.
    public var capacity: UInt64

    /// Makes one.
    public init(name: String, entries: UInt64, capacity: UInt64) {
        self.name = name
        self.entries = entries
        self.capacity = capacity
    }
}

/// What looking for beacons takes, and what it came to.
public struct BeaconUse: Sendable, Hashable {
    /// Pairs of caller and destination, and roll-ups, that are kept.
    public var keys: UInt64
    /// Bytes that they take, as far as they can be counted.
    public var heldBytes: UInt64
    /// Calls so far.
    public var calls: UInt64
    /// Keys that were forgotten for want of room so far.
    public var forgottenKeys: UInt64
    /// The calls of those.
    public var forgottenCalls: UInt64
    /// Keys that wait to be looked at.
    public var waiting: UInt64
    /// Beacons found so far.
    public var findings: UInt64
    /// Held connections whose sends are looked at.
    public var connections: UInt64 = 0
    /// Held connections that were too many, so far.
    public var omittedConnections: UInt64 = 0

    /// Makes one.
    public init(
        keys: UInt64 = 0, heldBytes: UInt64 = 0, calls: UInt64 = 0, forgottenKeys: UInt64 = 0,
        forgottenCalls: UInt64 = 0, waiting: UInt64 = 0, findings: UInt64 = 0
    ) {
        self.keys = keys
        self.heldBytes = heldBytes
        self.calls = calls
        self.forgottenKeys = forgottenKeys
        self.forgottenCalls = forgottenCalls
        self.waiting = waiting
        self.findings = findings
    }
}

/// How the log gets on.
public struct LogUse: Sendable, Hashable {
    /// Files begun so far; of a log that is one file or a pipe: 1.
    public var files: UInt64
    /// Bytes written so far.
    public var bytes: UInt64
    /// Lines written so far.
    public var lines: UInt64
    /// Bytes that wait to be written.
    public var backlogBytes: UInt64
    /// How often it could not be written to so far.
    public var failures: UInt64
    /// Whether it cannot be written to now.
    public var isFailing: Bool

    /// Makes one; nothing yet where nothing is said.
    public init(
        files: UInt64 = 0, bytes: UInt64 = 0, lines: UInt64 = 0, backlogBytes: UInt64 = 0, failures: UInt64 = 0,
        isFailing: Bool = false
    ) {
        self.files = files
        self.bytes = bytes
        self.lines = lines
        self.backlogBytes = backlogBytes
        self.failures = failures
        self.isFailing = isFailing
    }
}
