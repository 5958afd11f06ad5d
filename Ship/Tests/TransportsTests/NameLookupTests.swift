import Foundation
import Synchronization
import Testing

@testable internal import Transports

struct NameLookupTests {
    /// A resolver that does not answer until it is told to.
    private final class Resolver: Sendable {
        let calls = Atomic(0)
        private let answer = DispatchSemaphore(value: 0)

        func find() -> String {
            let number = calls.add(1, ordering: .relaxed).newValue
            answer.wait()
            return "address \(number)"
        }

        func release() { answer.signal() }
    }

    @Test func waitsForADeadResolverNoLongerThanItIsToldTo() async throws {
        let resolver = Resolver()
        let lookup = NameLookup { resolver.find() }
        for _ in 0..<3 {
            await #expect(throws: NoAddressInTime.self) { try await lookup.address(within: .milliseconds(10)) }
        }
        let task = Task { try await lookup.address(within: .seconds(600)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        for _ in 0..<8 { resolver.release() }
        #expect(try await lookup.address(within: .seconds(600)).hasPrefix("address "))
        // All of them waited for one lookup; the last of them for the same, or, where that had ended by then, for its own.
        #expect((1...2).contains(resolver.calls.load(ordering: .relaxed)))
    }
}
