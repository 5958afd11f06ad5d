internal import Lifecycle
internal import Model
internal import Testing

@Suite struct HashGateTests {
    private func event(_ id: UInt64) -> TraceEvent {
        var event = AttemptEvent(attempt: attempt(id, .whole, .established), attribution: somebody)
        event.attribution.isFilePending = true
        return .attempted(event)
    }

    /// What left the gate: attempt and what is known of its file, as in `1 abab` or `2 pending`.
    private func short(_ event: TraceEvent) -> String {
        guard case .attempted(let event) = event else { return "other" }
        let hash = event.attribution.file?.sha256.map { String($0[0], radix: 16) }
        return "\(event.attempt.id) \(hash ?? (event.attribution.isFilePending ? "pending" : "none"))"
    }

    private let found = FileVerdict(sha256: [UInt8](repeating: 0xab, count: 32))

    @Test func whatWaitsLeavesInOrderWithWhatWasFound() {
        var gate = HashGate<String>(patienceNanoseconds: 100)
        var left: [String] = []
        let isHeld = [
            gate.hold(event(1), for: "a", now: 0), gate.hold(event(2), for: "b", now: 1),
            gate.hold(event(3), for: "a", now: 2),
        ]
        #expect(isHeld == [true, true, true] && gate.isWaiting(for: "a") && gate.count == 3)
        gate.release("a", with: found) { left.append(short($0)) }
        #expect(left == ["1 ab", "3 ab"] && gate.count == 1 && !gate.isWaiting(for: "a"))
        gate.release("a", with: found) { left.append(short($0)) }
        #expect(left.count == 2 && gate.isWaiting(for: "b"))
    }

    @Test func nothingWaitsLongerThanThePatience() {
        var gate = HashGate<String>(patienceNanoseconds: 100)
        var left: [String] = []
        _ = gate.hold(event(1), for: "a", now: 0)
        _ = gate.hold(event(2), for: "a", now: 50)
        #expect(gate.nextDeadline == 100)
        gate.expire(now: 99) { left.append(short($0)) }
        #expect(left.isEmpty)
        gate.expire(now: 100) { left.append(short($0)) }
        #expect(left == ["1 pending"] && gate.nextDeadline == 150 && gate.isWaiting(for: "a"))
        gate.expire(now: .max) { left.append(short($0)) }
        #expect(left == ["1 pending", "2 pending"] && gate.nextDeadline == nil && !gate.isWaiting(for: "a"))
    }

    @Test func withoutPatienceNothingIsHeld() {
        var gate = HashGate<String>(patienceNanoseconds: 0)
        let isHeld = gate.hold(event(1), for: "a", now: 0)
        #expect(!isHeld && gate.count == 0)
    }

    @Test func whatIsHeldIsBounded() {
        var gate = HashGate<Int>(patienceNanoseconds: 100)
        for id in 0..<HashGate<Int>.limit { _ = gate.hold(event(UInt64(id)), for: id, now: 0) }
        let isHeld = gate.hold(event(1), for: 1, now: 0)
        #expect(!isHeld && gate.count == HashGate<Int>.limit)
    }
}
