internal import Capture
internal import Model

extension Examination {
    /// Where this process is and what limits it, for a person.
    func addSystem(to report: inout TextReport) {
        report.heading("Machine")
        report.rows([
            processIDs,
            cgroup,
            [
                .init("lockdown"),
                .init(system.lockdown ?? "not said", system.lockdown == "confidentiality" ? .bad : nil),
            ],
            [.init("security modules"), .init(system.securityModules ?? "not said")],
            [.init("unprivileged BPF"), .init(unprivileged)],
            [.init("locked memory"), .init(lockedMemory)],
            [.init("cgroup memory"), .init(system.cgroupMemoryLimitBytes.map(Self.mebibytes) ?? "no limit known")],
            [
                .init("tracefs"),
                .init(system.tracefs ?? "not mounted or not readable: no stand-ins by perf tracepoints"),
            ],
        ])
    }

    /// Which attempts that were made on purpose were seen.
    func addSelfTest(to report: inout TextReport) {
        guard let selfTest else { return }
        report.heading("Self-test")
        if let problem = selfTest.problem { return report.line("not made: \(problem)") }
        report.rows(
            [[.init("seen"), .init(String(selfTest.passed), .good), .init("each once, as what it was")]]
                + selfTest.failed.map { [.init($0.kind), .init("failed", .bad), .init($0.problem)] })
        if !selfTest.notCovered.isEmpty {
            report.line("not covered by this hook set: \(selfTest.notCovered.joined(separator: ", "))")
        }
        if !selfTest.notAvailable.isEmpty {
            report.line("not available here: \(selfTest.notAvailable.joined(separator: ", "))")
        }
    }

    private var processIDs: [TextReport.Cell] {
        let cell: TextReport.Cell =
            switch system.processIDs {
            case .kernel: .init("the machine's own", .good)
            case .nested: .init("nested: process ids here are not the kernel's", .bad)
            case .foreign: .init("/proc is another one's: process ids there are not the kernel's", .bad)
            case .unknown: .init("unknown: there is no /proc", .doubtful)
            }
        return [.init("pid namespace"), cell]
    }

    private var cgroup: [TextReport.Cell] {
        let cell: TextReport.Cell
        if let mount = system.cgroupMount {
            cell = system.isCgroupRoot ? .init(mount) : .init("\(mount), a part of the hierarchy only", .doubtful)
        } else {
            cell = .init("not mounted", .doubtful)
        }
        return [.init("cgroup v2"), cell]
    }

    /// Documentation/admin-guide/sysctl/kernel.rst.
    private var unprivileged: String {
        switch system.unprivilegedBPFDisabled {
        case 0: "allowed (kernel.unprivileged_bpf_disabled = 0): every user may load some programs; 2 forbids it"
        case 1: "forbidden until the next boot (kernel.unprivileged_bpf_disabled = 1)"
        case 2: "forbidden (kernel.unprivileged_bpf_disabled = 2)"
        case let other?: "kernel.unprivileged_bpf_disabled = \(other)"
        case nil: "not said"
        }
    }

    private var lockedMemory: String {
        let limit = system.lockedMemoryLimitBytes.map(Self.mebibytes) ?? "unlimited"
        return system.isLockedMemoryCharged
            ? "\(limit); this kernel counts BPF maps: tattle raises it, with CAP_SYS_RESOURCE"
            : "\(limit); does not matter: since Linux 5.11 BPF maps count as the cgroup's memory"
    }

    /// Mebibytes with one digit.
    private static func mebibytes(_ bytes: UInt64) -> String {
        "\(bytes >> 20).\((bytes & 0xfffff) * 10 >> 20) MiB"
    }
}
