/// An attempt as it is written: who, where, how it ended as far as known.
public struct AttemptEvent: Sendable {
    /// The attempt.
    ///
    /// Of a resolved one: the observation that brought the outcome.
    public var attempt: Attempt
    /// Who made it.
    public var attribution: Attribution

    /// Makes an event.
    public init(attempt: Attempt, attribution: Attribution) {
        self.attempt = attempt
        self.attribution = attribution
    }
}

/// What was measured over the life of a connection or a flow.
public enum Traffic: Sendable {
    /// TCP: from the socket's own counters.
    case connection(ConnectionClose)
    /// UDP: from the counters per socket and destination.
    case flow(FlowCounters)
}

/// The end of a TCP connection or a UDP flow.
public struct DisconnectEvent: Sendable {
    /// The attempt that it began with.
    public var attempt: Attempt
    /// Who made it.
    public var attribution: Attribution
    /// When it ended, nanoseconds of CLOCK_BOOTTIME.
    ///
    /// Of a UDP flow: the last send.
    public var endedBootNanoseconds: UInt64
    /// What was measured.
    public var traffic: Traffic

    /// Makes an event.
    public init(attempt: Attempt, attribution: Attribution, endedBootNanoseconds: UInt64, traffic: Traffic) {
        self.attempt = attempt
        self.attribution = attribution
        self.endedBootNanoseconds = endedBootNanoseconds
        self.traffic = traffic
    }
}

/// Why records are missing.
public enum LossCause: String, Sendable, Hashable, CaseIterable {
    /// The ring buffer was full.
    case ringFull = "ring_full"
    /// The kernel did not run the program: it ran already on that CPU.
    case recursion
    /// A socket was found closed, and the kernel ran no program when it closed: how an attempt or a connection ended is
    /// not known.
    case skipped
    /// No room for an attempt's state: the attempt is recorded, its outcome may not be.
    case mapFull = "map_full"
    /// The kernel had no room for the counts of so many UDP flows: the end of one is not recorded, nor what it sent.
    case flowForgotten = "flow_forgotten"
    /// A send from a PACKET_TX_RING had more frames than are told of.
    case packetRing = "packet_ring"
    /// A record came that could not be read.
    case undecodable
    /// A sequence number is missing and no counter says why.
    case unexplained
    /// The kernel's own counters of a network namespace say more than was recorded, and nothing else says why.
    case unaccounted
    /// Sockets that were open before tattle are not written: too many, or the run ended before they were all found.
    case inventoryIncomplete = "inventory_incomplete"
    /// There was no room for the log, and more waited than is held.
    case diskFull = "disk_full"
    /// The log could not be written for another reason, and more waited than is held.
    case writeFailed = "write_failed"
    /// The run before, in the same folder, ended without a word: what it had not written by then is lost.
    case previousRunDied = "previous_run_died"
}

/// Records are missing: how many, why, when.
public struct LossEvent: Sendable {
    /// Why.
    public var cause: LossCause
    /// Records lost in all.
    public var count: UInt64
    /// Of them: attempts, with their outcome if it was known.
    public var attempts: UInt64
    /// Of them: exec, fork and exit records, so that later attempts may lack their process.
    public var processRecords: UInt64
    /// The hook that would have written them; nil: several.
    public var hook: String?
    /// The window in which they were lost, nanoseconds of CLOCK_BOOTTIME.
    public var windowBootNanoseconds: ClosedRange<UInt64>
    /// The kernel's counter that tells of them, as `TcpActiveOpens`; nil: none does.
    public var counter: String?
    /// The run that ended without a word; nil: this one lost them.
    public var previousRun: PreviousRun?

    /// Makes an event.
    public init(
        cause: LossCause, count: UInt64, attempts: UInt64, processRecords: UInt64, hook: String?,
        windowBootNanoseconds: ClosedRange<UInt64>, counter: String? = nil, previousRun: PreviousRun? = nil
    ) {
        self.counter = counter
        self.previousRun = previousRun
        self.cause = cause
        self.count = count
        self.attempts = attempts
        self.processRecords = processRecords
        self.hook = hook
        self.windowBootNanoseconds = windowBootNanoseconds
    }
}

/// The first record of a file: what is traced, how, and what is not.
public struct TracingStarted: Sendable {
    /// The hook set in use: `trampoline`, `kprobe` or `tracepoint`.
    public var hookSet: String
    /// Functions and tracepoints that are hooked.
    public var hooks: [String]
    /// What the better sets failed with, in the order they were tried: (set, reason).
    public var refused: [(hookSet: String, reason: String)]
    /// What this set cannot see on this kernel, one sentence each.
    public var blindSpots: [String]
    /// The filters in force, one `name=value` each; empty: everything is recorded.
    public var filters: [String]
    /// Ring buffer size in bytes.
    public var ringBytes: Int
    /// How long an attempt waits for its outcome, nanoseconds.
    public var settleNanoseconds: UInt64
    /// The command traced; empty: the whole machine.
    public var command: [[UInt8]]
    /// Processes known from /proc at the start.
    public var knownProcesses: Int
    /// What the self-test before it came to; nil: none was wanted.
    public var selfTest: SelfTestReport?
    /// The configuration whose rules are in force; nil: there is none.
    public var configuration: ConfigurationSource?
    /// The file that it begins.
    public var file: LogFilePlace
    /// When, nanoseconds of CLOCK_BOOTTIME.
    public var bootNanoseconds: UInt64

    /// Whether something may be missing that was meant to be.
    public var isFiltered: Bool { !filters.isEmpty || configuration.map { $0.ruleCount > 0 } == true }

    /// Makes an event.
    public init(
        hookSet: String, hooks: [String], refused: [(hookSet: String, reason: String)], blindSpots: [String],
        filters: [String], ringBytes: Int, settleNanoseconds: UInt64, command: [[UInt8]], knownProcesses: Int,
        selfTest: SelfTestReport? = nil, configuration: ConfigurationSource? = nil, file: LogFilePlace = .init(),
        bootNanoseconds: UInt64
    ) {
        self.selfTest = selfTest
        self.configuration = configuration
        self.file = file
        self.hookSet = hookSet
        self.hooks = hooks
        self.refused = refused
        self.blindSpots = blindSpots
        self.filters = filters
        self.ringBytes = ringBytes
        self.settleNanoseconds = settleNanoseconds
        self.command = command
        self.knownProcesses = knownProcesses
        self.bootNanoseconds = bootNanoseconds
    }
}

/// Why tracing ended.
public enum StopReason: Sendable, Hashable {
    /// SIGINT, SIGTERM or SIGHUP.
    case signal(Int32)
    /// The command ended.
    case commandExited(status: Int32)
    /// `--duration` was over.
    case durationElapsed
    /// Nobody reads the output any more.
    case outputClosed
    /// The output could not be written.
    case outputFailed(errno: Int32)
}

/// What a run came to.
public struct Totals: Sendable, Hashable {
    /// Attempts, those among them that rules withheld from the log.
    public var attempts: UInt64 = 0
    /// Of them: failed at the end, as far as known.
    public var failed: UInt64 = 0
    /// Outcomes that came after the settle time.
    public var resolved: UInt64 = 0
    /// Ends of connections and flows.
    public var disconnects: UInt64 = 0
    /// Records lost, whatever the cause.
    public var lost: UInt64 = 0
    /// Of the attempts: those that rules dropped, collapsed or left out of a sample, and so are no line of their own.
    public var withheld: UInt64 = 0

    /// Nothing yet.
    public init() {}
}

/// The last record of a run.
public struct TracingStopped: Sendable {
    /// Why.
    public var reason: StopReason
    /// What it came to.
    public var totals: Totals
    /// What each rule came to; empty: there are none.
    public var rules: [RuleCount]
    /// When, nanoseconds of CLOCK_BOOTTIME.
    public var bootNanoseconds: UInt64

    /// Makes an event.
    public init(reason: StopReason, totals: Totals, rules: [RuleCount] = [], bootNanoseconds: UInt64) {
        self.rules = rules
        self.reason = reason
        self.totals = totals
        self.bootNanoseconds = bootNanoseconds
    }
}

/// One record of the log, before it is bytes.
public enum TraceEvent: Sendable {
    /// First of a file.
    case started(TracingStarted)
    /// Somebody tried to reach the network.
    case attempted(AttemptEvent)
    /// The outcome of an attempt that had been written as unknown.
    case resolved(AttemptEvent)
    /// A connection or a flow ended.
    case disconnected(DisconnectEvent)
    /// A socket was open before tattle.
    case existing(ExistingEvent)
    /// Repeats that a rule collapsed.
    case aggregated(AggregateEvent)
    /// Calls come like a beacon's.
    case beacon(BeaconEvent)
    /// Records are missing.
    case lost(LossEvent)
    /// A life sign.
    case heartbeat(Heartbeat)
    /// Last of a run.
    case stopped(TracingStopped)
}

/// What is the same in every record of a run.
public struct RunContext: Sendable {
    /// `/etc/machine-id`, or nil.
    public var machineID: String?
    /// The host's name.
    public var hostName: String
    /// Kernel release, `uname -r`.
    public var kernelRelease: String
    /// `uname -m`.
    public var architecture: String
    /// The name of the operating system from os-release (`PRETTY_NAME`), or nil.
    public var operatingSystem: String?
    /// `/proc/sys/kernel/random/boot_id`.
    public var bootID: String
    /// tattle's version.
    public var version: String
    /// Random, new for each run.
    public var runID: String
    /// The hook set in use.
    public var hookSet: String

    /// Makes a context.
    public init(
        machineID: String?, hostName: String, kernelRelease: String, architecture: String, operatingSystem: String?,
        bootID: String, version: String, runID: String, hookSet: String
    ) {
        self.machineID = machineID
        self.hostName = hostName
        self.kernelRelease = kernelRelease
        self.architecture = architecture
        self.operatingSystem = operatingSystem
        self.bootID = bootID
        self.version = version
        self.runID = runID
        self.hookSet = hookSet
    }
}
