/// How long the ring is left alone after it was read, so that a flood does not wake this thread for each record.
///
/// A record that comes by itself is read at once. While records come so fast that each would wake the thread anew, it
/// rests for a moment in between and then finds many: the kernel wakes nobody as long as the reader has not caught up
/// (kernel/bpf/ringbuf.c `bpf_ringbuf_commit()`). A process that is asked about in /proc is asked that much later, so
/// the rest is short. When the ring fills there is none.
struct ReadingPace {
    /// The longest rest.
    static let longestMilliseconds: Int32 = 4
    /// A ring that is full to more than this share, one in so many bytes, is read without a rest.
    static let fillingShare: UInt64 = 64
    /// As often in a row as this the ring has to have been read within a millisecond.
    private static let quickReadings = 3

    /// How long to rest now; 0: not at all.
    private(set) var restMilliseconds: Int32 = 0
    private var lastReading: UInt64 = 0
    private var quickCount = 0

    /// Takes note of a reading.
    ///
    /// - Parameters:
    ///   - count: how many records there were.
    ///   - isFilling: whether the ring held too many to rest.
    ///   - now: when it began, CLOCK_BOOTTIME, nanoseconds.
    mutating func read(count: Int, isFilling: Bool, now: UInt64) {
        defer { lastReading = now }
        guard !isFilling else {
            restMilliseconds = 0
            return
        }
        if restMilliseconds > 0 {
            // Of less than these, resting spares nothing.
            let isWorthIt = count > 2 * Int(restMilliseconds)
            restMilliseconds = isWorthIt ? min(restMilliseconds * 2, Self.longestMilliseconds) : restMilliseconds / 2
            quickCount = 0
            return
        }
        quickCount = count > 0 && now &- lastReading < 1_000_000 ? quickCount + 1 : 0
        if quickCount >= Self.quickReadings { restMilliseconds = 1 }
    }
}
