internal import ArgumentParser
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
        usage: "tattle-ship --from FOLDER --to URL [--to URL ...] [options]",
        discussion: """
            The log files are the queue: a receiver that is dead costs disk, never records. Every destination has its own \
            checkpoint and goes at its own pace. Runs without any privilege; it has to be able to read the folder.

            URLs:
              elasticsearch+https://HOST:9200   _bulk, also opensearch+https://
              splunk+https://HOST:8088          HTTP Event Collector
              otlp+https://HOST:4318            OpenTelemetry logs, in JSON
              clickhouse+https://HOST:8443      JSONEachRow over HTTP
              kafka+https://HOST:8082#topic=T   Kafka, through a REST gateway
              https://HOST/PATH                 NDJSON in a POST
              syslog+tls://HOST:6514            RFC 5424; also syslog+tcp, syslog+udp
              file:/PATH                        appended to a file of its own
              -                                 the standard output
            Each https may be http: then nothing is encrypted.

            What stands behind # are options for that destination, with & between, as in tattle-ship.toml; nothing of it \
            is sent: #token-file=/etc/tattle-ship/token&ca=/etc/ssl/siem.pem&kinds=connection_attempted,beacon_detected. \
            A secret is never part of a URL: token-file, password-file and api-key-file name a file that has it, …-env a variable.

            Examples:
              tattle-ship --from /var/log/tattle --to - | jq .
              tattle-ship --from /var/log/tattle --to 'elasticsearch+https://siem:9200#user=tattle&password-file=/etc/tattle-ship/pw'
              tattle-ship --from /var/log/tattle --to 'splunk+https://siem#token-env=HEC_TOKEN' --to syslog+tls://log.example
              tattle-ship --config /etc/tattle-ship.toml --dry-run

            Exit codes: 0 it was asked to end, 64 the call is wrong, 66 the folder cannot be read, 73 the state folder cannot \
            be used, 78 the configuration cannot be read, or something in it is wrong. docs/SHIP.md has the rest.
            """)

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

    @Flag(name: .customLong("once"), help: "Deliver what is there now, and end.")
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
        var services = try networkServices(settings, shipper)
        services.append(
            ServiceGroupConfiguration.ServiceConfiguration(
                service: ShipperService(shipper: shipper), successTerminationBehavior: .gracefullyShutdownGroup))
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
