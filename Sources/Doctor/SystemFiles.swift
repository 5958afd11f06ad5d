internal import Capture
internal import Glibc

/// What /proc and /sys say of this machine.
struct SystemFiles: Sendable {
    /// Before each path; empty but in tests.
    var root = ""

    /// A small file without blanks at its ends; nil when it cannot be read.
    func text(_ path: String) -> String? {
        let descriptor = unsafe open(root + path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while content.count < 1 << 20 {
            // Writes at most chunk.count bytes.
            let got = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress!, $0.count) }
            if got < 0 { return nil }
            if got == 0 { break }
            content += chunk.prefix(got)
        }
        return String(decoding: content, as: UTF8.self).trimmed
    }

    /// Whether there is something at a path that this process may read.
    func isReadable(_ path: String) -> Bool {
        // Reads a path that ends in NUL.
        unsafe access(root + path, R_OK) == 0
    }

    /// Reads everything.
    ///
    /// - Parameters:
    ///   - version: the kernel's.
    ///   - cgroupMount: where cgroup v2 is mounted; nil: it is not.
    func system(version: KernelVersion?, cgroupMount: String?) -> Examination.System {
        var system = Examination.System(processIDs: ProcessIDs.examine(proc: root + "/proc"))
        system.cgroupMount = cgroupMount
        system.isCgroupRoot = cgroupMount.map { CgroupRoot.isWhole(root + $0) } ?? true
        system.lockdown = text("/sys/kernel/security/lockdown").flatMap(Self.bracketed)
        system.securityModules = text("/sys/kernel/security/lsm")
        system.unprivilegedBPFDisabled = text("/proc/sys/kernel/unprivileged_bpf_disabled").flatMap { Int($0) }
        system.lockedMemoryLimitBytes = text("/proc/self/limits").flatMap(Self.lockedMemoryLimit)
        system.isLockedMemoryCharged = version.map { $0 < KernelVersion("5.11")! } ?? false
        system.cgroupMemoryLimitBytes = cgroupMount.flatMap(memoryLimit)
        system.tracefs = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"].first {
            isReadable("\($0)/events/sched/sched_process_exec/id")
        }
        return system
    }

    /// The word in brackets: "none [integrity] confidentiality".
    private static func bracketed(_ text: String) -> String? {
        guard let open = text.firstIndex(of: "["), let close = text[open...].firstIndex(of: "]") else { return nil }
        return String(text[text.index(after: open)..<close])
    }

    /// The soft limit in the line "Max locked memory" of proc_pid_limits(5); nil: unlimited.
    private static func lockedMemoryLimit(_ text: String) -> UInt64? {
        let name = "Max locked memory"
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.dropFirst(name.count).split(separator: " ").first.flatMap { UInt64($0) }
    }

    /// The least `memory.max` on the way from this process's cgroup to the root; nil: none is set.
    private func memoryLimit(_ mountPoint: String) -> UInt64? {
        guard let line = text("/proc/self/cgroup")?.split(separator: "\n").first(where: { $0.hasPrefix("0::") }) else {
            return nil
        }
        var parts = line.dropFirst(3).split(separator: "/").map(String.init)
        var limits: [UInt64] = []
        while true {
            let path = ([mountPoint] + parts + ["memory.max"]).joined(separator: "/")
            if let limit = text(path).flatMap({ UInt64($0) }) { limits.append(limit) }
            if parts.isEmpty { return limits.min() }
            parts.removeLast()
        }
    }

    /// PRETTY_NAME of os-release(5).
    func operatingSystem() -> String? {
        let release = text("/etc/os-release") ?? text("/usr/lib/os-release")
        let line = release?.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        return line.map { String($0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" }) }
    }
}
