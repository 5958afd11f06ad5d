public import Delivery
internal import Glibc
internal import Logs
public import ShipSettings

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
    private let say: @Sendable (String) -> Void
    private let latest: LatestStatus

    /// Looks at everything that is needed: better now than when nobody looks any more.
    ///
    /// - Parameters:
    ///   - makeReceiver: makes what delivers to a destination with a network.
    ///   - say: gets each line that a person is told.
    /// - Throws: `ShipConfigurationError`, with 66 where the log's folder cannot be read, 73 where state cannot be kept or
    ///   read, another tattle-ship keeps it or the metrics cannot be written, 78 where rules are wrong, and whatever
    ///   `makeReceiver` throws.
    public init(
        _ settings: ShipSettings, mode: Mode, version: String,
        makeReceiver: (DestinationSettings) throws(ShipConfigurationError) -> any Receiver,
        say: @escaping @Sendable (String) -> Void
    ) throws(ShipConfigurationError) {
        (self.settings, self.mode, self.say) = (settings, mode, say)
        let there: [StoredFile]
        do throws(LogError) {
            there = try LogFolder.files(at: settings.folder)
        } catch {
            throw ShipConfigurationError(
                "\(error): --from names the folder that tattle trace --output writes", exitCode: ShipExitCode.noInput)
        }
        // A dry run beside a real one is no harm.
        state = mode.isDry ? nil : try StateFolder(settings.stateFolder)
        if let path = settings.metricsFile, !mode.isDry {
            let code = AtomicFile(path).replace([])
            guard code == 0 else {
                throw ShipConfigurationError(
                    "--metrics-file '\(path)' cannot be made: \(writingFailure(code))",
                    exitCode: ShipExitCode.cannotCreate)
            }
        }
        var lines: [Line] = []
        for destination in settings.destinations {
            let maker = LineMaker(
                destination: destination, settings: settings, mode: mode, there: there,
                letters: state?.letters(of: destination.name), version: version, say: say)
            lines.append(try maker.line(makeReceiver))
        }
        self.lines = lines
        latest = LatestStatus(
            ShipStatus(
                version: version, pid: getpid(), started: unixSeconds(), updated: unixSeconds(), isEnded: false,
                folder: settings.folder, destinations: []))
        for warning in settings.destinations.flatMap(\.warnings) { say(warning) }
    }

    /// Delivers until it is stopped, or, once, until the end.
    public func run() async {
        let reporter = state.map { state in
            Reporter(
                lines.map(\.ledger), of: settings.folder, statusFile: StateFolder.status(in: state.path),
                metricsFile: settings.metricsFile, isOnce: mode.isOnce, latest: latest, say: say)
        }
        await withTaskGroup(of: Void.self) { group in
            let reporting = Task { await reporter?.run() }
            for line in lines {
                group.addTask {
                    await line.courier.run()
                    await line.source.close()
                }
            }
            await group.waitForAll()
            reporting.cancel()
            await reporting.value
        }
        await reporter?.report(isEnded: true)
    }

    /// Ends it: the batches in flight have `limit`, or what the settings say.
    public func stop(within limit: Duration? = nil) {
        for line in lines { line.courier.stop(within: limit ?? settings.stopLimit) }
    }

    /// How it stands, as of a few seconds ago.
    public var status: ShipStatus { latest.status }

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
