internal import CLinux
internal import Glibc

/// The capabilities that tracing needs: capabilities(7).
public enum Privileges {
    /// What each is needed for, by its number in linux/capability.h.
    static let required: [(name: String, bit: UInt64)] = [
        ("CAP_BPF", 39), ("CAP_PERFMON", 38), ("CAP_NET_ADMIN", 12),
    ]
    /// Stands for all of them, and for their predecessors before 5.8.
    static let systemAdministrator: UInt64 = 21

    /// The names of those that are missing in an effective set; empty: it suffices.
    public static func missing(inEffective bits: UInt64) -> [String] {
        if bits >> systemAdministrator & 1 == 1, bits >> 12 & 1 == 1 { return [] }
        return required.filter { bits >> $0.bit & 1 == 0 }.map(\.name)
    }

    /// Throws when this process may not trace.
    static func check(executable: String) throws(TracingError) {
        var bits: UInt64 = 0
        // Writes one number.
        guard unsafe tattle_effective_capabilities(&bits) == 0 else { return }
        let missing = missing(inEffective: bits)
        guard !missing.isEmpty else { return }
        throw TracingError(
            "missing \(missing.joined(separator: ", ")): run it as root, or once: "
                + "sudo setcap cap_bpf,cap_perfmon,cap_net_admin,cap_sys_resource,cap_sys_ptrace,cap_dac_read_search+ep \(executable)",
            exitCode: ExitCode.noPermission)
    }
}
