import Model

/// What stands in a record, member by member, before it is put together.
struct RecordFields {
    var time: UInt64?
    /// Whether it has a class of OCSF.
    var isOCSF = false
    var event = EventFields()
    var message: String?
    var transport: [UInt8]?
    var protocolNumber: UInt16?
    var networkType: [UInt8]?
    var isIngress = false
    var source: SideFields?
    var destination: SideFields?
    var errorCode: [UInt8]?
    var process: ProcessFields?
    var thread = ThreadFields()
    var place = PlaceFields()
    var userID: UInt32?
    var groupID: UInt32?
    var tattle = TattleFields()
    /// Where the process is remembered; nil: it is not.
    var headSlot: Int?
    /// Whether its details are remembered there.
    var hasRememberedDetails = false

    /// The earliest of its times, nanoseconds since 1970; nil: it has none.
    var firstTime: UInt64? {
        [time, event.start, event.end, tattle.flow?.firstBootNanoseconds].compactMap(\.self).min()
    }
}

/// `event`.
struct EventFields {
    var action: String?
    /// The parts of the id behind that of the run.
    var reference: RecordReference?
    /// The number of an event that user space made.
    var ownNumber: UInt64?
    var sequence: UInt64?
    var start: UInt64?
    var end: UInt64?
    var duration: UInt64?
    var kind: [UInt8]?
}

/// `source` or `destination`.
struct SideFields {
    var ip: IPAddress?
    var address: [UInt8] = []
    var hardwareAddress: UInt64?
    var port: UInt32 = 0
    var bytes: UInt64?
    var packets: UInt64?
}

/// A process, its parent, its session's leader or one of its ancestors.
struct ProgramFields: Hashable {
    var pid: UInt32 = 0
    /// Nanoseconds of CLOCK_BOOTTIME; 0: not known.
    var startBoot: UInt64 = 0
    /// Nanoseconds since 1970.
    var start: UInt64?
    var name: [UInt8] = []
    var executable: [UInt8] = []
    var script: [UInt8] = []
    var arguments: [[UInt8]] = []
}

/// `process` up to `thread`.
struct ProcessFields: Hashable {
    var program = ProgramFields()
    var folder: [UInt8] = []
    var namespacePID: UInt32 = 0
    var terminal: UInt32?
    var sha256: [UInt8]?
    var realUser: UInt32?
    var user: UInt32?
    var realGroup: UInt32?
    var group: UInt32?
    var parent: ProgramFields?
    /// When its ancestors started, of those that have an id.
    var ancestry: [ProcessIdentity] = []
    var leader: ProgramFields?
}

/// `process.thread`.
struct ThreadFields {
    var id: UInt32 = 0
    var name: [UInt8] = []
    var capabilities: UInt64?
}

/// Where a process is: container, pod, control group, unit.
struct PlaceFields: Hashable {
    var containerID: String?
    var containerRuntime: String?
    var podUID: String?
    var groupID: UInt64 = 0
    var groupPath: [UInt8]?
    var unit: String?
    var slice: String?
}

/// `tattle.process`.
struct DetailFields: Hashable {
    var loginUser: UInt32?
    var isKernelThread = false
    var isDeleted = false
    var isPathCut = false
    var areArgumentsCut = false
    var argumentBytes = 0
    var isRestFromProcfs = false
    var script: [UInt8] = []
    var device: UInt64 = 0
    var inode: UInt64 = 0
    var hasChanged = false
    var isHashPending = false
    var hashFailure: HashFailure?
    var package: PackageMembership?
    var flags: Set<String> = []
    var variables: [UInt8] = []
    var areVariablesCut = false
    var namespaces = Namespaces()
    var ancestors: [ProgramFields] = []
}

/// `tattle`.
struct TattleFields {
    var attemptID: UInt64 = 0
    var result: String?
    var attemptBytes: UInt32 = 0
    var via = Via.syscall
    var blocker: Blocker?
    var isBroadcast = false
    var interface: UInt32 = 0
    var namespace: UInt32 = 0
    var isFromUserMemory = false
    var source: String?
    var details = DetailFields()
    var retransmits: UInt64?
    var flow: FlowCounters?
    var socketState: String?
    var socketInode: UInt64 = 0
    var otherOwners = 0
    var aggregate: AggregateEvent.Fields?
    var rules: [RuleCount] = []
    var beacon: BeaconFacts?
    var lost: LossEvent?
    var heartbeat: Heartbeat?
    var stop: StopReason?
    var totals = Totals()
    var started = TracingStarted(
        hookSet: "", hooks: [], refused: [], blindSpots: [], filters: [], ringBytes: 0, settleNanoseconds: 0,
        command: [],
        knownProcesses: 0, bootNanoseconds: 0)
}
