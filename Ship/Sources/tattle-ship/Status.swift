internal import ArgumentParser
internal import Glibc
internal import ShipSettings
internal import Shipping

/// `tattle-ship status`: how it stands.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell how far each destination is: lag, rate, errors.",
        discussion: """
            Reads what the running tattle-ship writes into its state folder every five seconds.

            Exit codes: 0 everything is being delivered, 3 a destination has trouble or it does not run, 66 there is no
            status, 74 the standard output cannot be written, 78 the configuration is wrong.
            """)

    @OptionGroup
    var state: StateOption

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("The file that may say where state is kept.", valueName: "file"))
    var configurationFile: String?

    @Flag(name: .customLong("json"), help: "As JSON, for a program.")
    var isJSON = false

    mutating func run() throws {
        let folder = try ShipSettings.stateFolder(state.folder, configurationFile: configurationFile)
        let (status, isRunning, json) = try ShipStatus.read(stateFolder: folder)
        let now = Int64(time(nil))
        try output(isJSON ? String(decoding: json, as: UTF8.self) : status.text(now: now, isRunning: isRunning))
        if status.needsAttention(now: now, isRunning: isRunning) { throw ArgumentParser.ExitCode(ShipExitCode.limited) }
    }
}
