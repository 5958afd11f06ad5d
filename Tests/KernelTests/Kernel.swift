internal import Foundation
internal import Testing

/// What these tests run with: the programs, the hook sets that work here, sizes.
///
/// Everything comes from environment variables, so that the suite runs as one program inside a VM:
/// - `TATTLE`, `ATTEMPTS`: the programs; by default where `make` leaves them.
/// - `TATTLE_HOOK_SETS`: a comma list that must work; by default whichever does.
/// - `TATTLE_RECORDS_DIR`: where to leave the normalised records of each kind, to compare kernels.
/// - `STORM`, `COPIES`, `FLOOD`: how many processes, how many of distinct programs, how many attempts.
/// - `KILLS`: how often tattle is killed at a random moment.
/// - `LEFTOVERS`: after how many attempts the kernel's maps are looked at.
/// - `MIXED_SECONDS`: how long the mixed load lasts.
/// - `PID_MAX`: a small `kernel.pid_max` to set for a while, where nobody else runs.
enum Kernel {
    private static let environment = ProcessInfo.processInfo.environment

    /// The package's root, when this was built there.
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// tattle's path.
    static let tattle = real(environment["TATTLE"] ?? root + "/.build/debug/tattle")
    /// The workload's path.
    static let attempts = real(environment["ATTEMPTS"] ?? root + "/.build/attempts")
    /// Whether the kernel preempts BPF programs (7.x, PREEMPT_LAZY) and skips one that is running already: stand-ins
    /// take over, and what falls between all of them is told as `recursion`.
    ///
    /// Kprobes run with preemption off, but are skipped while any of them runs on that CPU, a map's look-up by system
    /// call included.
    static let skipsPrograms: Bool = {
        let release = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        return (Int(release.prefix { $0.isNumber }) ?? 0) >= 7
    }()

    /// Checks what was recorded; where something may have been missed, that it was is known.
    static func checking(_ check: () throws -> Void) throws {
        guard skipsPrograms else { return try check() }
        withKnownIssue("this kernel preempts BPF programs", isIntermittent: true) { try check() }
    }

    /// Processes of the storm.
    static let storm = environment["STORM"].flatMap { Int($0) } ?? 2_000
    /// Processes of the storm of distinct programs.
    static let copies = environment["COPIES"].flatMap { Int($0) } ?? 20_000
    /// What `kernel.pid_max` may be set to, so that pids come back soon; nil: it may not, as on a machine in use.
    static let pidMax = environment["PID_MAX"].flatMap { Int($0) }
    /// Whether it is a machine in use, none that was started for the tests.
    static var isInUse: Bool { pidMax == nil }
    /// Attempts of the flood: more than the 65,536 places of the kernel's maps.
    static let flood = environment["FLOOD"].flatMap { Int($0) } ?? 70_000
    /// How often tattle is killed at a random moment.
    static let kills = environment["KILLS"].flatMap { Int($0) } ?? 50
    /// Attempts after which nothing may be left of them in the kernel: `LEFTOVERS=1000000` by hand.
    static let leftovers = environment["LEFTOVERS"].flatMap { Int($0) } ?? 5_000
    /// How long the mixed load lasts, in seconds; nil: it is left out, for some kinds take two minutes more.
    static let mixedSeconds = environment["MIXED_SECONDS"].flatMap { Int($0) }
    /// Where to leave normalised records; nil: nowhere.
    static let recordsFolder = environment["TATTLE_RECORDS_DIR"]

    /// The name that the kernel gives a process that runs the workload.
    static var attemptsName: String { String(attempts.split(separator: "/").last?.prefix(15) ?? "") }

    private static func real(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }

    /// The hook sets to run every test with.
    static let hookSets: [String] = {
        if let list = environment["TATTLE_HOOK_SETS"] { return list.split(separator: ",").map(String.init) }
        guard missing == nil else { return [] }
        return ["trampoline", "kprobe", "tracepoint"].filter { works($0) }
    }()

    /// For what the hook set has no part in.
    static var anyHookSet: [String] { Array(hookSets.prefix(1)) }

    private static func works(_ hookSet: String) -> Bool {
        let arguments = ["trace", "--hooks", hookSet, "--duration", "0.1s", "--output", "/dev/null"]
        guard let child = try? Child(tattle, arguments) else { return false }
        return (try? child.wait()) == 0
    }

    /// The kinds of attempt that the workload makes.
    static let kinds = listed(by: "list")
    /// The ways in which the workload's processes come about.
    static let lineages = listed(by: "lineages")

    private static func listed(by command: String) -> [String] {
        guard missing == nil, let child = try? Child(attempts, [command]), (try? child.wait()) == 0 else { return [] }
        return child.output.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    /// What keeps the tests from being run at all; nil: nothing.
    static let missing: String? = {
        guard getuid() == 0 else { return "these tests need root: they load BPF programs and make network namespaces" }
        for path in [tattle, attempts] where !FileManager.default.isExecutableFile(atPath: path) {
            return "there is no program at \(path); `make` builds it"
        }
        return nil
    }()
}

/// Skips a suite, with the reason, where BPF cannot be used.
struct NeedsKernel: SuiteTrait {
    func prepare(for test: Test) async throws {
        if let missing = Kernel.missing { try Test.cancel("\(missing)") }
        if Kernel.hookSets.isEmpty { try Test.cancel("no hook set of tattle works on this kernel") }
    }
}

extension Trait where Self == NeedsKernel {
    /// Skips, with the reason, where BPF cannot be used.
    static var needsKernel: Self { NeedsKernel() }
}

/// All of the tests that trace a kernel, one after the other: each has the machine to itself.
@Suite("Kernel", .serialized, .needsKernel)
enum KernelSuite {}
