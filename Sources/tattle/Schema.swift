internal import ArgumentParser
internal import Records

/// `tattle schema`: what lines of a log may look like.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of a format's lines.",
        discussion: """
            Draft 2020-12. A line with a member that is missing, unknown or of another type is none; so a schema holds for \
            lines of this version.

            Exit codes: 0 it is written, 64 the call is wrong, 74 the output could not be written.
            """)

    @Option(help: "ecs, ocsf or zeek.")
    var format = RecordSchema.ecs

    mutating func run() throws {
        try tell(format.text)
    }
}
