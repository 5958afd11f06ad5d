internal import CSelfTest
public import Capture
internal import Glibc
internal import Lifecycle
public import Model

/// Makes one attempt of every kind in a network namespace of its own, and looks whether each is seen as what it was.
///
/// The hooks are loaded for it alone and taken away before a trace loads its own. That costs a second load, and is
/// what keeps it off the record: a trace's filters do not hide the self-test from itself, and neither the log, nor
/// its totals, nor what is compared with the kernel's counters can have anything of it.
public enum SelfTest {
    /// How long what was attempted may take to be seen; on a machine at rest it takes none.
    private static let patienceNanoseconds: UInt64 = 5_000_000_000

    /// Makes it: takes as long as loading a hook set, and a few milliseconds.
    ///
    /// To be called before the process makes threads: it forks.
    ///
    /// - Parameter hookSet: the hook set to test; nil: the best that works.
    /// - Throws: ``CaptureError`` when there is none.
    public static func run(hookSet: HookSet?) throws(CaptureError) -> SelfTestReport {
        let capture = try Capture(CaptureOptions(hookSet: hookSet))
        guard let test = unsafe tattle_self_test_start() else {
            return SelfTestReport(problem: "no process for it: \(text(errno))")
        }
        // It is valid until then.
        defer { unsafe tattle_self_test_end(test) }
        // An attempt whose outcome has not come is not told before the end.
        var tracker = AttemptTracker(settleNanoseconds: 1 << 60)
        var isOver = false
        var error: Int32 = 0
        var deadline: UInt64?
        let comparison = Comparison(hookSet: capture.hookSet, missingPrograms: capture.missingPrograms)
        var seen: [Attempt] = []
        while true {
            // Asked before the ring is read: then what it did is in there.
            unsafe isOver = isOver || tattle_self_test_is_over(test, &error)
            let count = capture.drain { observation in
                guard case .attempt(let attempt) = observation,
                    unsafe tattle_self_test_owns(test, attempt.process.pid, attempt.networkNamespace)
                else { return }
                tracker.handle(attempt, attribution: { nobody(attempt) }) {
                    collect(TraceEvent($0, by: $1, as: $2), into: &seen)
                }
            }
            if isOver {
                if error != 0 { return SelfTestReport(problem: "no network namespace: \(text(error))") }
                var (whole, rest) = (seen, tracker)
                rest.finish { collect(TraceEvent($0, by: $1, as: $2), into: &whole) }
                let report = comparison.report(unsafe truths(test), seen: whole)
                let now = monotonicNanoseconds()
                deadline = deadline ?? now &+ patienceNanoseconds
                // Whatever else this machine does, the ring need never be empty.
                if report.isPassed && count == 0 || now >= deadline ?? 0 { return report }
            }
            var descriptor = pollfd(fd: capture.pollDescriptor, events: Int16(POLLIN), revents: 0)
            // One descriptor, which lives through the call.
            _ = unsafe poll(&descriptor, 1, 10)
        }
    }

    private static func collect(_ event: TraceEvent, into attempts: inout [Attempt]) {
        if case .attempted(let event) = event { attempts.append(event.attempt) }
    }

    private static func truths(_ test: OpaquePointer) -> [Truth] {
        (0..<tattle_self_test_count()).map { index in
            // The names are static, `test` is valid.
            unsafe Truth(kind: String(cString: tattle_self_test_name(index)), tattle_self_test_truth(test, index))
        }
    }

    /// Who made it is compared by the pid in the attempt.
    private static func nobody(_ attempt: Attempt) -> Attribution {
        Attribution(
            process: ProcessFacts(
                identity: attempt.process, program: Program(name: attempt.threadName, path: []), source: .partial))
    }

    private static func monotonicNanoseconds() -> UInt64 {
        var now = timespec()
        // Fills `now`.
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
    }

    private static func text(_ error: Int32) -> String {
        // strerror's text is valid until the next call on this thread.
        unsafe String(cString: strerror(error))
    }
}
