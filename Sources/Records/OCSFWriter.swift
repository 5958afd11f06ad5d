public import Model

/// Writes events as NDJSON in the Open Cybersecurity Schema Framework, 1.8: one object and one newline each.
///
/// Attempts and ends are of class 4001, Network Activity, with the profiles `host`, `container` and `linux_users`; the beginning and end of
/// a run of 6002, Application Lifecycle; life signs and losses of 1008, Event Log Activity. What OCSF has no name for is under
/// `unmapped.tattle`, by the names of the ECS form. Times are in milliseconds, as OCSF wants them; `metadata.original_time`
/// has the nanoseconds.
///
/// Lines are as long as those of ``ECSWriter`` at most, as valid, and made as it makes them: nothing is allocated per record.
///
/// https://schema.ocsf.io/1.8.0
public struct OCSFWriter {
    /// The version of OCSF.
    public static let schemaVersion = "1.8.0"

    /// Boot time to wall-clock time; the caller refreshes its offset.
    public var clock: WallClock {
        didSet {
            // The start of a process that was rendered stays as it was, unless the clock was set.
            let step = clock.offsetNanoseconds.subtractingReportingOverflow(oldValue.offsetNanoseconds)
            if step.overflow || step.partialValue.magnitude >= 1_000_000_000 { fragments.removeAll() }
        }
    }
    /// How many lines were written: the next one's `metadata.sequence`.
    public private(set) var lineCount: UInt64 = 0
    private var ownEvents: UInt64 = 0

    /// What was rendered of processes.
    var fragments = ProcessFragments()
    let identifiers: RunIdentifiers
    let names: (UInt32) -> [UInt8]?
    /// `,"device":{…}` and the beginning of `metadata`, up to the id.
    private let constants: [UInt8]

    /// Makes a writer for one run.
    /// - Parameters:
    ///   - context: what is the same in every record.
    ///   - clock: boot time to wall-clock time.
    ///   - names: the name of a user id, nil when it has none; asked for each record, so it should remember.
    public init(context: RunContext, clock: WallClock, names: @escaping (UInt32) -> [UInt8]?) {
        self.clock = clock
        self.names = names
        identifiers = RunIdentifiers(context)
        constants = Self.constants(context)
    }

    /// Goes on where another writer of the run was.
    ///
    /// - Parameters:
    ///   - lineCount: lines written: the next one's `metadata.sequence`.
    ///   - ownEvents: events that user space made, so far; nil: as it is.
    public mutating func resume(lineCount: UInt64, ownEvents: UInt64? = nil) {
        self.lineCount = lineCount
        if let ownEvents { self.ownEvents = ownEvents }
    }

    /// Appends `event` as one line.
    public mutating func write(_ event: TraceEvent, into buffer: inout LineBuffer) {
        switch event {
        case .attempted(let event): attempted(event, into: &buffer)
        case .resolved(let event): resolved(event, into: &buffer)
        case .disconnected(let event): disconnected(event, into: &buffer)
        case .existing(let event): existing(event, into: &buffer)
        case .aggregated(let event): aggregated(event, into: &buffer)
        case .started(let event): started(event, into: &buffer)
        case .beacon(let event): beacon(event, into: &buffer)
        case .lost(let event): lost(event, into: &buffer)
        case .heartbeat(let event): heartbeat(event, into: &buffer)
        case .stopped(let event): stopped(event, into: &buffer)
        }
        buffer.literal("}\n")
        lineCount &+= 1
    }

    private static func constants(_ context: RunContext) -> [UInt8] {
        var buffer = LineBuffer(capacity: 1024)
        buffer.literal(",\"device\":{\"type_id\":0,\"type\":\"Unknown\",\"hostname\":\"")
        buffer.text(context.hostName)
        if let machineID = context.machineID {
            buffer.literal("\",\"uid\":\"")
            buffer.text(machineID)
        }
        buffer.literal("\",\"boot_uid\":\"")
        buffer.text(context.bootID)
        buffer.literal("\",\"os\":{\"type_id\":200,\"type\":\"Linux\",\"name\":\"")
        buffer.text(context.operatingSystem ?? "Linux")
        buffer.literal("\",\"kernel_release\":\"")
        buffer.text(context.kernelRelease)
        buffer.literal("\"}},\"metadata\":{\"version\":\"")
        buffer.text(schemaVersion)
        buffer.literal("\",\"product\":{\"name\":\"tattle\",\"vendor_name\":\"tattle\",\"version\":\"")
        buffer.text(context.version)
        buffer.literal("\",\"uid\":\"")
        buffer.text(context.runID)
        buffer.literal(
            "\"},\"log_name\":\"tattle.trace\",\"log_provider\":\"tattle\",\"profiles\":[\"container\",\"host\",\"linux/linux_users\"],\"uid\":\""
        )
        return buffer.copy()
    }

    /// Appends `device` and `metadata` up to the id, which is to be appended with ``endMetadata(_:into:)`` behind it.
    func metadata(into buffer: inout LineBuffer) {
        buffer.raw(constants)
    }

    /// Appends `device` and `metadata` of an event that user space made.
    mutating func ownMetadata(at bootNanoseconds: UInt64, into buffer: inout LineBuffer) {
        metadata(into: &buffer)
        identifiers.append(own: ownEvents, into: &buffer)
        ownEvents &+= 1
        endMetadata(bootNanoseconds, into: &buffer)
    }

    /// Appends what follows the id in `metadata`.
    func endMetadata(_ bootNanoseconds: UInt64, into buffer: inout LineBuffer) {
        buffer.literal("\",\"sequence\":")
        buffer.decimal(lineCount)
        buffer.literal(",\"original_time\":\"")
        buffer.timestamp(bootNanoseconds, clock)
        buffer.literal("\"}")
    }

    /// Appends a time in milliseconds since 1970.
    @inline(__always)
    func milliseconds(_ bootNanoseconds: UInt64, into buffer: inout LineBuffer) {
        buffer.decimal(clock.unixNanoseconds(bootNanoseconds) / 1_000_000)
    }
}
