internal import ArgumentParser
internal import Glibc

/// The `tattle` command.
@main
struct Tattle: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tattle",
        abstract: "Tells which program tried to reach the network, where, and how it ended.",
        discussion: """
            Every outbound TCP and UDP attempt on this machine, also of a process that lived a millisecond, also one \
            that failed because the machine is offline, as a line of NDJSON or of a table.
            """,
        version: version,
        subcommands: [
            Trace.self, Doctor.self, Show.self, Convert.self, BeaconsCommand.self, Config.self, Schema.self,
        ])

    static let version = "0.1.0"

    /// Parses and runs; whatever goes wrong is one line on stderr and an exit code from the table.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let code as ArgumentParser.ExitCode {
            Glibc.exit(code.rawValue)
        } catch {
            let code = exitCode(for: error)
            // Help and version come as errors too, and go to the standard output.
            if code == .success { Glibc.exit(told(fullMessage(for: error))) }
            if code == .failure { exit(withError: error) }
            // Its other lines repeat the usage: whoever wants that asks for it.
            let message = message(for: error).split(separator: "\n").first ?? "the call is wrong"
            let given = CommandLine.arguments.dropFirst().first ?? ""
            let commands = ["doctor", "show", "convert", "beacons", "config", "schema"]
            let subcommand = commands.contains(given) ? given : "trace"
            complain("\(message) (tattle \(subcommand) --help tells more)")
            Glibc.exit(code.rawValue)
        }
    }
}

/// Writes a text and a newline to the standard output.
///
/// - Returns: the exit code.
private func told(_ text: String) -> Int32 {
    do {
        try tell(text + "\n")
        return 0
    } catch {
        return (error as? ArgumentParser.ExitCode)?.rawValue ?? 1
    }
}

/// One line on stderr, as every message of tattle.
func complain(_ message: String) {
    let line = Array("tattle: \(message)\n".utf8)
    // Reads line.count bytes.
    _ = unsafe line.withUnsafeBytes { unsafe write(2, $0.baseAddress!, $0.count) }
}
