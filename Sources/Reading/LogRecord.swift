public import Model
public import Records

/// One record of a log, as it was when it was written.
///
/// Times of its event are of a clock that ``clock`` turns into wall-clock time.
public struct LogRecord: Sendable {
    /// What happened; nil: something that this version does not know, as ``action`` calls it.
    public var event: TraceEvent?
    /// `event.action`.
    public var action: String
    /// `@timestamp`, nanoseconds since 1970.
    public var unixNanoseconds: UInt64
    /// `event.sequence`.
    public var sequence: UInt64
    /// Of an event that user space made: its number, which its id ends with; else nil.
    public var ownNumber: UInt64?
    /// What is the same in every record of the run.
    public var run: RunContext
    /// Boot time to wall-clock time.
    public var clock: WallClock
}

/// The names of users as the records have them: this machine may have others.
public final class RecordedNames {
    private var names: [UInt32: [UInt8]] = [:]

    /// Knows none.
    public init() {}

    /// The name that the records last read gave a user id; nil: none.
    public subscript(id: UInt32) -> [UInt8]? { names[id] }

    /// nil: the record has none.
    func remember(_ name: [UInt8]?, of id: UInt32) {
        // A log may come from anywhere.
        if names.count >= 65_536 { names.removeAll() }
        if names[id] != name { names[id] = name }
    }
}
