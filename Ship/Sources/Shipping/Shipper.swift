public import Delivery
internal import Following
internal import Glibc
internal import Logs
internal import Preparing
internal import Rules
public import ShipSettings
internal import Synchronization

/// tattle-ship at work: every destination on its own, and what is told of all of them.
public final class Shipper: Sendable {
    /// What belongs to one destination.
    struct Line: Sendable {
        let ledger: Ledger
        let source: FolderSource
        let courier: Courier<ContinuousClock>
    }

    /// How it is to run.
    public struct Mode: Sendable {
        /// Whether it ends where the log does now.
        public var isOnce = false
        /// Whether nothing is sent and nothing is remembered.
        public var isDry = false

        /// As a service.
        public init() {}
    }

    let settings: ShipSettings
    let lines: [Line]
    private let mode: Mode
    private let state: StateFolder?
    private let version: String
    private let started = unixSeconds()
    private let say: @Sendable (String) -> Void
    private let latest: Mutex<ShipStatus>

    /// Looks at everything that is needed: better now than when nobody looks any more.
    ///
    /// - Parameters:
    ///   - makeReceiver: makes what delivers to a destination with a network.
    ///   - say: gets each line that a person is told.
    public init(
        _ settings: ShipSettings, mode: Mode, version: String,
        makeReceiver: (DestinationSettings) throws(ShipConfigurationError) -> any Receiver,
        say: @escaping @Sendable (String) -> Void
    ) throws(ShipConfigurationError) {
        (self.settings, self.mode, self.version, self.say) = (settings, mode, version, say)
        do throws(LogError) {
            _ = try LogFolder.files(at: settings.folder)
        } catch {
            throw ShipConfigurationError(
                "\(error): --from names the folder that tattle trace --output writes", exitCode: ShipExitCode.noInput)
        }
        if let path = settings.metricsFile, !mode.isDry {
            let code = replaceFile(path, with: [])
            guard code == 0 else {
                throw ShipConfigurationError(
                    // strerror's text is valid until the next call on this thread.
                    "--metrics-file '\(path)' cannot be made: \(unsafe String(cString: strerror(code)))",
                    exitCode: ShipExitCode.cannotCreate)
            }
        }
        // A dry run beside a real one is no harm.
        state = mode.isDry ? nil : try StateFolder(settings.stateFolder)
        let closed = Closed()
        var lines: [Line] = []
        for destination in settings.destinations {
            lines.append(
                try Self.line(
                    destination, settings, mode, state, version: version, closed, makeReceiver: makeReceiver, say: say))
        }
        self.lines = lines
        latest = Mutex(
            ShipStatus(
                version: version, pid: getpid(), started: started, updated: started, isEnded: false,
                folder: settings.folder, destinations: []))
        closed.action.withLock { $0 = { [weak self] in self?.stop(within: .zero) } }
        for warning in settings.destinations.flatMap(\.warnings) { say(warning) }
    }

    /// What is done when nobody reads the standard output any more.
    private final class Closed: Sendable {
        let action = Mutex<@Sendable () -> Void>({})
    }

    private static func line(
        _ destination: DestinationSettings, _ settings: ShipSettings, _ mode: Mode, _ state: StateFolder?,
        version: String, _ closed: Closed,
        makeReceiver: (DestinationSettings) throws(ShipConfigurationError) -> any Receiver,
        say: @escaping @Sendable (String) -> Void
    ) throws(ShipConfigurationError) -> Line {
        let name = destination.name
        let rules = try destination.selection.rulesFile.map { path throws(ShipConfigurationError) in
            try RuleSet(shipFile: path)
        }
        let receiver: any Receiver =
            switch destination.kind {
            case _ where mode.isDry: CountingReceiver(name: name, limits: destination.limits)
            case .file: FileReceiver(name: name, path: destination.path, limits: destination.limits)
            case .standardOutput:
                FileReceiver(name: name, path: nil, limits: destination.limits) { closed.action.withLock { $0 }() }
            default: try makeReceiver(destination)
            }
        let checkpoint = CheckpointFile(folder: settings.stateFolder, destination: name)
        var position: LogPosition?
        switch checkpoint.load() {
        case .none: break
        case .checkpoint(let found): position = found.position
        case .damaged:
            say(
                "\(name): the checkpoint '\(checkpoint.path)' is damaged: it begins with the oldest file again; what comes "
                    + "twice has the same event.id")
        }
        let letters = state?.letters(of: name) ?? ""
        let ledger = Ledger(name, position: position, letters: letters, now: unixSeconds, say: say)
        let notice = SkippedNotice(version: version, hostName: hostName(), now: unixNanoseconds)
        let source = FolderSource(
            name, follower: LogFollower(folder: settings.folder, position: position),
            checkpoint: mode.isDry ? nil : checkpoint,
            preparation: Preparation(destination.selection, rules: rules, notice: notice), linger: destination.linger,
            isOnce: mode.isOnce || mode.isDry, ledger: ledger, clock: ContinuousClock())
        let box: any DeadLetterBox =
            mode.isDry ? NoLetters() : DeadLetterFile(path: letters, destination: name, now: unixSeconds)
        let courier = Courier(
            from: source, to: receiver, deadLetters: box, observer: ledger, clock: ContinuousClock(),
            random: { Double.random(in: 0...1) })
        return Line(ledger: ledger, source: source, courier: courier)
    }

    /// Delivers until it is stopped, or, once, until the end.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            let reporting = mode.isDry ? nil : Task { await report() }
            for line in lines {
                group.addTask {
                    await line.courier.run()
                    await line.source.close()
                }
            }
            await group.waitForAll()
            reporting?.cancel()
            await reporting?.value
        }
        guard !mode.isDry else { return }
        var reader = BacklogReader(folder: settings.folder)
        var rates = Rates()
        publish(status(&reader, &rates, isEnded: true))
    }

    /// Ends it: the batches in flight have `limit`, or what the settings say.
    public func stop(within limit: Duration? = nil) {
        for line in lines { line.courier.stop(within: limit ?? settings.stopLimit) }
    }

    /// How it stands, as of a few seconds ago.
    public var status: ShipStatus { latest.withLock { $0 } }

    private func report() async {
        var reader = BacklogReader(folder: settings.folder)
        var rates = Rates()
        while !Task.isCancelled {
            publish(status(&reader, &rates, isEnded: false))
            try? await Task.sleep(for: .seconds(5))
        }
    }

    private func status(_ reader: inout BacklogReader, _ rates: inout Rates, isEnded: Bool) -> ShipStatus {
        var status = latest.withLock { $0 }
        (status.updated, status.isEnded) = (unixSeconds(), isEnded)
        status.destinations = lines.map { line in
            let figures = line.ledger.figures
            let backlog = (try? reader.backlog(behind: figures.position)) ?? Backlog()
            if !isEnded { line.ledger.isBehind(backlog) }
            return ShipStatus.Destination(
                figures, name: line.ledger.name, backlog, rate: rates.rate(of: line.ledger.name, figures.records))
        }
        return status
    }

    private func publish(_ status: ShipStatus) {
        latest.withLock { $0 = status }
        // Of both the next one comes soon.
        if let state { _ = replaceFile(StateFolder.status(in: state.path), with: status.json()) }
        if let path = settings.metricsFile { _ = replaceFile(path, with: Array(status.metrics().utf8)) }
    }

    /// What a dry run found, a line for each destination.
    public var dryReport: String {
        lines.map { line in
            let figures = line.ledger.figures
            return
                "\(line.ledger.name): \(figures.records) records, \(figures.bytes) bytes in \(figures.batches) batches, "
                + "\(figures.rejected) that cannot be converted, \(figures.skipped) that are gone\n"
        }.joined()
    }
}
