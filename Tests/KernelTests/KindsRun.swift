internal import Foundation
internal import Synchronization
internal import Testing

/// All kinds of attempt, made and traced in one run for each hook set: most of them wait for
/// something, and starting tattle is the expensive part in an emulated machine.
struct KindsRun: Sendable {
    /// Shorter than the second after which a late answer comes, long enough for one at once on a slow machine.
    static let settle = "900ms"

    /// Everything recorded.
    let records: [Record]
    /// Which of them a process made: each of hundreds of kinds asks for its own, on emulated machines.
    private let byProcess: [Int32: [Int]]
    /// What was recorded of the whole machine while it made the kinds that a command's run does not show.
    let machine: [Record]
    let truths: [String: Truth]
    let errors: String

    private static let runs = Mutex<[String: Result<KindsRun, Child.Failure>]>([:])

    /// The run with a hook set, made when first asked for.
    static func with(_ hookSet: String) throws -> KindsRun {
        try runs.withLock { runs in
            if let run = runs[hookSet] { return try run.get() }
            let run = Result { try KindsRun(hookSet, Kernel.kinds) }.mapError {
                $0 as? Child.Failure ?? Child.Failure(description: "\($0)")
            }
            runs[hookSet] = run
            return try run.get()
        }
    }

    /// Makes some kinds and traces them.
    ///
    /// What is a module is loaded before: AbsentModuleTests has what is not.
    init(_ hookSet: String, _ kinds: [String]) throws {
        _ = try Child(Kernel.attempts, ["load", "sctp", "vsock_loopback"]).wait()
        let log = try Trace.attempts(
            hookSet, ["--settle", Self.settle], ["run"] + kinds.filter { !Self.isKernels($0) })
        let kernels = kinds.filter(Self.isKernels)
        let machine = kernels.isEmpty ? nil : try Self.traceMachine(hookSet, kernels)
        let truths = try (log.truths() + (machine?.truths ?? [])).map { ($0.kind, $0) }
        self.init(
            try log.records(), Dictionary(truths) { first, _ in first }, log.errors, machine: machine?.records ?? [])
    }

    /// Whether threads of the kernel's make a kind: they are no command's descendants.
    private static func isKernels(_ kind: String) -> Bool { kind.hasPrefix("kernel-") }

    /// Traces the whole machine while it makes some kinds.
    private static func traceMachine(
        _ hookSet: String, _ kinds: [String]
    ) throws -> (records: [Record], truths: [Truth]) {
        let trace = try Trace(hookSet, ["--settle", settle, "--no-inventory"])
        try trace.waitUntilLive()
        let child = try Child(Kernel.attempts, ["run"] + kinds)
        _ = try child.wait()
        return (try trace.stop().records(), try child.output.decodedLines(as: Truth.self))
    }

    /// What somebody recorded of a run.
    init(_ records: [Record], _ truths: [String: Truth], _ errors: String, machine: [Record] = []) {
        self.machine = machine
        self.records = records
        byProcess = records.indices.reduce(into: [:]) { found, index in
            if let pid = records[index].process?.pid { found[pid, default: []].append(index) }
        }
        self.truths = truths
        self.errors = errors
    }

    /// What was recorded of a kind: its processes' records, and those that the kernel made on its behalf.
    func records(of truth: Truth) -> [Record] {
        let kernels = truth.attempts.filter { $0.is_kernels == true }
        guard !kernels.isEmpty else {
            return truth.pids.flatMap { byProcess[$0] ?? [] }.sorted().map { records[$0] }
        }
        let ids = Set(machine.attempts.filter { record in kernels.contains { $0.matches(record) } }.map(\.attemptID))
        let own = Set(machine.by(truth.ownPIDs).map(\.event.id))
        return machine.filter { own.contains($0.event.id) || $0.attemptID.map(ids.contains) ?? false }
    }

    /// Whether an end of this kind is missing that tattle has counted as skipped, where that may happen.
    ///
    /// A machine in use may run a kernel that runs no BPF program in its supervisor's threads, nor in what interrupts
    /// them: docs/DESIGN.md. The machines that the tests start do not.
    func isMissingSkippedEnd(_ truth: Truth) -> Bool {
        let skipped = (records + machine).of("events_lost").filter { $0.tattle?.lost?.cause == "skipped" }
        guard Kernel.isInUse, !skipped.isEmpty else { return false }
        let problems = Verdict(records(of: truth), truth).problems
        // Nothing else is excused by it: the outcome is missing, and with it who stood in the way.
        return problems.contains { $0.facet == .outcome }
            && problems.allSatisfy { $0.facet == .outcome || $0.facet == .blocker }
            && truth.attempts.contains(where: \.is_late)
    }

    /// A cell of the conformance table.
    enum Cell {
        case right
        /// The kernel or the machine cannot do it.
        case missing(String)
        /// Not all right, and named.
        case limited([String])
        case wrong([(facet: Facet, text: String)])

        /// `right`, or the word and why.
        var text: String {
            switch self {
            case .right: "right"
            case .missing(let problem): "missing\t\(problem)"
            case .limited(let reasons): "limited\t\(reasons.joined(separator: "; "))"
            case .wrong(let problems):
                "wrong\t\(problems.map { "\($0.facet.rawValue): \($0.text)" }.joined(separator: "; "))"
            }
        }
    }

    /// Leaves a cell for `make conformance`.
    func keep(_ cell: Cell, _ hookSet: String, _ kind: String) {
        guard let folder = Kernel.recordsFolder else { return }
        let line = "\(kind)\t\(cell.text.replacing("\n", with: " "))\n"
        try? FileManager.default.createDirectory(atPath: folder + "/" + hookSet, withIntermediateDirectories: true)
        let path = folder + "/\(hookSet)/.conformance"
        if let file = FileHandle(forWritingAtPath: path) {
            _ = try? file.seekToEnd()
            try? file.write(contentsOf: Data(line.utf8))
            try? file.close()
        } else {
            try? Data(line.utf8).write(to: URL(fileURLWithPath: path))
        }
    }
}
