internal import Capture

extension Examination {
    /// The whole of it for a person.
    ///
    /// - Parameter usesColor: whether it goes to a terminal that may show colours.
    public func text(usesColor: Bool) -> String {
        var report = TextReport(usesColor: usesColor)
        report.heading(
            "tattle \(version), Linux \(kernelRelease) \(architecture)\(operatingSystem.map { ", \($0)" } ?? "")")
        addVerdict(to: &report)
        addBlindSpots(to: &report)
        addHookSets(to: &report)
        addFeatures(to: &report)
        addHooks(to: &report)
        addPrototypes(to: &report)
        addCapabilities(to: &report)
        addSystem(to: &report)
        addOthers(to: &report)
        addSelfTest(to: &report)
        return report.text
    }

    private func addVerdict(to report: inout TextReport) {
        let mark: TextReport.Mark =
            switch verdict {
            case .fit: .good
            case .limited: .doubtful
            case .unfit: .bad
            }
        let would = chosen.map { verdict == .unfit ? "" : "a trace would use hook set \($0.hookSet.rawValue)" } ?? ""
        report.rows([[.init(verdict.rawValue, mark), .init(would.isEmpty ? "no trace would run" : would)]])
        for finding in findings {
            report.line("- \(finding.text)\(finding.remedy.map { ": \($0)" } ?? "")", indent: 4)
        }
    }

    private func addBlindSpots(to report: inout TextReport) {
        guard chosen != nil else { return }
        report.heading("What would not be seen")
        if blindSpots.isEmpty { report.line("nothing that this kernel hides") }
        for spot in blindSpots { report.line("- \(spot)") }
    }

    private func addHookSets(to report: inout TextReport) {
        report.heading("Hook sets, the best first")
        report.rows(
            hookSets.map { trial in
                let text: (String, TextReport.Mark?) =
                    switch trial.state {
                    case .available: ("works", .good)
                    case .unavailable: ("refused", .bad)
                    case .unknown: ("unknown", .doubtful)
                    }
                return [.init(trial.hookSet.rawValue), .init(text.0, text.1), .init(trial.reason ?? "")]
            })
    }

    private static func cell(_ state: Availability, _ good: String = "yes", _ bad: String = "no") -> TextReport.Cell {
        switch state {
        case .available: .init(good, .good)
        case .unavailable: .init(bad, .bad)
        case .unknown: .init("unknown", .doubtful)
        }
    }

    private func addFeatures(to report: inout TextReport) {
        report.heading("Kernel, found out by trying")
        report.rows(
            features.map { feature in
                [.init(feature.title), Self.cell(feature.state), .init(feature.purpose), .init(feature.detail ?? "")]
            })
    }

    /// By function, tracepoint or cgroup hook: several programs may be at one.
    private func addHooks(to report: inout TextReport) {
        report.heading("Hooks (T trampoline, K kprobe, P tracepoint; required: a set does not work without it)")
        let letters: [HookSet: String] = [.trampoline: "T", .kprobe: "K", .tracepoint: "P"]
        let groups = Dictionary(grouping: hooks, by: \.target).sorted { $0.key < $1.key }
        report.rows(
            groups.map { target, hooks in
                let sets = HookSet.allCases.map { hookSet in
                    hooks.contains { $0.hookSets.contains(hookSet) } ? letters[hookSet] ?? "" : "-"
                }
                // Where one is required, a place that only stand-ins have does not count.
                let required = hooks.filter(\.isRequired)
                let states = (required.isEmpty ? hooks : required).map(\.state)
                let state = states.first { $0 == .unavailable } ?? states.first { $0 == .unknown } ?? .available
                return [
                    .init(target), Self.cell(state, "there", "missing"), .init(sets.joined()),
                    .init(hooks.contains(where: \.isRequired) ? "required" : "optional"),
                    .init(hooks.compactMap(\.purpose).first ?? ""),
                ]
            })
    }

    private func addPrototypes(to report: inout TextReport) {
        guard !signatures.isEmpty else { return }
        report.heading("Prototypes that the hooks rely on")
        let same = signatures.count { $0.state == .same }
        report.line("\(same) of \(signatures.count) as expected")
        report.rows(
            signatures.filter { $0.state != .same }.map { signature in
                let mark: TextReport.Mark? = signature.isTrouble ? .bad : .doubtful
                let words = signature.state.rawValue.split(separator: "_").joined(separator: " ")
                return [
                    .init(signature.name), .init(words, signature.state == .absentAsExpected ? nil : mark),
                    .init(signature.differences.joined(separator: "; ")),
                ]
            })
    }

    private func addCapabilities(to report: inout TextReport) {
        report.heading("Capabilities")
        report.rows(
            capabilities.map { capability in
                [
                    .init(capability.name),
                    capability.isHeld
                        ? .init("held", .good) : .init("missing", capability.isRequired ? .bad : .doubtful),
                    .init(capability.isRequired ? "required" : "optional"), .init(capability.purpose),
                ]
            })
    }

    private func addOthers(to report: inout TextReport) {
        report.heading("BPF programs of others on the same hooks")
        guard let others else { return report.line("not to be asked: that takes CAP_SYS_ADMIN") }
        if others.isEmpty { report.line("none") }
        report.rows(
            others.map { program in
                let place =
                    program.shared.isEmpty
                    ? "perhaps: the kernel does not say where" : program.shared.joined(separator: ", ")
                return [
                    .init(String(program.id)), .init(program.name.isEmpty ? "(no name)" : program.name),
                    .init(program.type), .init(place),
                ]
            })
    }
}
