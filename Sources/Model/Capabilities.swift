/// What a set of Linux capabilities says, one bit each: capabilities(7).
public enum Capabilities {
    /// The 41 that Linux has had since 5.9: linux/capability.h, up to CAP_CHECKPOINT_RESTORE.
    public static let all: UInt64 = (1 << 41) - 1

    /// Whether a set holds everything that there is: the process may do whatever root may.
    ///
    /// - Parameter mask: `cap_effective`, bit n for the capability n.
    public static func isFull(_ mask: UInt64) -> Bool { mask & all == all }

    /// The names of a set, in the order of their numbers, as the kernel spells them.
    ///
    /// A bit that linux/capability.h does not name here is `CAP_` and its number.
    ///
    /// - Parameter mask: bit n for the capability n.
    public static func names(of mask: UInt64) -> [String] {
        (0..<UInt64.bitWidth).filter { mask & 1 << UInt64($0) != 0 }.map { bit in
            bit < known.count ? known[bit] : "CAP_\(bit)"
        }
    }

    /// By number: linux/capability.h.
    private static let known = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
        "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",
        "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO",
        "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE",
        "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ]
}
