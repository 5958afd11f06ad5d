public import Model

/// Writes events as NDJSON in the Elastic Common Schema: one object and one newline each.
///
/// A line is valid UTF-8 JSON whatever bytes a process chose for its name and its arguments,
/// and at most `maximumLineBytes` long. Nothing is allocated per record once the buffer is
/// large enough. What is the same in every record of a run is rendered once.
///
/// https://www.elastic.co/docs/reference/ecs
public struct ECSWriter {
    /// The longest line, its newline included.
    public static let maximumLineBytes = 64 << 10
    /// The version of the `tattle.*` fields; the first number changes when one changes its meaning.
    public static let schemaVersion = "1.0"
    /// The fields' ECS version.
    public static let ecsVersion = "9.2.0"
    /// The shortest first line of a file: shippers know a file by its first KiB.
    static let minimumStartedBytes = 1024

    /// Boot time to wall-clock time; the caller refreshes its offset.
    public var clock: WallClock {
        didSet {
            // The start of a process that was rendered stays as it was, unless the clock was set.
            let step = clock.offsetNanoseconds.subtractingReportingOverflow(oldValue.offsetNanoseconds)
            if step.overflow || step.partialValue.magnitude >= 1_000_000_000 { fragments.removeAll() }
        }
    }
    /// How many lines were written: the next one's `event.sequence`.
    public private(set) var lineCount: UInt64 = 0
    /// Events made in user space so far: their ids rest on no ring record.
    var ownEvents: UInt64 = 0

    /// What was rendered of processes.
    var fragments = ProcessFragments()
    /// The capabilities that were rendered last.
    var lastCapabilities: (mask: UInt64, text: [UInt8])?

    let identifiers: RunIdentifiers
    let constants: ECSConstants
    let names: (UInt32) -> [UInt8]?

    /// Makes a writer for one run.
    /// - Parameters:
    ///   - context: what is the same in every record.
    ///   - clock: boot time to wall-clock time.
    ///   - names: the name of a user id, nil when it has none; asked for each record, so it should remember.
    public init(context: RunContext, clock: WallClock, names: @escaping (UInt32) -> [UInt8]?) {
        self.clock = clock
        self.names = names
        identifiers = RunIdentifiers(context)
        constants = ECSConstants(context)
    }

    /// Appends `event` as one line.
    public mutating func write(_ event: TraceEvent, into buffer: inout LineBuffer) {
        switch event {
        case .attempted(let event): attempted(event.attempt, event.attribution, into: &buffer)
        case .resolved(let event): resolved(event.attempt, event.attribution, into: &buffer)
        case .disconnected(let event): disconnected(event, into: &buffer)
        case .started(let event): started(event, into: &buffer)
        case .existing(let event): existing(event, into: &buffer)
        case .aggregated(let event): aggregated(event, into: &buffer)
        case .beacon(let event): beacon(event, into: &buffer)
        case .lost(let event): lost(event, into: &buffer)
        case .heartbeat(let event): heartbeat(event, into: &buffer)
        case .stopped(let event): stopped(event, into: &buffer)
        }
        lineCount &+= 1
    }

    /// Appends an attempt as one line.
    ///
    /// - Parameters:
    ///   - attribution: who made it.
    ///   - isResolved: whether it was told of before, and this is its outcome.
    public mutating func write(
        _ attempt: Attempt, by attribution: Attribution, isResolved: Bool, into buffer: inout LineBuffer
    ) {
        if isResolved {
            resolved(attempt, attribution, into: &buffer)
        } else {
            attempted(attempt, attribution, into: &buffer)
        }
        lineCount &+= 1
    }

    /// Goes on where another writer of the run was.
    ///
    /// - Parameters:
    ///   - lineCount: lines written: the next one's `event.sequence`.
    ///   - ownEvents: events that user space made, so far; nil: as it is.
    public mutating func resume(lineCount: UInt64, ownEvents: UInt64? = nil) {
        self.lineCount = lineCount
        if let ownEvents { self.ownEvents = ownEvents }
    }

    /// Appends `,"sequence":` and the line's number.
    @inline(__always)
    func sequence(into buffer: inout LineBuffer) {
        buffer.literal(",\"sequence\":")
        buffer.decimal(lineCount)
    }

    /// Appends `"id":"…"`, and a letter because one ring record may be told of in several lines.
    @inline(__always)
    func eventID(_ reference: RecordReference, _ letter: StaticString, into buffer: inout LineBuffer) {
        buffer.literal(",\"id\":\"")
        identifiers.append(event: reference, letter, into: &buffer)
    }

    /// Appends the id of an event that user space made.
    mutating func ownEventID(into buffer: inout LineBuffer) {
        buffer.literal(",\"id\":\"")
        identifiers.append(own: ownEvents, into: &buffer)
        buffer.byte(UInt8(ascii: "\""))
        ownEvents &+= 1
    }

    /// Appends a process's id, without quotes; only where its start is known.
    @inline(__always)
    func entityID(_ identity: ProcessIdentity, into buffer: inout LineBuffer) {
        identifiers.append(process: identity, into: &buffer)
    }
}
