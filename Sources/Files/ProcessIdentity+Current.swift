internal import Glibc
internal import Model

extension ProcessIdentity {
    /// Whether the pid is this process's now, as far as the start in /proc tells; `processFileSystem`: where /proc is.
    func isCurrent(in processFileSystem: String) throws(CallError) -> Bool {
        let bytes = try OpenFile("\(processFileSystem)/\(pid)/stat", flags: O_RDONLY).contents()
        return ProcessStat(bytes)?.startTicks == startBootNanoseconds / Self.tickNanoseconds
    }
}
