internal import Foundation
internal import Testing

extension KernelSuite {
    /// Sockets that the kernel puts where it had put another one just before.
    @Suite("A socket in the place of one that is gone")
    struct Reuse {
        @Test(
            "is another socket: each process has its own attempt", arguments: Kernel.hookSets,
            ["udplite4-connected", "udplite6-sendto", "udp4-connected-many"])
        func attempts(hookSet: String, kind: String) throws {
            let trace = try Trace(hookSet, ["--settle", KindsRun.settle])
            try trace.waitUntilLive()
            var truths: [Truth] = []
            for _ in 0..<8 {
                let child = try Child(Kernel.attempts, ["run", kind])
                _ = try child.wait()
                truths += try child.output.decodedLines(as: Truth.self)
            }
            let log = try trace.stop()
            // Not every kernel has every protocol.
            truths.removeAll { $0.status == "missing" }
            let records = try log.records()
            try Kernel.checking {
                for truth in truths {
                    let problems = Verdict(records.by(truth.pids), truth).problems
                    #expect(problems.isEmpty, "\(truth.kind): \(problems)")
                }
            }
        }
    }
}
