internal import Foundation
internal import Testing

extension KernelSuite {
    /// A system call that a seccomp filter answers in the kernel's place.
    @Suite("A connect() that a seccomp filter refuses")
    struct FilteredCalls {
        @Test("is blamed on no security module", arguments: Kernel.hookSets)
        func blame(hookSet: String) throws {
            let trace = try Trace(hookSet, ["--settle", KindsRun.settle])
            try trace.waitUntilLive()
            let child = try Child(Kernel.attempts, ["filtered"])
            #expect(try child.wait() == 0, "\(child.errors)")
            let attempts = try trace.stop().records().by([child.pid]).attempts
            // The functions that the others hook are never called.
            #expect(attempts.count == (hookSet == "tracepoint" ? 1 : 0))
            for attempt in attempts {
                #expect(attempt.error?.code == "EPERM" && attempt.tattle?.blocked_by == nil, "\(attempt.summary)")
            }
        }
    }
}
