internal import Foundation
internal import Testing
internal import Threads

@Suite struct WorkerThreadTests {
    /// What a thread finds out about itself.
    private struct Findings: Sendable {
        var name: String?
        /// The signals that it takes no notice of, bit N − 1 for signal N.
        var blocked: UInt64?
    }

    private func findings() async -> Findings {
        await withCheckedContinuation { continuation in
            let code = WorkerThread.start(name: "a-worker") {
                let status = (try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)) ?? ""
                let fields = status.split(separator: "\n").map { $0.split(separator: ":\t") }
                func value(_ name: String) -> String? { fields.first { $0.first == name[...] }?.last.map(String.init) }
                continuation.resume(
                    returning: Findings(
                        name: value("Name"), blocked: value("SigBlk").flatMap { UInt64($0, radix: 16) }))
            }
            if code != 0 { continuation.resume(returning: Findings()) }
        }
    }

    @Test func itHasItsName() async { #expect(await findings().name == "a-worker") }

    @Test func itTakesNoSignalsButFaults() async throws {
        let blocked = try #require(await findings().blocked)
        func isBlocked(_ signal: Int32) -> Bool { blocked & 1 << UInt64(signal - 1) != 0 }
        #expect([SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD].allSatisfy(isBlocked))
        #expect(![SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP].contains(where: isBlocked))
    }
}
