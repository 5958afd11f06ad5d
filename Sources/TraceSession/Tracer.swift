internal import Attribution
internal import CLinux
public import Capture
internal import Files
internal import Glibc
internal import Lifecycle
public import Logging
internal import Logs
public import Model
internal import Records
internal import Rules
internal import SelfTest

/// One run: from the hooks to the last line.
///
/// Everything happens on the thread that calls ``run()``, which waits in epoll for the ring, signals, the
/// timer and the log's writer, and does nothing that blocks; the log is written by a thread of its own, but for lone lines
/// into a file.
public final class Tracer {
    /// What a run came to.
    public struct Result: Sendable {
        /// Why it ended.
        public var reason: StopReason
        /// Counts.
        public var totals: Totals
        /// The hook set that was used.
        public var hookSet: HookSet
        /// Lines of the log that were made.
        public var lines: UInt64
        /// Those of them that are not whole in it: it could not be written.
        public var linesNotWritten: UInt64
    }

    let options: TraceOptions
    let capture: Capture
    let loop: EventLoop
    let log: LogWriter
    let command: Command?
    let logger: Logger
    var pipeline: Pipeline
    let executables: Executables?
    let selfTest: SelfTestReport?
    let arguments: LongArguments
    /// Who decides which events are written; nil: all are.
    let rules: RuleEngine?
    var formatter: EventFormatter
    var losses = LossMonitor()
    var pace = ReadingPace()
    var lastLossCheck: UInt64
    /// The files of the log's folder; nil: it goes to one file or pipe.
    var files: LogFiles?
    /// Whether events are counted and not written: ``LogFiles/dropped``.
    var isDropping = false
    /// Bytes of formatted lines that are handed on.
    var flushThreshold = Tracer.chunkBytes
    /// What is told of tattle itself; nil: nobody wants it.
    let metrics: Metrics?
    /// Records that were told as lost, by cause.
    var lostByCause: [LossCause: UInt64] = [:]
    /// Records that were told as lost; those of them that may have been of attempts.
    var lostRecords: UInt64 = 0
    var lostAttempts: UInt64 = 0
    /// Of the records that were lost: ends of connections and flows.
    var lostEnds: UInt64 = 0
    /// Of the flows that the kernel forgot: so many were told.
    var toldForgottenFlows: UInt64 = 0
    /// What the pipeline passed on and was not written.
    var unwritten = Totals()
    /// Processes that /proc showed at the start.
    let knownProcesses: Int
    /// The sockets that were open at the start, while they are not all written.
    var inventory: InventoryThread?
    var isInventoryTaken = false
    /// What calls like a beacon; nil: nobody wants to know.
    var beacons: BeaconLookout?
    /// When the next heartbeat is due; nil: none is wanted.
    var nextBeat: UInt64?
    var lastBeat: UInt64
    /// The last readings of the kernel's counters, made before the hooks went.
    var lastReadings: (readings: [Reconciliation.Reading], omittedCount: Int) = ([], 0)
    let deadline: UInt64?
    /// The first signal that was sent on to the command; a second one ends the run.
    var forwardedSignal: Int32?

    /// Prepares a run: finds the command, checks privileges and whose process ids these are, tests itself if that is
    /// wanted, attaches the hooks, opens the output, in this order, so that what fails leaves nothing behind.
    ///
    /// - Parameters:
    ///   - options: what to do.
    ///   - version: tattle's version, for the records.
    ///   - executable: tattle's own path, for the advice about missing privileges.
    ///   - logger: for what a person should know beside the records.
    /// - Throws: ``TracingError``.
    public init(_ options: TraceOptions, version: String, executable: String, logger: Logger) throws(TracingError) {
        tattle_bound_free_memory()
        if let program = options.command.first { _ = try Command.locate(program) }
        try Privileges.check(executable: executable)
        try Privileges.checkProcessIDs()
        do throws(CaptureError) {
            // With hooks of its own, which are gone when ours come, and before there are threads: it forks.
            selfTest = options.hasSelfTest ? try SelfTest.run(hookSet: options.hookSet) : nil
            capture = try Capture(
                CaptureOptions(
                    hookSet: options.hookSet, ringBytes: options.ringBytes, filter: options.filter,
                    variables: options.variables))
        } catch {
            throw TracingError(error.description, exitCode: ExitCode.unavailable)
        }
        if let complaint = selfTest?.complaint { logger.warning("\(complaint)") }
        for refusal in capture.refused {
            logger.info("hook set \(refusal.hookSet.rawValue) not used: \(refusal.reason)")
        }
        logger.info("hook set \(capture.hookSet.rawValue): \(capture.hooks.joined(separator: ", "))")
        let context = SystemContext.runContext(hookSet: capture.hookSet.rawValue, version: version)
        let clock = WallClock(offsetNanoseconds: SystemContext.realtimeOffset())
        metrics = try options.metricsFile.map { path throws(TracingError) in
            try Metrics(
                path: path,
                text: MetricsText(
                    context: context, startedBootNanoseconds: SystemContext.bootNanoseconds(), clock: clock))
        }
        do throws(LogError) {
            (log, files) = try Self.openLog(options, logger: logger)
        } catch {
            throw TracingError(error.description, exitCode: ExitCode.cannotCreate)
        }
        // Only now are signals kept for later: opening a FIFO waits for its reader, and may be given up.
        loop = try EventLoop(readsHangup: files != nil)
        command = options.command.isEmpty ? nil : try Command(options.command)
        self.options = options
        self.logger = logger
        rules = options.configuration.flatMap { $0.rules.rules.isEmpty ? nil : RuleEngine($0.rules) }
        let names = UserNames()
        let isTerminal = options.output == "-" && isatty(1) == 1
        switch options.format ?? (isTerminal ? .table : .ecs) {
        case .table:
            let width = tattle_terminal_width(1)
            formatter = EventFormatter(
                table: TableWriter(
                    clock: clock, utcOffsetSeconds: SystemContext.utcOffset(),
                    width: isTerminal && width > 0 ? Int(width) : nil,
                    usesColor: unsafe getenv("NO_COLOR") == nil && isTerminal, names: names.name(of:)),
                showsHeartbeats: options.isVerbose)
        case .ecs:
            formatter = EventFormatter(ecs: ECSWriter(context: context, clock: clock, names: names.name(of:)))
        case .ocsf:
            formatter = EventFormatter(ocsf: OCSFWriter(context: context, clock: clock, names: names.name(of:)))
        case .zeek: formatter = EventFormatter(zeek: ZeekWriter(context: context, clock: clock))
        }
        let processes = ProcessFileSystem(variables: options.variables)
        let groups = ControlGroupFileSystem()
        executables = try Self.executables(options)
        arguments = try Self.arguments()
        pipeline = Pipeline(
            options: options, flowIdleNanoseconds: CaptureOptions().flowIdleNanoseconds,
            sources: .init(
                process: processes.facts(of:), controlGroup: { groups?.path(ofID: $0) },
                counters: Self.reading(of:through:), executables: executables, arguments: arguments))
        // The hooks are live: what begins while this is read comes through the ring as well.
        pipeline.add(pids: processes.pids(), controlGroups: groups?.inventory() ?? [])
        knownProcesses = pipeline.processCounts.running
        // What loading the hooks and reading /proc took.
        tattle_return_memory()
        let now = SystemContext.bootNanoseconds()
        lastLossCheck = now
        lastBeat = now
        nextBeat = options.heartbeat > .zero ? now &+ options.heartbeat.nanosecondsClamped : nil
        beacons = options.beacons.map { BeaconLookout(allowed: $0, now: now) }
        deadline = options.duration.map { now &+ $0.nanosecondsClamped }
        if Self.wantsInventory(options) { pipeline.newSockets = NewSockets() }
        startReconciliation()
    }

    /// Who looks at executables; nil: nobody is to.
    private static func executables(_ options: TraceOptions) throws(TracingError) -> Executables? {
        guard options.hashLimitBytes > 0 else { return nil }
        do throws(FilesError) {
            return Executables(
                inspector: try FileInspector(
                    hashLimitBytes: UInt64(options.hashLimitBytes), packages: PackageDatabase()),
                ownMountNamespace: SystemContext.inode(of: "/proc/self/ns/mnt"))
        } catch {
            throw TracingError(error.description, exitCode: ExitCode.unavailable)
        }
    }

    /// Who reads what the kernel cut of arguments.
    private static func arguments() throws(TracingError) -> LongArguments {
        do throws(FilesError) {
            return LongArguments(reader: try ArgumentReader())
        } catch {
            throw TracingError(error.description, exitCode: ExitCode.unavailable)
        }
    }

    /// Traces until something ends it.
    ///
    /// - Throws: ``TracingError`` when the command cannot be executed or nothing can be waited for.
    public func run() throws(TracingError) -> Result {
        beginFile(.start)
        writeMetrics(isRunning: true)
        drainEarly()
        try loop.watch(capture.pollDescriptor, as: .ring)
        try loop.watch(log.notificationDescriptor, as: .log)
        if let executables { try loop.watch(executables.notificationDescriptor, as: .verdicts) }
        try loop.watch(arguments.notificationDescriptor, as: .arguments)
        if options.output == "-" { loop.watchHangup(1) }
        try startInventory()
        if let command {
            if options.filter.isCommandOnly {
                do throws(CaptureError) {
                    try capture.follow(descendantsOf: UInt32(command.pid))
                } catch {
                    throw TracingError(error.description, exitCode: ExitCode.unavailable)
                }
            }
            try command.release(name: options.command[0])
        }
        flush()
        // Most of it has only started the trace.
        tattle_return_text()
        var reason: StopReason?
        while reason == nil {
            armTimer()
            let sources = try loop.wait(restMilliseconds: pace.restMilliseconds)
            // First: what is due may have come. What processes did need not have woken this thread.
            if sources.contains(.ring) || sources.contains(.timer) && !isRingPaused { drain() }
            if sources.contains(.verdicts) { pipeline.takeVerdicts(emit: emit) }
            if sources.contains(.arguments) {
                pipeline.takeArguments(now: SystemContext.bootNanoseconds(), emit: emit)
            }
            if sources.contains(.inventory) { takeInventory() }
            if sources.contains(.log) { updateBackpressure() }
            if sources.contains(.timer) { reason = expire() }
            if sources.contains(.signal) { reason = reason ?? handleSignals() }
            if sources.contains(.outputClosed) { reason = .outputClosed }
            flush()
            reason = logFailure() ?? reason
        }
        return stop(reason ?? .outputClosed)
    }

    private func expire() -> StopReason? {
        let now = SystemContext.bootNanoseconds()
        formatter.setClock(offset: SystemContext.realtimeOffset())
        pipeline.expire(now: now, counters: { capture.counters(of: $0, forgets: $1) }, goesOn: noteFlow, emit: emit)
        lookForBeacons(now: now)
        rules?.expire(now: now) { write($0, into: &formatter) }
        beatIfDue(now: now)
        rotateIfDue(now: now)
        if let deadline, deadline <= now { return .durationElapsed }
        return nil
    }

    private func armTimer() {
        let due = earliest(earliest(pipeline.nextDeadline(), deadline), earliest(nextBeat, fileDeadline))
        loop.armTimer(at: earliest(due, earliest(rulesDeadline, beacons?.nextDeadline)))
    }

    /// While the log cannot keep up, the ring fills: what does not fit there is counted by the kernel.
    ///
    /// Not while it cannot be written to at all: then what does not fit into the log is counted here.
    private func updateBackpressure() {
        attendToLog()
        let isPaused = isRingPaused
        loop.setPaused(.ring, capture.pollDescriptor, isPaused)
        if let inventory { loop.setPaused(.inventory, inventory.descriptor, isPaused) }
    }

    private var isRingPaused: Bool { log.isOverLimit && !isDropping }

    private func logFailure() -> StopReason? {
        let (failure, isOverLimit) = log.condition
        if isOverLimit, !isDropping { loop.setPaused(.ring, capture.pollDescriptor, true) }
        return failure.map { $0 == EPIPE ? .outputClosed : .outputFailed(errno: $0) }
    }
}
