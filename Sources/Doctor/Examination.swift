internal import Capture
public import Model

/// What was found out about this machine: values only.
public struct Examination: Sendable {
    /// tattle's version.
    var version: String
    /// `uname -r`.
    var kernelRelease: String
    /// `uname -m`.
    var architecture: String
    /// PRETTY_NAME of os-release(5); nil: not said.
    var operatingSystem: String?
    var features: [Feature] = []
    var hookSets: [HookSetTrial] = []
    var hooks: [HookState] = []
    var signatures: [Signature] = []
    var capabilities: [CapabilityState] = []
    var system: System
    /// BPF programs of others at the hooks that tattle uses, or at hooks the kernel does not tell; nil: not to be asked.
    var others: [OtherProgram]?
    /// What the self-test came to, which is somebody else's to make; nil: none was made.
    public var selfTest: SelfTestReport?

    /// Something the kernel may offer.
    struct Feature: Sendable {
        /// A stable name, for machines.
        var key: String
        /// What a person calls it.
        var title: String
        var state: Availability
        /// Why not, or where; nil: nothing to say.
        var detail: String?
        /// What it is needed for.
        var purpose: String
    }

    /// Whether something is there.
    enum Availability: String, Sendable {
        case available
        case unavailable
        /// It could not be asked.
        case unknown
    }

    /// How one hook set fared.
    struct HookSetTrial: Sendable {
        var hookSet: HookSet
        var state: Availability
        /// Why it does not work; nil: it does, or was not tried.
        var reason: String?
        /// What it does not see here, one phrase each.
        var blindSpots: [String] = []
        /// The sections that were attached.
        var attached: [String] = []
    }

    /// A place in the kernel that hook sets use.
    struct HookState: Sendable {
        /// As in "fexit/tcp_connect".
        var section: String
        /// The function, the tracepoint, or the cgroup hook.
        var target: String
        var hookSets: [HookSet]
        var state: Availability
        /// Whether a set cannot do without it.
        var isRequired: Bool
        /// What it tells, or what is not seen without it; nil: not said.
        var purpose: String?
    }

    /// A capability and whether it is held.
    struct CapabilityState: Sendable {
        var name: String
        var isHeld: Bool
        var isRequired: Bool
        var purpose: String
        /// What is missing without it; nil: everything.
        var loss: String?
    }

    /// Where this process is and what limits it.
    struct System: Sendable {
        var processIDs: ProcessIDs
        /// Where cgroup v2 is mounted; nil: it is not.
        var cgroupMount: String?
        /// Whether that is the whole hierarchy.
        var isCgroupRoot = true
        /// "none", "integrity", "confidentiality"; nil: the kernel does not say.
        var lockdown: String?
        /// Comma list of security modules in force; nil: not said.
        var securityModules: String?
        /// kernel.unprivileged_bpf_disabled: 0, 1 or 2; nil: not said.
        var unprivilegedBPFDisabled: Int?
        /// RLIMIT_MEMLOCK in bytes; nil: unlimited.
        var lockedMemoryLimitBytes: UInt64?
        /// Whether maps count as locked memory, as before Linux 5.11.
        var isLockedMemoryCharged = false
        /// The least `memory.max` of this process's cgroup and those above it; nil: none.
        var cgroupMemoryLimitBytes: UInt64?
        /// Where tracefs is and may be read; nil: nowhere.
        var tracefs: String?
    }

    /// A BPF program that is not tattle's, or another tattle's.
    struct OtherProgram: Sendable {
        var id: UInt32
        var name: String
        var type: String
        /// Where it is attached; empty: the kernel does not say.
        var hooks: [String]
        /// Those of them that tattle hooks too.
        var shared: [String]
    }

    init(
        version: String, kernelRelease: String, architecture: String, operatingSystem: String?, system: System
    ) {
        self.version = version
        self.kernelRelease = kernelRelease
        self.architecture = architecture
        self.operatingSystem = operatingSystem
        self.system = system
    }

    /// The set that a trace would use; nil: none works, or none was tried.
    var chosen: HookSetTrial? { hookSets.first { $0.state == .available } }

    /// What a trace would not see here, one phrase each.
    var blindSpots: [String] {
        var spots = chosen?.blindSpots ?? []
        if system.cgroupMount == nil, chosen != nil {
            spots.append("the paths of cgroups, and units and containers with them")
        }
        for capability in capabilities where !capability.isHeld && !capability.isRequired {
            if let loss = capability.loss { spots.append("\(loss) (no \(capability.name))") }
        }
        return spots
    }
}
