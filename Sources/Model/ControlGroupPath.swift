/// What a cgroup's path says: container, systemd unit, Kubernetes pod.
///
/// Pure and total: a component that matches no form says nothing, whatever bytes it is made of.
public struct ControlGroupPath: Sendable {
    /// The innermost container.
    public private(set) var container: ContainerFacts?
    /// Whether the machine's root gave that name: the container stands in no unit's folder and in no other container's.
    ///
    /// Below folders of no unit and no slice only where runtimes make such.
    public private(set) var isContainerOfSystem = false
    /// The unit of the innermost manager.
    public private(set) var unit: String?
    /// Whether the unit is one of the system's manager: nothing is above it but slices.
    public private(set) var isUnitOfSystem = false
    /// The innermost slice.
    public private(set) var slice: String?
    /// Whether the unit is one of a user's manager.
    public private(set) var isUserUnit = false
    /// Whose manager it is below.
    public private(set) var managerUserID: UInt32?
    /// The Kubernetes pod.
    public private(set) var podUID: String?

    /// Slices, then one unit: no manager puts a unit below another.
    ///
    /// What is below a unit, the unit made itself, so names there count for nothing; but a user's manager and a
    /// container begin anew.
    private var isUnitExpected = true
    /// The user whose manager the component before was.
    private var manager: UInt32?
    private var isInUserManager = false
    private var isInKubernetes = false
    /// Whether all folders so far are such as only the machine's root makes.
    private var isOfSystem = true
    /// The container around the innermost one.
    private var enclosing: ContainerFacts?
    private var isEnclosingOfSystem = false
    /// Whether the component before is a container's own folder.
    private var isContainersFolder = false

    /// Reads a path from the root of the hierarchy.
    public init(_ path: [UInt8]) {
        var parent: ArraySlice<UInt8>?
        var isParentAtTop = false
        var isAtTop = true
        for component in path.split(separator: UInt8(ascii: "/")) {
            read(component, below: parent, isParentAtTop: isParentAtTop)
            isOfSystem = isOfSystem && container == nil && hasOnlySystemsBelow(component)
            // `ns` and the like stand between a container's folder and the first one within.
            (parent, isParentAtTop) = (component, isAtTop)
            isAtTop = isContainersFolder
        }
    }

    private mutating func read(
        _ component: ArraySlice<UInt8>, below parent: ArraySlice<UInt8>?, isParentAtTop: Bool
    ) {
        readPod(component)
        if let manager {
            managerUserID = manager
            isInUserManager = true
            self.manager = nil
        }
        if let found = ContainerName.container(component, below: parent, isParentAtTop: isParentAtTop) {
            readUnit(component)
            (enclosing, container) = (container, found)
            (isEnclosingOfSystem, isContainerOfSystem) = (isContainerOfSystem, isOfSystem)
            isContainersFolder = true
            isUnitExpected = true
            isInUserManager = false
            return
        }
        if isContainersFolder, Self.wrappers.contains(where: { component.elementsEqual($0.utf8) }) { return }
        if isContainersFolder, container?.runtime == "systemd-nspawn", component.elementsEqual("supervisor".utf8) {
            // systemd-nspawn itself, which runs on the host; to the container only `payload` beside it is delegated.
            (container, isContainerOfSystem) = (enclosing, isEnclosingOfSystem)
            isUnitExpected = false
        }
        isContainersFolder = false
        readUnit(component)
    }

    /// What runtimes put between a container's cgroup and its processes: `payload` systemd-nspawn, `container` crun
    /// (podman, CRI-O), `ns` Proxmox VE.
    private static let wrappers = ["payload", "container", "ns"]

    /// Whether what is below a folder, which the machine's root has made, is the root's too: a slice, and where runtimes
    /// with the cgroupfs driver have their containers.
    ///
    /// What is below a unit the unit may have made, and any other folder somebody may have been given.
    private func hasOnlySystemsBelow(_ component: ArraySlice<UInt8>) -> Bool {
        if case .slice = UnitName.parse(component) { return true }
        return Self.runtimeFolders.contains { component.elementsEqual($0.utf8) }
            || isInKubernetes && component.starts(with: "pod".utf8)
    }

    /// Docker's, containerd's, podman's, LXC's, Kubernetes'.
    private static let runtimeFolders = [
        "docker", "default", "k8s.io", "libpod_parent", "lxc", "lxc.payload", "kubepods", "burstable", "besteffort",
    ]

    private mutating func readUnit(_ component: ArraySlice<UInt8>) {
        guard isUnitExpected else { return }
        switch UnitName.parse(component) {
        case .slice(let name): slice = name
        case .unit(let name):
            unit = name
            isUnitOfSystem = isOfSystem
            isUserUnit = isInUserManager
            manager = isInUserManager ? nil : UnitName.managerUserID(name)
            isUnitExpected = manager != nil
        case nil: isUnitExpected = false
        }
    }

    /// `kubepods-burstable-pod<uid, _ for ->.slice` below `kubepods.slice`, or `pod<uid>` below `kubepods`.
    ///
    /// Kubernetes' pkg/kubelet/cm/cgroup_manager_linux.go and pod_container_manager_linux.go. Nested kubelets have
    /// a prefix (`kubelet-kubepods-…`).
    private mutating func readPod(_ component: ArraySlice<UInt8>) {
        let first = component.prefix { $0 != UInt8(ascii: ":") }
        if let slice = first.without(suffix: ".slice"), slice.contains("kubepods".utf8) {
            isInKubernetes = true
            let uid = [36, 32].lazy.compactMap { length in
                slice.dropLast(length).without(suffix: "-pod").flatMap { _ in
                    Self.podUID(slice.suffix(length), separator: UInt8(ascii: "_"))
                }
            }.first
            podUID = uid ?? podUID
        } else if component.elementsEqual("kubepods".utf8) {
            isInKubernetes = true
        } else if isInKubernetes, let uid = component.without(prefix: "pod") {
            podUID = Self.podUID(uid, separator: UInt8(ascii: "-")) ?? podUID
        }
    }

    /// A UUID, or 32 digits without separators: pods from files have the hash of their configuration.
    private static func podUID(_ bytes: ArraySlice<UInt8>, separator: UInt8) -> String? {
        let groups = bytes.split(separator: separator, omittingEmptySubsequences: false)
        guard [[8, 4, 4, 4, 12], [32]].contains(groups.map(\.count)),
            groups.joined().allSatisfy(\.isSmallHexadecimal)
        else { return nil }
        return groups.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }
}

extension ControlGroup {
    /// Makes a control group of what its path says.
    ///
    /// - Parameters:
    ///   - id: the cgroup v2 id.
    ///   - path: from the root of the hierarchy, cgroup_path(); any bytes.
    public convenience init(id: UInt64, parsing path: [UInt8]) {
        let facts = ControlGroupPath(path)
        self.init(
            id: id, path: path, container: facts.container, unit: facts.unit, slice: facts.slice,
            isUserUnit: facts.isUserUnit, managerUserID: facts.managerUserID, podUID: facts.podUID)
    }
}
