internal import ArgumentParser
internal import Beacons
internal import Capture
internal import Conversion
internal import Model
internal import TraceSession

/// Where records go and how they look.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp(
            "A file to append to; a folder to write files into, one that is there or with a / at its end; "
                + "or - for the standard output.", valueName: "path"))
    var path = "-"

    @Option(
        help: """
            ecs: NDJSON in the Elastic Common Schema; ocsf: in the Open Cybersecurity Schema Framework 1.8; zeek: as Zeek's \
            conn.log, a line for each connection at its end; table: for a person. (default: table on a terminal, else ecs)
            """)
    var format: TraceOptions.Format?
}

/// Which attempts are wanted.
struct FilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only this process.", valueName: "n"))
    var pid: [UInt32] = []

    @Option(help: ArgumentHelp("Only threads or processes of this name, as in /proc/PID/comm.", valueName: "name"))
    var comm: [String] = []

    @Option(help: ArgumentHelp("Only processes of this user, by name or uid.", valueName: "name"))
    var user: [String] = []

    @Option(help: ArgumentHelp("Only this protocol: tcp or udp.", valueName: "proto"))
    var proto: [ProtocolName] = []

    @Option(
        help: ArgumentHelp("Only to addresses in this block, or to this address.", valueName: "cidr"),
        transform: parsePrefix)
    var to: [AddressPrefix] = []

    @Option(help: ArgumentHelp("Not to addresses in this block.", valueName: "cidr"), transform: parsePrefix)
    var notTo: [AddressPrefix] = []

    @Option(help: ArgumentHelp("Only to this port, 1 to 65535.", valueName: "n"), transform: parsePort)
    var port: [UInt16] = []

    @Flag(help: "Only attempts that failed.")
    var failed = false

    /// The filters of a trace.
    ///
    /// - Throws: ``TracingError`` when a user is not known.
    func filter() throws(TracingError) -> TraceFilter {
        var filter = filterForAnyUser
        let names = UserNames()
        for user in user {
            guard let id = names.id(of: user) else {
                throw TracingError("no user '\(user)' in /etc/passwd", exitCode: TraceSession.ExitCode.usage)
            }
            filter.userIDs.append(id)
        }
        return filter
    }

    /// The filters of a log, which may be another machine's: users' names are those that are in it.
    var filterOfLog: LogFilter {
        var filter = filterForAnyUser
        filter.userIDs = user.compactMap(UInt32.init)
        return LogFilter(filter, userNames: user.filter { UInt32($0) == nil })
    }

    private var filterForAnyUser: TraceFilter {
        var filter = TraceFilter()
        filter.pids = pid
        filter.names = comm
        filter.transports = Set(proto.map { $0 == .tcp ? .tcp : .udp })
        filter.to = to
        filter.notTo = notTo
        filter.ports = port
        filter.isFailedOnly = failed
        return filter
    }
}

/// Parses, or throws what the value should have been.
func explained<Value>(_ argument: String, _ wanted: String, _ parse: (String) -> Value?) throws -> Value {
    guard let value = parse(argument) else { throw ValidationError("it must be \(wanted)") }
    return value
}

@Sendable private func parsePrefix(_ argument: String) throws -> AddressPrefix {
    try explained(argument, "an address, or a block such as 10.0.0.0/8 or 2001:db8::/32", AddressPrefix.init(argument:))
}

@Sendable private func parsePort(_ argument: String) throws -> UInt16 {
    try explained(argument, "a port from 1 to 65535") { UInt16($0).flatMap { $0 > 0 ? $0 : nil } }
}

/// What calls home.
struct BeaconOptions: ParsableArguments {
    @Flag(
        help: """
            Say what calls home, as it shows: records beacon_detected, of what passes the filters. docs/BEACONS.md says how \
            the score comes about.
            """)
    var beacons = false

    @OptionGroup
    var allowing: AllowOptions

    /// What is known to be good; nil: beacons are not looked for.
    /// - Throws: ``TracingError`` when it does not go with the rest.
    func list(format: TraceOptions.Format?) throws(TracingError) -> AllowList? {
        guard beacons else {
            guard !allowing.isGiven else {
                throw TracingError(
                    "--allow and --no-default-allow need --beacons", exitCode: TraceSession.ExitCode.usage)
            }
            return nil
        }
        guard format != .zeek else {
            throw TracingError(
                "Zeek's conn.log has no place for what --beacons finds", exitCode: TraceSession.ExitCode.usage)
        }
        return allowing.list
    }
}

/// How the kernel is traced.
struct TracingOptions: ParsableArguments {
    @Option(help: "auto: the best of the others that works here; trampoline; kprobe; tracepoint.")
    var hooks = HookChoice.auto

    @Option(
        help: ArgumentHelp(
            "How long an attempt waits for its outcome before it is written as unknown; 0: not at all.",
            valueName: "time"))
    var settle = TimeSpan(.seconds(1))

    @Option(help: ArgumentHelp("Stop after this time: 500ms, 30s, 5m, 2h. COMMAND goes on.", valueName: "time"))
    var duration: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Size of the ring buffer between kernel and tattle, a power of two. (default: 8MiB)", valueName: "size"),
        transform: { try explained($0, "a power of two from 4KiB to 1GiB", ByteCount.init(argument:)) })
    var ringSize = ByteCount(8 << 20)

    @Option(
        name: .customLong("env"),
        help: ArgumentHelp(
            "Record this environment variable of programs as they start, up to 8 of them; none: record no variable.",
            valueName: "name"))
    var variables = ["LD_PRELOAD", "LD_LIBRARY_PATH"]

    @Option(
        help: ArgumentHelp(
            "Hash executables up to this size, and look them up among the packages; 0: none. (default: 256MiB)",
            valueName: "size"),
        transform: { try explained($0, "a size such as 256MiB, or 0", ByteCount.init(limit:)) })
    var hashLimit = ByteCount(256 << 20)

    @Option(
        help: ArgumentHelp(
            "How often to write a heartbeat and compare with the kernel's counters; 0: never.", valueName: "time"))
    var heartbeat = TimeSpan(.seconds(60))

    @Option(
        help: ArgumentHelp(
            "A file to rewrite at each heartbeat, for Prometheus: the node exporter's textfile collector.",
            valueName: "path"))
    var metricsFile: String?

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "Rules that drop, collapse or sample records; /dev/null: none. (default: \(Configuration.defaultPath), if it is "
                + "there)", valueName: "file"))
    var configurationFile: String?

    @Flag(name: .customLong("no-inventory"), help: "Do not write the connections that are open at the start.")
    var noInventory = false

    @Flag(
        name: .customLong("self-test"),
        help: "First make an attempt of every kind, off the record, and say in tracing_started whether it was seen.")
    var hasSelfTest = false

    @Flag(name: .customLong("system"), help: "With COMMAND: log everybody, not only its descendants.")
    var isSystemWide = false

    /// The names of the variables that are wanted.
    /// - Throws: ``TracingError`` when they are too many or no names.
    func variableNames() throws(TracingError) -> [String] {
        if variables == ["none"] { return [] }
        guard !variables.contains("none") else {
            throw TracingError("--env none goes with no other --env", exitCode: TraceSession.ExitCode.usage)
        }
        guard variables.count <= 8, variables.allSatisfy({ !$0.isEmpty && !$0.contains("=") }) else {
            throw TracingError("--env takes at most 8 names of variables", exitCode: TraceSession.ExitCode.usage)
        }
        return variables
    }

    @Flag(
        name: [.customShort("v"), .customLong("verbose")],
        help: "Say on stderr which hooks are used, and why not better ones.")
    var isVerbose = false
}
