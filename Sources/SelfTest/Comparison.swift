public import Capture
public import Model

/// Holds what was seen against the truth.
public struct Comparison {
    /// The hook set that saw it.
    public var hookSet: HookSet
    /// Programs of it that this kernel has no place for.
    public var missingPrograms: Set<String>

    /// Makes a comparison.
    public init(hookSet: HookSet, missingPrograms: Set<String> = []) {
        self.hookSet = hookSet
        self.missingPrograms = missingPrograms
    }

    /// - Parameters:
    ///   - truths: what was attempted, one for each kind.
    ///   - attempts: what was recorded of it, as the log would have it: one for each `connection_attempted`.
    public func report(_ truths: [Truth], seen attempts: [Attempt]) -> SelfTestReport {
        var report = SelfTestReport()
        for truth in truths {
            switch truth.status {
            case .notAvailable: report.notAvailable.append(truth.kind)
            case .unfinished: report.failed.append(.init(kind: truth.kind, problem: "its process did not end"))
            case .made where !isCovered(truth): report.notCovered.append(truth.kind)
            case .made:
                if let problem = problem(truth, truths, attempts) {
                    report.failed.append(.init(kind: truth.kind, problem: problem))
                } else {
                    report.passed += 1
                }
            }
        }
        return report
    }

    private func isCovered(_ truth: Truth) -> Bool {
        switch truth.needs {
        case .nothing: true
        case .program(let name):
            hookSet != .tracepoint && missingPrograms.isDisjoint(with: [name, name + "_entry"])
        case .tracepointProgram(let name): hookSet != .tracepoint || !missingPrograms.contains(name)
        }
    }

    /// What is not as it should be, in words; nil: nothing.
    private func problem(_ truth: Truth, _ truths: [Truth], _ attempts: [Attempt]) -> String? {
        let own = attempts.filter { $0.process.pid == truth.pid }
        guard let seen = own.first else {
            let processes = Set(truths.map(\.pid))
            let strangers = attempts.filter { !processes.contains($0.process.pid) && isSamePlace($0, truth) }
            return strangers.first.map { "laid to process \($0.process.pid), not \(truth.pid)" } ?? "not seen"
        }
        if own.count > 1 { return "seen \(own.count) times" }
        guard isSamePlace(seen, truth) else { return "seen with another destination" }
        if seen.outcome != truth.outcome { return "\(Self.words(seen.outcome)), not \(Self.words(truth.outcome))" }
        return seen.via == truth.via ? nil : "via \(seen.via), not \(truth.via)"
    }

    private func isSamePlace(_ attempt: Attempt, _ truth: Truth) -> Bool {
        let (seen, wanted) = (attempt.destination, truth.destination)
        guard seen.kind == wanted.kind else { return false }
        guard let transport = truth.transport else {
            return seen.hardwareAddress == wanted.hardwareAddress && seen.etherType == wanted.etherType
        }
        return attempt.transport == transport && seen.address == wanted.address && seen.port == wanted.port
    }

    private static func words(_ outcome: Outcome) -> String {
        switch outcome {
        case .pending: "without an outcome"
        case .established: "established"
        case .sent: "sent"
        case .aborted: "aborted"
        case .failed(let errno): "failed with errno \(errno)"
        }
    }
}
