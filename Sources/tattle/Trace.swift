internal import ArgumentParser
internal import Capture
internal import Glibc
internal import Logging
internal import Model
internal import TraceSession

/// `tattle trace`: attempts as they happen.
struct Trace: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write down every outbound attempt as it happens.",
        usage: "tattle trace [options] [-- COMMAND [ARG ...]]",
        discussion: """
            Without COMMAND, the whole machine until Ctrl-C. With COMMAND, what it and its descendants attempt; \
            the hooks are live before it starts, and its exit status is tattle's.

            Examples:
              tattle trace                                  a table of everything, on a terminal
              tattle trace --failed --to 203.0.113.0/24     only what failed, only there
              tattle trace --output log.ndjson -- make      what a build tries to reach
              tattle trace --output /var/log/tattle/ --compress zstd --keep-bytes 10GB
              tattle trace --beacons --output /var/log/tattle/ also says what calls home
              tattle trace --format ecs | jq -r .destination.ip

            Exit codes: 64 the call is wrong, 69 the kernel cannot be traced, 73 the output cannot be made, \
            74 it could not be written, 77 privileges are missing, 78 the configuration is wrong, 126 COMMAND may not be executed, \
            127 COMMAND is not found, 128+N COMMAND was ended by signal N.
            """)

    @OptionGroup(title: "Output")
    var output: OutputOptions

    @OptionGroup(title: "Files, where the output is a folder")
    var files: FileOptions

    @OptionGroup(title: "Filters (several values: any of them; several filters: all of them)")
    var filters: FilterOptions

    @OptionGroup(title: "Tracing")
    var tracing: TracingOptions

    @OptionGroup(title: "Beacons")
    var beacons: BeaconOptions

    @Argument(
        parsing: .postTerminator, help: ArgumentHelp("A program to run and trace, after --.", valueName: "command"))
    var command: [String] = []

    mutating func run() throws {
        let logger = Logger(label: "tattle") { _ in StandardErrorLog(isVerbose: tracing.isVerbose) }
        do {
            let options = try traceOptions()
            let tracer = try Tracer(
                options, version: Tattle.version, executable: CommandLine.arguments[0], logger: logger)
            let result = try tracer.run()
            summarize(result)
            let code = exitCode(result)
            if code != 0 { throw ArgumentParser.ExitCode(code) }
        } catch let error as TracingError {
            complain(error.description)
            throw ArgumentParser.ExitCode(error.exitCode)
        }
    }

    private func traceOptions() throws(TracingError) -> TraceOptions {
        var options = TraceOptions()
        options.output = output.path
        options.format = output.format
        options.rotation = files.rotation
        options.folder = files.folder
        try files.check(options)
        options.settle = tracing.settle.duration
        options.hookSet = tracing.hooks.hookSet
        options.ringBytes = tracing.ringSize.bytes
        options.variables = try tracing.variableNames()
        options.hashLimitBytes = tracing.hashLimit.bytes
        options.duration = tracing.duration?.duration
        options.heartbeat = tracing.heartbeat.duration
        options.metricsFile = tracing.metricsFile
        if options.metricsFile != nil, options.heartbeat == .zero {
            throw TracingError("--metrics-file needs a --heartbeat", exitCode: TraceSession.ExitCode.usage)
        }
        if tracing.isSystemWide, command.isEmpty {
            throw TracingError("--system needs a COMMAND", exitCode: TraceSession.ExitCode.usage)
        }
        options.beacons = try beacons.list(format: output.format)
        options.hasInventory = !tracing.noInventory
        options.hasSelfTest = tracing.hasSelfTest
        options.isVerbose = tracing.isVerbose
        options.command = command
        options.filter = try filters.filter()
        options.configuration = try configuration()
        options.filter.isCommandOnly = !command.isEmpty && !tracing.isSystemWide
        return options
    }

    private func configuration() throws(TracingError) -> Configuration? {
        do throws(ConfigurationError) {
            return try Configuration.load(tracing.configurationFile)
        } catch {
            throw TracingError(error.description, exitCode: TraceSession.ExitCode.configuration)
        }
    }

    private func summarize(_ result: Tracer.Result) {
        switch result.reason {
        case .outputClosed: return
        case .outputFailed(let error):
            // strerror's text is valid until the next call on this thread.
            let reason = unsafe String(cString: strerror(error))
            complain(
                "cannot write to '\(output.path)': \(reason); \(result.linesNotWritten) of \(result.lines) lines are not in "
                    + "the log of \(attempts(result.totals))")
        default:
            let totals = result.totals
            complain(
                "\(attempts(totals)), \(totals.failed) failed, "
                    + (totals.withheld > 0 ? "\(totals.withheld) withheld by rules, " : "")
                    + "\(totals.lost) lost (\(result.hookSet.rawValue) hooks)")
        }
    }

    private func attempts(_ totals: Totals) -> String {
        "\(totals.attempts) attempt\(totals.attempts == 1 ? "" : "s")"
    }

    private func exitCode(_ result: Tracer.Result) -> Int32 {
        switch result.reason {
        case .commandExited(let status): status
        case .outputFailed: TraceSession.ExitCode.ioError
        case .signal, .durationElapsed, .outputClosed: TraceSession.ExitCode.success
        }
    }
}
