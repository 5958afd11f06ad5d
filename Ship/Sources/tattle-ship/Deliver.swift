internal import ArgumentParser
internal import Glibc
internal import Logging
internal import ServiceLifecycle
internal import ShipSettings
internal import Shipping
internal import UnixSignals

/// `tattle-ship`: delivers.
struct Deliver: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliver",
        abstract: "Follow the folder that tattle writes and deliver every record.",
        usage: TattleShip.usage, discussion: TattleShip.discussion)

    @Option(name: .customLong("from"), help: ArgumentHelp("The folder that tattle writes.", valueName: "folder"))
    var folder: String?

    @Option(
        name: .customLong("to"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A destination; may be given again.", valueName: "url"))
    var destinations: [String] = []

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("A file with everything that the call does not say.", valueName: "file"))
    var configurationFile: String?

    @OptionGroup
    var state: StateOption

    @Flag(name: .customLong("dry-run"), help: "Tell what would be sent, send nothing, remember nothing.")
    var isDry = false

    @Flag(name: .customLong("once"), help: "Deliver what is there at the start, and end.")
    var isOnce = false

    @Option(
        name: .customLong("metrics-file"),
        help: ArgumentHelp("A file that is rewritten every five seconds, for Prometheus.", valueName: "file"))
    var metricsFile: String?

    @Option(
        name: .customLong("metrics-port"),
        help: ArgumentHelp("A port on loopback where Prometheus may ask.", valueName: "port"))
    var metricsPort: UInt16?

    mutating func run() async throws {
        var arguments = ShipArguments()
        (arguments.folder, arguments.destinations) = (folder, destinations)
        (arguments.configurationFile, arguments.stateFolder) = (configurationFile, state.folder)
        (arguments.metricsFile, arguments.metricsPort) = (metricsFile, metricsPort)
        let settings = try ShipSettings(arguments)
        var mode = Shipper.Mode()
        (mode.isOnce, mode.isDry) = (isOnce, isDry)
        let shipper = try Shipper(
            settings, mode: mode, version: TattleShip.version, makeReceiver: makeNetworkReceiver, say: complain)
        var services = try networkServices(settings, shipper, isDry: isDry)
        services.append(
            ServiceGroupConfiguration.ServiceConfiguration(
                service: ShipperService(shipper: shipper), successTerminationBehavior: .gracefullyShutdownGroup))
        // Of tattle it asks for another file; whoever sends it to both means no end.
        signal(SIGHUP, SIG_IGN)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "tattle-ship") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
        if isDry { try output(shipper.dryReport) }
    }
}

/// Delivers until it is asked to end, or until there is nothing more.
private struct ShipperService: Service {
    let shipper: Shipper

    func run() async throws {
        await withGracefulShutdownHandler {
            await shipper.run()
        } onGracefulShutdown: {
            shipper.stop()
        }
    }
}

/// Where state is kept.
struct StateOption: ParsableArguments {
    @Option(
        name: .customLong("state"),
        help: ArgumentHelp(
            "The folder for checkpoints, dead letters and the status. (default: $STATE_DIRECTORY, or \(ShipSettings.defaultStateFolder))",
            valueName: "folder"))
    var folder: String?
}
