import Model
import Records

/// Makes records of the lines of a log in ECS.
///
/// It remembers what lines have in common: the run, its processes, the names of users.
public struct RecordParser {
    /// The names of users, as of the records so far.
    public let names = RecordedNames()

    var remembered = RememberedProcesses()
    var lastCapabilities: (bytes: [UInt8], mask: UInt64?)?
    var lastAgent: [UInt8] = []
    var lastHost: [UInt8] = []
    var run = RunContext(
        machineID: nil, hostName: "", kernelRelease: "", architecture: "", operatingSystem: nil, bootID: "",
        version: "", runID: "", hookSet: "")
    var clock = WallClock(offsetNanoseconds: 0)
    /// The run that ``clock`` is of, and what the clocks of other runs were: lines of several may take turns.
    private var clockRun = ""
    private var otherClocks: [String: WallClock] = [:]
    /// When there are more, all are forgotten.
    private static let mostClocks = 256
    let capabilityNumbers = Dictionary(
        uniqueKeysWithValues: (UInt64(0)..<64).map { (Array(Capabilities.names(of: 1 << $0)[0].utf8), $0) })
    let errorNumbers = ErrorNumber.byName

    /// Begins, and remembers nothing.
    public init() {}

    /// Reads one line.
    ///
    /// - Parameter range: where it stands in `bytes`, with its newline or without.
    public mutating func parse(_ bytes: [UInt8], _ range: Range<Int>) throws(Malformed) -> LogRecord {
        var scanner = JSONScanner(bytes, range)
        var fields = RecordFields()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            switch key {
            case "@timestamp": fields.time = try scanner.time()
            case "event": try event(&scanner, into: &fields.event)
            case "network": try network(&scanner, into: &fields)
            case "source": fields.source = try side(&scanner)
            case "destination": fields.destination = try side(&scanner)
            case "error": fields.errorCode = try errorCode(&scanner)
            case "process": try process(&scanner, into: &fields)
            case "user": fields.userID = try user(&scanner)
            case "group": fields.groupID = try group(&scanner)
            case "container": try container(&scanner, into: &fields.place)
            case "kubernetes": try kubernetes(&scanner, into: &fields.place)
            case "tattle": try tattle(&scanner, into: &fields)
            case "message": fields.message = try scanner.text()
            case "agent": try agent(&scanner)
            case "host": try host(&scanner)
            case "class_uid":
                fields.isOCSF = true
                try scanner.skip()
            default: try scanner.skip()
            }
        }
        guard scanner.peek() == 0, scanner.index >= scanner.end else { throw scanner.syntaxError }
        return try record(fields)
    }

    private mutating func record(_ fields: RecordFields) throws(Malformed) -> LogRecord {
        if fields.isOCSF { throw .ocsf }
        guard let action = fields.event.action else { throw .foreign(missing: "event.action") }
        guard let sequence = fields.event.sequence else { throw .foreign(missing: "event.sequence") }
        guard let time = fields.time else { throw .foreign(missing: "@timestamp") }
        if run.runID != clockRun { changeRun() }
        if let process = fields.process?.program, let start = process.start, process.startBoot != 0 {
            // What the wall clock said then, exactly; it may have been set since the line before.
            clock.offsetNanoseconds = Int64(bitPattern: start &- process.startBoot)
        } else if let first = fields.firstTime, Int64(clamping: first) < clock.offsetNanoseconds {
            // Before the clock's beginning, as far as it is known: it was set back, or no line has told it yet.
            clock.offsetNanoseconds = Int64(clamping: first)
        }
        return LogRecord(
            event: try traceEvent(fields, action), action: action, unixNanoseconds: time, sequence: sequence,
            ownNumber: fields.event.ownNumber, run: run, clock: clock)
    }

    /// What the clock of one run says is nothing to another, which may be of another boot or another machine.
    private mutating func changeRun() {
        if otherClocks.count >= Self.mostClocks { otherClocks.removeAll() }
        otherClocks[clockRun] = clock
        clock = otherClocks[run.runID] ?? WallClock(offsetNanoseconds: 0)
        clockRun = run.runID
    }

    /// A time of the record as boot time.
    func boot(_ time: UInt64?) -> UInt64 {
        // Before the clock's beginning there is nothing.
        let (value, overflow) = Int64(clamping: time ?? 0).subtractingReportingOverflow(clock.offsetNanoseconds)
        return overflow ? 0 : UInt64(max(value, 0))
    }

    /// What an error's name stands for; nil: there is no such error.
    func errorNumber(_ name: [UInt8]?) -> Int32? {
        guard let name else { return nil }
        if let number = errorNumbers[name] { return number }
        guard name.starts(with: "ERRNO_".utf8) else { return nil }
        return Int32(String(decoding: name.dropFirst(6), as: UTF8.self))
    }
}
