import Foundation
import Model
import Testing

@testable import Connections

/// The way into a network namespace in which connections are held.
@Suite struct HeldConnectionsTests {
    private let ownNamespace: UInt32

    init() throws {
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")
        ownNamespace = try #require(UInt32(link.dropFirst("net:[".count).dropLast()))
    }

    /// An established connection of a process that is gone, or never was.
    private func event(namespace: UInt32) -> AttemptEvent {
        let facts = ProcessFacts(
            identity: ProcessIdentity(pid: 0x7fff_fff0, startBootNanoseconds: 1),
            program: Program(name: ThreadName("x".utf8), path: []), source: .kernel)
        return AttemptEvent(
            attempt: Attempt(
                id: 1, reference: RecordReference(cpu: 0, hook: 0, sequence: 0), phase: .whole,
                startedBootNanoseconds: 1, observedBootNanoseconds: 1, process: facts.identity, threadID: 1,
                threadName: ThreadName("x".utf8), userID: 0, networkNamespace: namespace, transport: .tcp,
                destination: Endpoint(address: .v4(0x7f00_0001), port: 1),
                source: Endpoint(address: .v4(0x7f00_0001), port: 2), outcome: .established),
            attribution: Attribution(process: facts))
    }

    @Test func aProcessThatIsElsewhereLeadsNowhere() {
        #expect(throws: ConnectionSource.Problem.self) {
            _ = try ConnectionSource(process: UInt32(getpid()), namespace: ownNamespace &+ 1)
        }
    }

    @Test func whereNobodyLeadsIsToldAndTriedMoreAndMoreSeldom() {
        var held = HeldConnections()
        held.follow(event(namespace: 7))
        #expect(held.trouble == nil)
        var asked = 0
        for _ in 0..<200 {
            held.poll(now: { 1 }) { _ in
                asked += 1
                return [0x7fff_fff1]
            } send: { _, _ in
            }
        }
        // At the polls 1, 2, 4, … 128, and 192.
        #expect(asked == 9)
        #expect(held.count == 1 && held.trouble != nil)
    }

    @Test(.enabled(if: geteuid() == 0)) func whoMadeTheConnectionNeedNotLeadThere() {
        var held = HeldConnections()
        held.follow(event(namespace: ownNamespace))
        for _ in 0..<3 { held.poll(now: { 1 }, members: { _ in [] }, send: { _, _ in }) }
        // The kernel was asked, and knows no such connection.
        #expect(held.isEmpty && held.trouble == nil)
    }
}
