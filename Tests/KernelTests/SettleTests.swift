internal import Foundation
internal import Testing

extension KernelSuite {
    /// How long an attempt waits for its outcome before it is written.
    @Suite("The settle time")
    struct Settle {
        @Test("of 0 writes an attempt at once, its late outcome once more", arguments: Kernel.hookSets, ["0", "200ms"])
        func short(hookSet: String, settle: String) throws {
            let log = try Trace.attempts(hookSet, ["--settle", settle], ["tcp4-refused-late"])
            #expect(log.status == 0, "\(log.errors)")
            let records = try log.records()
            #expect(records.attempts.map(\.result) == ["pending"])
            #expect(records.attempts.map(\.event.outcome) == ["unknown"])
            #expect(records.resolutions.map(\.result) == ["refused"])
            #expect(records.resolutions.map(\.error?.code) == ["ECONNREFUSED"])
            #expect(records.resolutions.map(\.attemptID) == records.attempts.map(\.attemptID))
            // From the call, not from when it was written.
            #expect((records.resolutions.first?.event.duration ?? 0) >= 900_000_000)
        }

        @Test("that is long enough leaves one record, with the outcome", arguments: Kernel.hookSets)
        func long(hookSet: String) throws {
            let log = try Trace.attempts(
                hookSet, ["--settle", "10m"], ["run", "tcp4-refused-late", "tcp4-established-late"])
            let records = try log.records()
            #expect(records.attempts.compactMap(\.result).sorted() == ["established", "refused"])
            #expect(records.resolutions.isEmpty)
            #expect(records.first?.tattle?.settle_ns == 600_000_000_000)
        }

        @Test(
            "does not hold up an attempt whose outcome never came: it is written at the end", arguments: Kernel.hookSets
        )
        func pendingAtTheEnd(hookSet: String) throws {
            let folder = try Folder()
            let trace = try Trace(hookSet, ["--settle", "10m"])
            try trace.waitUntilLive()
            // Still connecting when tracing ends.
            let child = try Child(Kernel.attempts, ["tcp4-timed-out"], folder: folder)
            usleep(1_500_000)
            let records = try trace.stop().records().by([child.pid])
            _ = try child.wait()
            #expect(records.attempts.count == 1)
            #expect(records.attempts.first?.result == "pending" || records.attempts.first?.result == "timed_out")
        }
    }
}
