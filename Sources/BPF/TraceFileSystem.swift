internal import Glibc

/// The kernel's tracefs: its events are files below it.
public enum TraceFileSystem {
    /// Where it is mounted and may be read; nil: nowhere.
    public static let root: String? = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"].first { root in
        // Reads a path that ends in NUL.
        unsafe access("\(root)/events/sched/sched_process_exec/id", R_OK) == 0
    }
}
