/// What container runtimes call the cgroups of their containers.
///
/// Only whole components count that match a form to the last byte; the runtimes' helpers (`crio-conmon-…`,
/// `libpod-conmon-…`, `lxc.monitor.…`) match none. The sources of the forms:
/// - runc's docs/systemd.md: a cgroups path `slice:prefix:name` becomes `prefix-name.scope` in that slice. With the
///   cgroupfs driver such a path stays one folder of that name (containerd without `SystemdCgroup = true`).
/// - moby's daemon/oci_linux.go: prefix `docker`, or `/docker/<id>`; containerd's CRI: prefix `cri-containerd`;
///   nerdctl: prefix `nerdctl`, or `/<namespace>/<id>`, as ctr(8).
/// - CRI-O's internal/config/cgmgr: `crio-<id>`, with `.scope` for systemd's driver.
/// - podman's libpod/container_internal_linux.go: `libpod-<id>`, and `libpod-payload-<id>` for `--cgroups=split`;
///   `/libpod_parent/<id>` is a pod.
/// - LXC's src/lxc/cgroups/cgroup.h: `lxc.payload.<name>`; before 4.0, and on Proxmox VE, `/lxc/<name>`.
/// - systemd's machined: `machine-<name>.scope`; systemd-nspawn@.service: its instance is the machine's name.
enum ContainerName {
    /// The container whose cgroup a component is; nil: it is none's.
    ///
    /// - Parameters:
    ///   - component: the folder's name.
    ///   - parent: the name of the folder above; nil: it is the hierarchy's root.
    ///   - isParentAtTop: whether that one is the topmost on this machine or in a container.
    static func container(
        _ component: ArraySlice<UInt8>, below parent: ArraySlice<UInt8>?, isParentAtTop: Bool
    ) -> ContainerFacts? {
        if isIdentifier(component) { return bare(component, below: parent) }
        return prefixed(component) ?? colons(component) ?? lxc(component, below: parent, isParentAtTop: isParentAtTop)
            ?? machine(component)
    }

    /// A container's name that goes by names: letters, digits, dot, dash, underscore.
    private static func validName(_ bytes: some Collection<UInt8>) -> String? {
        let isName = bytes.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
        guard isName, bytes.count <= 255, let first = bytes.first, isAlphanumeric(first) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }

    /// 64 hexadecimal digits, small.
    private static func isIdentifier(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count == 64 && bytes.allSatisfy(\.isSmallHexadecimal)
    }

    private static func facts(_ identifier: ArraySlice<UInt8>, _ runtime: String?) -> ContainerFacts {
        ContainerFacts(id: String(decoding: identifier, as: UTF8.self), runtime: runtime)
    }

    /// Nothing but an id: of whom, only the parent may tell.
    ///
    /// containerd's are below the namespace; `default` and `k8s.io` are its own names, any other could be somebody's
    /// `--cgroup-parent` as well.
    private static func bare(_ identifier: ArraySlice<UInt8>, below parent: ArraySlice<UInt8>?) -> ContainerFacts? {
        switch parent.map({ String(decoding: $0, as: UTF8.self) }) {
        case "libpod_parent": nil
        case "docker": facts(identifier, "docker")
        case "default", "k8s.io": facts(identifier, "containerd")
        default: facts(identifier, nil)
        }
    }

    private static let prefixes: [(name: String, runtime: String, isAlwaysScope: Bool, isNeverScope: Bool)] = [
        ("docker", "docker", true, false), ("cri-containerd", "containerd", true, false),
        ("nerdctl", "containerd", true, false), ("crio", "cri-o", false, false), ("libpod", "podman", false, false),
        ("libpod-payload", "podman", false, true),
    ]

    /// A runtime's prefix and an id: `docker-<id>.scope`, `crio-<id>`.
    private static func prefixed(_ component: ArraySlice<UInt8>) -> ContainerFacts? {
        let scope = component.without(suffix: ".scope")
        let base = scope ?? component
        guard base.count > 65, isIdentifier(base.suffix(64)) else { return nil }
        let kind = prefixes.first { kind in
            base.dropLast(64).elementsEqual("\(kind.name)-".utf8) && !(scope == nil && kind.isAlwaysScope)
                && !(scope != nil && kind.isNeverScope)
        }
        return kind.map { facts(base.suffix(64), $0.runtime) }
    }

    /// A slice, a prefix and an id: `kubepods-….slice:cri-containerd:<id>`.
    private static func colons(_ component: ArraySlice<UInt8>) -> ContainerFacts? {
        let parts = component.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 3, isIdentifier(parts[2]), parts[0].without(suffix: ".slice") != nil else { return nil }
        return prefixes.first { parts[1].elementsEqual($0.name.utf8) }.map { facts(parts[2], $0.runtime) }
    }

    /// A name after LXC's prefix or below its folder: `lxc.payload.<name>`, `lxc/<name>`.
    ///
    /// LXC adds `-1` … to a name whose cgroup is left over from before; that can't be told from the name.
    private static func lxc(
        _ component: ArraySlice<UInt8>, below parent: ArraySlice<UInt8>?, isParentAtTop: Bool
    ) -> ContainerFacts? {
        let isBelow = isParentAtTop && ["lxc", "lxc.payload"].contains { parent?.elementsEqual($0.utf8) ?? false }
        guard let bytes = component.without(prefix: "lxc.payload.") ?? (isBelow ? component : nil) else { return nil }
        return validName(bytes).map { ContainerFacts(id: $0, runtime: "lxc") }
    }

    /// A machine's name in a unit's: `machine-<name>.scope`, `systemd-nspawn@<name>.service`.
    private static func machine(_ component: ArraySlice<UInt8>) -> ContainerFacts? {
        if let instance = component.without(prefix: "systemd-nspawn@")?.without(suffix: ".service") {
            return validName(instance).map { ContainerFacts(id: $0, runtime: "systemd-nspawn") }
        }
        guard let escaped = component.without(prefix: "machine-")?.without(suffix: ".scope"),
            let name = validName(UnitName.unescaped(escaped))
        else { return nil }
        // libvirt registers its own as driver-number-name; only those of its LXC driver are containers.
        let parts = name.utf8.split(separator: UInt8(ascii: "-"), maxSplits: 2)
        guard parts.count == 3, UInt32(Substring(parts[1])) != nil else {
            return ContainerFacts(id: name, runtime: "systemd-nspawn")
        }
        switch String(Substring(parts[0])) {
        case "qemu", "xen", "ch": return nil
        case "lxc": return ContainerFacts(id: name, runtime: nil)
        default: return ContainerFacts(id: name, runtime: "systemd-nspawn")
        }
    }
}

extension UInt8 {
    /// 0–9, a–f.
    var isSmallHexadecimal: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }
}

extension ArraySlice<UInt8> {
    /// What follows a beginning; nil when it does not begin so.
    package func without(prefix: String) -> ArraySlice<UInt8>? {
        starts(with: prefix.utf8) ? dropFirst(prefix.utf8.count) : nil
    }

    /// What is before an ending; nil when it does not end so.
    package func without(suffix: String) -> ArraySlice<UInt8>? {
        let length = suffix.utf8.count
        return self.suffix(length).elementsEqual(suffix.utf8) ? dropLast(length) : nil
    }
}
