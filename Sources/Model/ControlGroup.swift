/// Which container a control group belongs to, as far as its path says.
public struct ContainerFacts: Hashable, Sendable {
    /// 64 hexadecimal digits, or the container's name where the runtime goes by names (lxc, systemd-nspawn).
    public let id: String
    /// `docker`, `containerd`, `cri-o`, `podman`, `lxc` or `systemd-nspawn`; nil: the path does not tell.
    public let runtime: String?

    /// Makes the facts of one container.
    public init(id: String, runtime: String?) {
        self.id = id
        self.runtime = runtime
    }
}

/// One cgroup v2, and what its path says of those in it.
///
/// Immutable: a process that moves gets another one.
///
/// The path is what somebody called the folder. To whom a part of the hierarchy is delegated (a user's manager, a
/// service with `Delegate=`, a container) may give any name to what is below.
public final class ControlGroup: Sendable {
    /// The kernel's number of it, as `bpf_get_current_cgroup_id()` gives it: the folder's inode number.
    public let id: UInt64
    /// From the root of the hierarchy, which is `/`; bytes of no particular encoding.
    public let path: [UInt8]
    /// The innermost container that it is in; nil: none that is known by its path.
    public let container: ContainerFacts?
    /// The systemd unit, its name as systemd writes it (`\x2d` stays); nil: none.
    ///
    /// Within a container that runs a systemd of its own, the unit there.
    public let unit: String?
    /// The innermost systemd slice; nil: none, which systemd calls `-.slice`.
    public let slice: String?
    /// Whether `unit` is one of a user's manager, not of the machine's.
    public let isUserUnit: Bool
    /// The user whose manager (`user@UID.service`) it is below; nil: none's.
    public let managerUserID: UInt32?
    /// The uid of the Kubernetes pod; nil: in none.
    ///
    /// A UUID with its dashes, or the 32 hexadecimal digits of a static pod.
    public let podUID: String?

    /// Makes a control group of what is known of it.
    public init(
        id: UInt64, path: [UInt8], container: ContainerFacts? = nil, unit: String? = nil, slice: String? = nil,
        isUserUnit: Bool = false, managerUserID: UInt32? = nil, podUID: String? = nil
    ) {
        self.id = id
        self.path = path
        self.container = container
        self.unit = unit
        self.slice = slice
        self.isUserUnit = isUserUnit
        self.managerUserID = managerUserID
        self.podUID = podUID
    }
}
