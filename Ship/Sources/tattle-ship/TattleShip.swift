internal import ArgumentParser
internal import CLinux
internal import Glibc
internal import ShipSettings

/// The `tattle-ship` command.
@main
struct TattleShip: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tattle-ship",
        abstract: "Delivers every record that tattle wrote, at least once, whatever fails.",
        usage: """
            \(usage)
            tattle-ship status [--state FOLDER] [--json]
            tattle-ship template elasticsearch|opensearch|clickhouse
            """,
        discussion: discussion + "\n\ntattle-ship deliver --help has every option.",
        version: version,
        subcommands: [Deliver.self, Status.self, Template.self], defaultSubcommand: Deliver.self)

    static let version = "0.1.0"

    /// Parses and runs; whatever goes wrong is one line on stderr and an exit code from the table.
    static func main() async {
        // Batches come and go; from the first ones malloc(3) would learn to keep them.
        tattle_bound_free_memory()
        // Whoever goes away is told of by the write.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let code as ArgumentParser.ExitCode {
            Glibc.exit(code.rawValue)
        } catch let error as ShipConfigurationError {
            complain(error.description)
            Glibc.exit(error.exitCode)
        } catch {
            let code = exitCode(for: error)
            // Help and version come as errors too, and go to the standard output.
            if code == .success || code == .failure { exit(withError: error) }
            // Its other lines repeat the usage: whoever wants that asks for it.
            let message = message(for: error).split(separator: "\n").first ?? "the call is wrong"
            complain("\(masked(message)) (tattle-ship --help tells more)")
            Glibc.exit(ShipExitCode.usage)
        }
    }
}

/// What is wrong with a call, without what may be a secret: an argument out of place may be a URL with a password in it.
private func masked(_ message: Substring) -> String {
    if message.contains("nexpected argument") {
        return "an argument belongs to no option: a destination stands behind --to, the folder of the log behind --from"
    }
    return message.split(separator: " ", omittingEmptySubsequences: false)
        .map { $0.contains("://") || $0.contains("@") ? "***" : $0 }.joined(separator: " ")
}

/// One line on stderr, as every message of tattle-ship.
@Sendable func complain(_ message: String) {
    let line = Array("tattle-ship: \(message)\n".utf8)
    // Reads line.count bytes.
    _ = unsafe line.withUnsafeBytes { unsafe write(2, $0.baseAddress!, $0.count) }
}

/// Text on the standard output.
func output(_ text: String) throws {
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
        // Reads what is left of the bytes.
        let count = unsafe bytes.withUnsafeBytes { unsafe write(1, $0.baseAddress! + done, $0.count - done) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw ArgumentParser.ExitCode(ShipExitCode.ioError) }
        done += count
    }
}
