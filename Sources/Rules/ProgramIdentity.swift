internal import Model

/// What repeats of one program have in common, whatever process runs it.
///
/// Not the pid: a program that is started each minute is the same one each time. Not its arguments: they often have a time or
/// a number in them. But the script, because an interpreter is all of its scripts; the file, because a program that was
/// replaced is another; the user, the unit and the container, because a shell that a web server starts is not the one that
/// cron starts. The file goes by what the kernel said of it at exec and not by its digest, which may come too late for one
/// record and in time for the next.
struct ProgramIdentity: Hashable {
    var executable: [UInt8]?
    var script: [UInt8]?
    /// Of what has no executable, as threads of the kernel.
    var name: [UInt8]?
    var file: FileStamp
    var userID: UInt32
    var unit: String?
    var container: String?

    /// How many bytes its texts take.
    var textByteCount: Int {
        (executable?.count ?? 0) + (script?.count ?? 0) + (unit?.utf8.count ?? 0) + (container?.utf8.count ?? 0)
    }

    init(_ attribution: Attribution, userID: UInt32) {
        let program = attribution.process.program
        executable = program.executable
        script = program.script
        name = executable == nil ? program.name.bytes : nil
        file = program.stamp
        self.userID = userID
        unit = attribution.group?.unit
        container = attribution.group?.container?.id
    }
}
