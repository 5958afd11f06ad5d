internal import ArgumentParser
internal import Conversion
internal import Glibc
internal import Model
internal import Records
internal import Rules
internal import TOML
internal import TraceSession

/// `tattle config`: what rules say.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration, and try its rules on logs.",
        subcommands: [ConfigCheck.self], defaultSubcommand: ConfigCheck.self)
}

/// `tattle config check`: what is wrong with a configuration, and what its rules would have done.
struct ConfigCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Tell everything that is wrong with the configuration, by line, or what its rules would have done to logs.",
        discussion: """
            Logs are read as `tattle show` reads them. docs/CONFIG.md says what may be in the file.

            Examples:
              tattle config check
              tattle config check --config new.toml /var/log/tattle

            Exit codes: 0 nothing is wrong, 64 the call is wrong, 65 something of a log was no record or could not be read, \
            74 the output could not be written, 78 the configuration cannot be read, or something in it is wrong.
            """)

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("The configuration. (default: \(Configuration.defaultPath))", valueName: "file"))
    var path: String?

    @Flag(name: .customLong("json"), help: "As JSON, for a program.")
    var isJSON = false

    @Argument(help: ArgumentHelp("Logs to put to the rules.", valueName: "log"))
    var logs: [String] = []

    mutating func run() throws {
        let command = self
        var isRight = true
        try finish { () throws(LogOutput.Closed) in
            let (report, isComplete) = command.report()
            isRight = report.problems.isEmpty
            var output = LogOutput()
            try output.write(String(decoding: command.isJSON ? report.json : report.text, as: UTF8.self))
            return isComplete
        }
        if !isRight { throw ArgumentParser.ExitCode(TraceSession.ExitCode.configuration) }
    }

    private func report() -> (report: ConfigurationReport, isComplete: Bool) {
        var report = ConfigurationReport(path: path ?? Configuration.defaultPath)
        do throws(ConfigurationError) {
            let configuration = try Configuration.load(path)
            // A trace does without it, too.
            if configuration == nil { complain("there is no '\(report.path)': everything is recorded") }
            let rules = configuration?.rules ?? RuleSet()
            report.rules = rules.rules.map { RuleCount(name: $0.name, action: $0.action.name) }
            guard !logs.isEmpty else { return (report, true) }
            let result = RuleTrial.run(logs, rules, complain: complain)
            report.rules = result.counts
            report.trial = result.trial
            return (report, result.isComplete)
        } catch {
            if case .wrong(let problems) = error.reason {
                report.problems = problems.map {
                    .init(line: $0.position.line, column: $0.position.column, message: $0.message)
                }
            } else {
                report.problems = [.init(line: 0, column: 0, message: error.description)]
            }
            return (report, true)
        }
    }
}
