internal import CLinux

/// Where /proc tells what the threads of a process have in common.
enum ProcessFolder {
    /// The process's own folder, or, where its first thread has ended, that of one which lives; `processFileSystem`: where
    /// /proc is.
    static func path(of pid: UInt32, in processFileSystem: String) -> String {
        // A string ends in NUL, for the call.
        let thread = unsafe tattle_living_thread(processFileSystem, pid)
        return "\(processFileSystem)/\(pid)" + (thread == pid ? "" : "/task/\(thread)")
    }
}
