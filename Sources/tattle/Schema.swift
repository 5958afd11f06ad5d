internal import ArgumentParser
internal import Records

/// `tattle schema`: what lines of a log may look like.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of a format's lines.",
        discussion: """
            Draft 2020-12. A line with a member that is missing, unknown or of another type is none; so a schema holds for \
            lines of this version.
            """)

    @Option(help: "ecs, ocsf or zeek.")
    var format = RecordSchema.ecs

    mutating func run() {
        print(format.text, terminator: "")
    }
}
