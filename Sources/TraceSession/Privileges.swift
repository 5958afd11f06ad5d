internal import CLinux
internal import Capture

/// What this process may, and where it is: whether it can trace.
enum Privileges {
    /// Throws when this process may not trace.
    static func check(executable: String) throws(TracingError) {
        var bits: UInt64 = 0
        // Writes one number.
        guard unsafe tattle_effective_capabilities(&bits) == 0 else { return }
        let missing = RequiredCapabilities.missing(inEffective: bits)
        guard !missing.isEmpty else { return }
        throw TracingError(
            "missing \(missing.joined(separator: ", ")): run it as root, or once: "
                + "sudo setcap cap_bpf,cap_perfmon,cap_net_admin,cap_sys_resource,cap_sys_ptrace,cap_dac_read_search+ep \(executable)"
                + " (whoever may execute it then reads everybody's arguments and environment: chgrp and chmod 750 it first)",
            exitCode: ExitCode.noPermission)
    }

    /// Throws where an attempt would be laid to the process that has the same id here.
    static func checkProcessIDs() throws(TracingError) {
        guard let problem = ProcessIDs.examine().problem else { return }
        throw TracingError(problem, exitCode: ExitCode.unavailable)
    }
}
