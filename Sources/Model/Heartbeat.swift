/// What the kernel and tattle counted in one network namespace since the last heartbeat.
public struct NamespaceComparison: Sendable, Hashable {
    /// The namespace's inode number.
    public var inode: UInt32
    /// What the kernel's counters have grown by; nil: seen for the first time, there is nothing to compare with.
    public var kernel: NetworkCounters?
    /// Attempts recorded whose SYN the kernel should have counted in that time.
    ///
    /// Less than 0: some of those told of before turned out to have sent none.
    public var recordedSyns: Int64
    /// Of UDP flows that ended in that time: their datagrams.
    public var recordedDatagrams: UInt64
    /// SYNs that the kernel counted and nobody recorded, as far as that is certain, since the namespace was first seen.
    ///
    /// nil: not comparable (MPTCP on a kernel that does not count its subflows), or not known yet.
    public var missingSyns: UInt64?
    /// The same of datagrams; known at the end of a run only.
    public var missingDatagrams: UInt64?

    /// Makes a comparison.
    public init(
        inode: UInt32, kernel: NetworkCounters?, recordedSyns: Int64, recordedDatagrams: UInt64,
        missingSyns: UInt64? = nil, missingDatagrams: UInt64? = nil
    ) {
        self.inode = inode
        self.kernel = kernel
        self.recordedSyns = recordedSyns
        self.recordedDatagrams = recordedDatagrams
        self.missingSyns = missingSyns
        self.missingDatagrams = missingDatagrams
    }
}

/// What tattle itself takes.
public struct ResourceUse: Sendable, Hashable {
    /// CPU time so far, user and system, nanoseconds: getrusage(2).
    public var cpuNanoseconds: UInt64
    /// Memory in use now, bytes: proc_pid_statm(5), `resident`.
    public var residentBytes: UInt64
    /// Size of the ring buffer, bytes.
    public var ringBytes: UInt64
    /// What waited in it at the heartbeat, bytes.
    public var ringFillBytes: UInt64
    /// The most that was found waiting in it since the last heartbeat, bytes.
    public var ringHighWaterBytes: UInt64
    /// Processes known to run.
    public var runningProcesses: Int
    /// Runs of programs that are over and still known.
    public var pastProcesses: Int
    /// The kernel's maps of what is under way.
    public var maps: [MapUse]
    /// The log.
    public var log: LogUse
    /// Looking for beacons; nil: nobody does.
    public var beacons: BeaconUse?

    /// Makes a summary.
    public init(
        cpuNanoseconds: UInt64 = 0, residentBytes: UInt64 = 0, ringBytes: UInt64 = 0, ringFillBytes: UInt64 = 0,
        ringHighWaterBytes: UInt64 = 0, runningProcesses: Int = 0, pastProcesses: Int = 0, maps: [MapUse] = [],
        log: LogUse = .init(), beacons: BeaconUse? = nil
    ) {
        self.beacons = beacons
        self.maps = maps
        self.log = log
        self.cpuNanoseconds = cpuNanoseconds
        self.residentBytes = residentBytes
        self.ringBytes = ringBytes
        self.ringFillBytes = ringFillBytes
        self.ringHighWaterBytes = ringHighWaterBytes
        self.runningProcesses = runningProcesses
        self.pastProcesses = pastProcesses
    }
}

/// A life sign: what was done so far, and whether the kernel's own counters agree.
public struct Heartbeat: Sendable {
    /// When, nanoseconds of CLOCK_BOOTTIME.
    public var bootNanoseconds: UInt64
    /// When the one before was written, or tracing began.
    public var previousBootNanoseconds: UInt64
    /// Whether it is the last one of the run.
    public var isFinal: Bool
    /// What the run came to so far.
    public var totals: Totals
    /// What each rule came to so far; empty: there are none.
    public var rules: [RuleCount]
    /// What tattle itself takes.
    public var use: ResourceUse
    /// Whether the kernel's counters are compared: not with filters, for the kernel counts everybody.
    public var isReconciled: Bool
    /// One for each network namespace that could be read.
    public var namespaces: [NamespaceComparison]
    /// Namespaces that were too many.
    public var omittedNamespaces: Int

    /// Makes a heartbeat.
    public init(
        bootNanoseconds: UInt64, previousBootNanoseconds: UInt64, isFinal: Bool, totals: Totals,
        rules: [RuleCount] = [], use: ResourceUse, isReconciled: Bool, namespaces: [NamespaceComparison],
        omittedNamespaces: Int
    ) {
        self.bootNanoseconds = bootNanoseconds
        self.previousBootNanoseconds = previousBootNanoseconds
        self.isFinal = isFinal
        self.totals = totals
        self.rules = rules
        self.use = use
        self.isReconciled = isReconciled
        self.namespaces = namespaces
        self.omittedNamespaces = omittedNamespaces
    }
}
