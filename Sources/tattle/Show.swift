internal import ArgumentParser
internal import CLinux
internal import Conversion
internal import Glibc
internal import Model
internal import TraceSession

/// `tattle show`: logs as a table.
struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show logs in ECS as the table of a trace.",
        discussion: """
            Reads files, also compressed with gzip or zstd, and folders that a trace writes into; - is the standard input. \
            A line that is no record is told by its number, and the rest goes on. The names of users are those of the log.

            Examples:
              tattle show log.ndjson.gz
              tattle show --failed --not-to 10.0.0.0/8 /var/log/tattle
              tattle show --follow /var/log/tattle

            Exit codes: 0 all of it was read, 64 the call is wrong, 65 something was no record or could not be read, \
            74 the output could not be written.
            """)

    @OptionGroup(title: "Filters (several values: any of them; several filters: all of them)")
    var filters: FilterOptions

    @Flag(name: [.customShort("f"), .customLong("follow")], help: "At the end wait for more, across rotations.")
    var isFollowing = false

    @Flag(name: [.customShort("v"), .customLong("verbose")], help: "Show every heartbeat.")
    var isVerbose = false

    @Argument(help: ArgumentHelp("What to read.", valueName: "file"))
    var files: [String]

    mutating func run() throws {
        let filter = filters.filterOfLog
        var table = LogTable()
        let isTerminal = isatty(1) == 1
        let width = tattle_terminal_width(1)
        table.width = isTerminal && width > 0 ? Int(width) : nil
        table.usesColor = unsafe getenv("NO_COLOR") == nil && isTerminal
        table.utcOffsetSeconds = TraceSession.utcOffsetSeconds()
        table.showsHeartbeats = isVerbose
        var output = LogOutput()
        let (files, isFollowing) = (files, isFollowing)
        try finish { () throws(LogOutput.Closed) in
            try table.write(files, isFollowing: isFollowing, filter: filter, to: &output, complain: complain)
        }
    }
}

/// Writes a text to the standard output, all of it.
func tell(_ text: String) throws {
    try finish { () throws(LogOutput.Closed) in
        var output = LogOutput()
        try output.write(text)
        return true
    }
}

/// Ends with the exit code that reading a log came to.
func finish(_ read: () throws(LogOutput.Closed) -> Bool) throws {
    // A write to a pipe that nobody reads is an error and no signal.
    signal(SIGPIPE, SIG_IGN)
    let isComplete: Bool
    do throws(LogOutput.Closed) {
        isComplete = try read()
    } catch {
        if error.isUnread { return }
        // strerror's text is valid until the next call on this thread.
        complain("cannot write to the standard output: \(unsafe String(cString: strerror(error.code)))")
        throw ArgumentParser.ExitCode(TraceSession.ExitCode.ioError)
    }
    if !isComplete { throw ArgumentParser.ExitCode(TraceSession.ExitCode.dataError) }
}
