internal import Glibc

/// Whether the process ids in /proc are those that the kernel's programs tell: pid_namespaces(7).
public enum ProcessIDs: String, Sendable {
    /// They are: this is the machine's own pid namespace.
    case kernel
    /// This process is in another pid namespace, as in a container.
    case nested
    /// This process is not in the /proc that is mounted here: it is another pid namespace's.
    case foreign
    /// There is no /proc.
    case unknown

    /// PROC_PID_INIT_INO of linux/proc_ns.h: the inode of the first pid namespace, on every machine.
    static let initialInode: UInt64 = 4_026_531_836

    /// Looks.
    ///
    /// - Parameter proc: where procfs is mounted.
    public static func examine(proc: String = "/proc") -> ProcessIDs {
        guard let inode = inode("\(proc)/self/ns/pid") else {
            return inode("\(proc)/stat") == nil ? .unknown : .foreign
        }
        return inode == initialInode ? .kernel : .nested
    }

    /// What is wrong and what can be done; nil: nothing is.
    public var problem: String? {
        switch self {
        case .kernel, .unknown: nil
        case .nested:
            "this is a pid namespace of its own, where processes have other ids than those the kernel tells, and would "
                + "be taken for each other: run it in the machine's (a container with --pid=host)"
        case .foreign:
            "the /proc mounted here is another pid namespace's, where processes have other ids than those the kernel "
                + "tells: mount the machine's (mount -t proc proc /proc, in a mount namespace of one's own)"
        }
    }

    private static func inode(_ path: String) -> UInt64? {
        var status = stat()
        // Fills `status`.
        return unsafe stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
