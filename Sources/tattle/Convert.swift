internal import ArgumentParser
internal import Conversion
internal import Glibc

/// `tattle convert`: logs in another form.
struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn logs in ECS into another form, on the standard output.",
        discussion: """
            Reads what `tattle show` reads, one line after the other, in constant memory.

            Examples:
              tattle convert --to csv log.ndjson.zst > log.csv
              tattle convert --to zeek /var/log/tattle > conn.log

            Exit codes: 0 all of it was read, 64 the call is wrong, 65 something was no record or could not be read, \
            74 the output could not be written.
            """)

    @Option(
        name: .customLong("to"),
        help: """
            ocsf: the Open Cybersecurity Schema Framework 1.8; zeek: Zeek's conn.log, a line for each connection at its end; \
            csv: comma-separated values, one line for each record.
            """)
    var form: LogConverter.Form

    @Argument(help: ArgumentHelp("What to read.", valueName: "file"))
    var files: [String]

    mutating func run() throws {
        let (form, files) = (form, files)
        var output = LogOutput()
        try finish { () throws(LogOutput.Closed) in
            try LogConverter.convert(files, to: form, into: &output, complain: complain)
        }
    }
}
