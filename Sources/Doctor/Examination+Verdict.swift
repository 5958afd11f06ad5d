internal import Capture
internal import Model

/// What an examination comes to.
public enum Verdict: String, Sendable {
    /// The best hook set runs and sees everything that tattle can see.
    case fit
    /// A trace runs, and what it does not see is said.
    case limited
    /// No trace runs.
    case unfit
}

extension Examination {
    /// Something a person should know, with what can be done.
    struct Finding: Sendable {
        /// What comes of it.
        enum Weight: String, Sendable {
            /// No trace runs.
            case prevents
            /// A trace sees less.
            case limits
            /// Nothing by itself.
            case notes
        }

        var weight: Weight
        var text: String
        /// nil: nothing can be done.
        var remedy: String?
    }

    /// The names of the capabilities without which nothing runs, and which are not held.
    private var missingCapabilities: [String] {
        capabilities.filter { $0.isRequired && !$0.isHeld }.map(\.name)
    }

    /// Everything of note, the gravest first.
    var findings: [Finding] {
        var findings = preventing + limiting
        if let others, others.contains(where: { !$0.shared.isEmpty }) {
            let count = others.count { !$0.shared.isEmpty }
            findings.append(
                Finding(
                    weight: .notes,
                    text:
                        "\(count) BPF program\(count == 1 ? " of others is" : "s of others are") on hooks that tattle uses",
                    remedy: nil))
        }
        return findings
    }

    private var preventing: [Finding] {
        var findings: [Finding] = []
        let missing = missingCapabilities
        if !missing.isEmpty {
            findings.append(
                Finding(
                    weight: .prevents, text: "capabilities are missing: \(missing.joined(separator: ", "))",
                    remedy: "run it as root; what needs them could not be tried"))
        }
        if let problem = system.processIDs.problem {
            let parts = problem.split(separator: ": ", maxSplits: 1).map(String.init)
            findings.append(Finding(weight: .prevents, text: parts[0], remedy: parts.count > 1 ? parts[1] : nil))
        }
        if features.contains(where: { $0.key == "btf" && $0.state == .unavailable }) {
            findings.append(
                Finding(
                    weight: .prevents, text: "the kernel has no BTF",
                    remedy: "boot one of Linux 5.10 or later that was built with CONFIG_DEBUG_INFO_BTF"))
        } else if missing.isEmpty, chosen == nil {
            let locked = system.lockdown == "confidentiality"
            findings.append(
                Finding(
                    weight: .prevents, text: "the kernel allows none of the hook sets",
                    remedy: locked ? "boot with lockdown=integrity or none" : "see what each was refused with"))
        }
        return findings
    }

    private var limiting: [Finding] {
        guard let chosen else { return [] }
        var findings: [Finding] = []
        if chosen.hookSet != .trampoline {
            findings.append(
                Finding(
                    weight: .limits, text: "hook set \(chosen.hookSet.rawValue) runs, and not the best",
                    remedy: nil))
        }
        let spots = blindSpots
        if !spots.isEmpty {
            findings.append(
                Finding(
                    weight: .limits,
                    text: "\(spots.count) kind\(spots.count == 1 ? "" : "s") of things would not be seen: listed below",
                    remedy: nil))
        }
        if let complaint = selfTest?.complaint {
            findings.append(Finding(weight: .limits, text: complaint, remedy: "report it, with this examination"))
        }
        for signature in signatures where signature.isTrouble && isUsed(signature) {
            let what = signature.found == nil ? "is not there" : signature.differences.joined(separator: "; ")
            findings.append(
                Finding(
                    weight: .limits, text: "\(signature.name)() is not what tattle was built for: \(what)",
                    remedy: "report it, with this examination"))
        }
        return findings
    }

    /// Whether the set that would run hooks a function or tracepoint; what it does without is among its blind spots.
    private func isUsed(_ signature: Signature) -> Bool {
        guard let chosen else { return false }
        return hooks.contains { hook in
            hook.target == signature.name && hook.hookSets.contains(chosen.hookSet)
                && (hook.isRequired || signature.state != .absent)
        }
    }

    /// Whether a trace runs, and sees everything.
    public var verdict: Verdict {
        let weights = Set(findings.map(\.weight))
        return weights.contains(.prevents) ? .unfit : weights.contains(.limits) ? .limited : .fit
    }

    /// Whether capabilities are what it lacks: then what the kernel offers is not known.
    public var lacksCapabilities: Bool { !missingCapabilities.isEmpty }
}
