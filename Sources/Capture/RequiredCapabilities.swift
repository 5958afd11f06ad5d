/// The capabilities that tracing needs, or is better for: capabilities(7).
public enum RequiredCapabilities {
    /// One of them.
    public struct Need: Sendable {
        /// As the kernel spells it.
        public let name: String
        /// Its number in linux/capability.h.
        public let bit: UInt64
        /// What for, to be read after its name.
        public let purpose: String
        /// Whether nothing can be traced without it.
        public let isRequired: Bool
        /// What is missing without it, where it is not required.
        public let loss: String?
    }

    /// All, those that are required first.
    public static let all: [Need] = [
        Need(name: "CAP_BPF", bit: 39, purpose: "load BPF programs and make maps", isRequired: true, loss: nil),
        Need(
            name: "CAP_PERFMON", bit: 38, purpose: "attach to kernel functions and tracepoints, read kernel memory",
            isRequired: true, loss: nil),
        Need(name: "CAP_NET_ADMIN", bit: 12, purpose: "load and attach cgroup programs", isRequired: true, loss: nil),
        Need(
            name: "CAP_SYS_PTRACE", bit: 19, purpose: "read /proc/PID/exe, environ and ns of other users' processes",
            isRequired: false, loss: "the program, hash and package of other users' processes that ran before tattle"),
        Need(
            name: "CAP_DAC_READ_SEARCH", bit: 2, purpose: "read executables nobody else may read, find cgroups by id",
            isRequired: false,
            loss: "the hash of executables that only their owner may read, and cgroups that are known by id only"),
        Need(
            name: "CAP_SYS_RESOURCE", bit: 24, purpose: "raise the limit of locked memory, before Linux 5.11",
            isRequired: false, loss: nil),
        Need(
            name: "CAP_SYS_ADMIN", bit: systemAdministrator, purpose: "list the BPF programs of others",
            isRequired: false, loss: nil),
    ]

    /// Stands for CAP_BPF and CAP_PERFMON, and for what was before them (5.8).
    static let systemAdministrator: UInt64 = 21

    /// Whether an effective set suffices for one of them.
    public static func isHeld(_ need: Need, inEffective bits: UInt64) -> Bool {
        if bits >> need.bit & 1 == 1 { return true }
        return bits >> systemAdministrator & 1 == 1 && (need.name == "CAP_BPF" || need.name == "CAP_PERFMON")
    }

    /// The names of the required ones that are missing in an effective set; empty: it suffices.
    public static func missing(inEffective bits: UInt64) -> [String] {
        all.filter { $0.isRequired && !isHeld($0, inEffective: bits) }.map(\.name)
    }
}
