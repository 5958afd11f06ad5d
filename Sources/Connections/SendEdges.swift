/// Sends on one connection, as far as samples show them: those that came after a silence.
struct SendEdges: Sendable {
    private var bytesSent: UInt64
    private var bytesReceived: UInt64
    private var segments: UInt32
    private var lastSent: UInt64
    /// Whether nothing was sent between the two samples before.
    private var isQuiet = true

    /// A send, or several close to each other.
    struct Send: Hashable {
        /// When the last of them was, nanoseconds of CLOCK_BOOTTIME.
        var bootNanoseconds: UInt64
        /// Payload.
        var bytes: UInt64
        /// Payload that came since the send before.
        var bytesReceived: UInt64
    }

    /// The shortest silence behind which a single segment is a send of its own, nanoseconds.
    private static let shortestSilence: UInt64 = 800_000_000
    /// The same for each of several between two samples that are far apart, because there was no time for one between.
    private static let sparseSilence: UInt64 = 1_500_000_000

    /// Begins with what was sent before.
    init(_ sample: ConnectionSample, now: UInt64) {
        (bytesSent, bytesReceived, segments) = (sample.bytesSent, sample.bytesReceived, sample.dataSegments)
        lastSent = Self.time(sample, now)
    }

    /// Takes a sample; nil: nothing was sent, or what was sent goes on.
    ///
    /// What is sent between each two samples has no silence in it that anybody saw, and would show the rhythm of the samples.
    mutating func take(_ sample: ConnectionSample, now: UInt64) -> Send? {
        let bytes = sample.bytesSent &- bytesSent
        guard sample.bytesSent > bytesSent else {
            isQuiet = true
            return nil
        }
        let time = Self.time(sample, now)
        let count = UInt64(sample.dataSegments &- segments)
        let isAlone = time > lastSent &+ (count == 1 ? Self.shortestSilence : count &* Self.sparseSilence)
        defer {
            (bytesSent, segments, lastSent, isQuiet) = (sample.bytesSent, sample.dataSegments, time, false)
        }
        guard isQuiet || isAlone else { return nil }
        let received = sample.bytesReceived &- min(bytesReceived, sample.bytesReceived)
        bytesReceived = sample.bytesReceived
        return Send(bootNanoseconds: time, bytes: bytes, bytesReceived: received)
    }

    private static func time(_ sample: ConnectionSample, _ now: UInt64) -> UInt64 {
        now &- min(UInt64(sample.lastSentMilliseconds) * 1_000_000, now)
    }
}
