import Model
import Testing

@testable import Connections

/// What samples of a connection show of its sends.
@Suite struct SendEdgesTests {
    private static let second: UInt64 = 1_000_000_000

    private func sample(sent bytes: UInt64, segments: UInt32, agoMilliseconds: UInt64, received: UInt64 = 0)
        -> ConnectionSample
    {
        let end = Endpoint(address: .v4(0x7f00_0001), port: 1)
        return ConnectionSample(
            source: end, destination: end, lastSentMilliseconds: UInt32(agoMilliseconds), dataSegments: segments,
            bytesSent: bytes, bytesReceived: received)
    }

    /// The sends that samples at each second, or as often as `step` says, show, of sends at some times in milliseconds.
    private func seen(_ times: [UInt64], until end: UInt64, every step: UInt64 = 1000) -> [SendEdges.Send] {
        var edges = SendEdges(sample(sent: 0, segments: 0, agoMilliseconds: 0), now: 0)
        return stride(from: step, through: end, by: Int(step)).compactMap { now in
            let past = times.filter { $0 <= now }
            let sample = sample(
                sent: UInt64(past.count) * 40, segments: UInt32(past.count), agoMilliseconds: now - (past.last ?? 0))
            return edges.take(sample, now: now * 1_000_000)
        }
    }

    @Test func eachSendBehindASilenceHasItsOwnTimeWheneverTheSamplesAre() {
        let times = (1...12).map { UInt64($0) * 5013 }
        let sends = seen(times, until: 61_000)
        #expect(sends.map(\.bootNanoseconds) == times.map { $0 * 1_000_000 })
        #expect(sends.allSatisfy { $0.bytes == 40 })
    }

    @Test func aPeriodOfTwoSamplesIsSeenWhole() {
        let times = (1...20).map { UInt64($0) * 2003 }
        #expect(seen(times, until: 41_000).count == 20)
    }

    @Test func samplesThatComeLateStillShowTimesOfTheRhythm() {
        let times = (1...20).map { UInt64($0) * 2003 }
        let sends = seen(times, until: 45_000, every: 5000)
        #expect(sends.count >= 8)
        #expect(sends.allSatisfy { send in times.contains { $0 * 1_000_000 == send.bootNanoseconds } })
    }

    @Test func aStreamDoesNotShowTheRhythmOfTheSamples() {
        let times = (10...600).map { UInt64($0) * 100 }
        // Its beginning.
        #expect(seen(times, until: 60_000).count == 1)
    }

    @Test func whatWasSentBeforeIsNoSend() {
        var edges = SendEdges(sample(sent: 5000, segments: 9, agoMilliseconds: 10), now: Self.second)
        #expect(edges.take(sample(sent: 5000, segments: 9, agoMilliseconds: 1010), now: 2 * Self.second) == nil)
    }

    @Test func aSegmentThatIsSentAgainIsNoSend() {
        var edges = SendEdges(sample(sent: 40, segments: 1, agoMilliseconds: 0), now: Self.second)
        #expect(edges.take(sample(sent: 40, segments: 2, agoMilliseconds: 100), now: 2 * Self.second) == nil)
    }

    @Test func whatCameSinceTheSendBeforeIsTold() {
        var edges = SendEdges(sample(sent: 0, segments: 0, agoMilliseconds: 0), now: 0)
        let first = edges.take(
            sample(sent: 40, segments: 1, agoMilliseconds: 0, received: 100), now: 5 * Self.second)
        _ = edges.take(sample(sent: 40, segments: 1, agoMilliseconds: 1000, received: 900), now: 6 * Self.second)
        let second = edges.take(
            sample(sent: 80, segments: 2, agoMilliseconds: 0, received: 1000), now: 10 * Self.second)
        #expect([first?.bytesReceived, second?.bytesReceived] == [100, 900])
    }
}
