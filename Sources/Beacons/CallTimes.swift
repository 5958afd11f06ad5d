/// The times of the last calls, in order, as milliseconds since a base; at most ``CallTimes/limit`` of them.
struct CallTimes {
    /// As many as are kept.
    static let limit = 78

    /// Milliseconds since 1970 of offset 0.
    private var base: Int64 = 0
    /// Ascending from `head` on, round the end.
    private var offsets: [UInt32] = []
    /// Where the oldest is once the ring is full.
    private var head: UInt8 = 0
    /// The greatest number of milliseconds that divides all times, as far as it matters: 1, 10, 100 or 1000.
    private(set) var step: UInt16 = 1000
    /// How many times in a row were too much older than those that are kept.
    private var refused: UInt8 = 0

    var count: Int { offsets.count }
    /// Bytes that its buffer takes.
    var bufferBytes: Int { offsets.capacity > 0 ? 32 + offsets.capacity * 4 : 0 }

    /// Whether more times in a row than are kept were too much older than these, this one included.
    ///
    /// Then those that are kept are the odd ones: of a clock that was wrong for a while, in a log that was merged.
    func isOutnumbered(with milliseconds: Int64) -> Bool {
        isTooOld(milliseconds) && Int(refused) >= offsets.count
    }

    /// Whether it is older than the newest that is kept by more than 49 days.
    private func isTooOld(_ milliseconds: Int64) -> Bool {
        guard !offsets.isEmpty, milliseconds < base else { return false }
        let newest = offsets[(Int(head) + offsets.count - 1) % offsets.count]
        return base + Int64(newest) - milliseconds > Int64(UInt32.max)
    }

    /// Forgets all times.
    mutating func removeAll() {
        offsets.removeAll(keepingCapacity: true)
        (head, refused, step) = (0, 0, 1000)
    }

    /// Adds a time; false: it is older than all that are kept, of which there are enough, or too much older.
    mutating func insert(milliseconds: Int64) -> Bool {
        if isTooOld(milliseconds) {
            refused += refused < .max ? 1 : 0
            return false
        }
        refused = 0
        while step > 1, milliseconds % Int64(step) != 0 { step /= 10 }
        if offsets.isEmpty { base = milliseconds }
        if milliseconds < base {
            guard rebase(to: milliseconds) else { return false }
        }
        if milliseconds - base > Int64(UInt32.max) { advance(to: milliseconds) }
        let offset = UInt32(milliseconds - base)
        guard offsets.count == Self.limit else {
            // Not yet a ring: the head is the first element.
            if offsets.count == offsets.capacity {
                offsets.reserveCapacity(min(max(8, offsets.count * 2), Self.limit))
            }
            var place = offsets.count
            while place > 0, offsets[place - 1] > offset { place -= 1 }
            offsets.insert(offset, at: place)
            return true
        }
        guard offset >= offsets[Int(head)] else { return false }
        // The oldest one's place is the newest one's; what is later moves back by one.
        var place = Int(head)
        let oldest = place + 1 == Self.limit ? 0 : place + 1
        head = UInt8(oldest)
        while true {
            let before = place == 0 ? Self.limit - 1 : place - 1
            guard place != oldest, offsets[before] > offset else { break }
            offsets[place] = offsets[before]
            place = before
        }
        offsets[place] = offset
        return true
    }

    /// Whether there is such a time, give or take a millisecond: a clock that is slewed meanwhile is no other time.
    func contains(milliseconds: Int64) -> Bool {
        let wanted = milliseconds - base
        return offsets.contains { abs(Int64($0) - wanted) <= 1 }
    }

    /// An older time came: all offsets grow, unless they would not fit.
    private mutating func rebase(to milliseconds: Int64) -> Bool {
        guard offsets.count < Self.limit, let newest = offsets.last else { return false }
        let shift = base - milliseconds
        guard shift <= Int64(UInt32.max) - Int64(newest) else { return false }
        for index in offsets.indices { offsets[index] += UInt32(shift) }
        base = milliseconds
        return true
    }

    /// A time came that is 49 days later than the base: the base moves, and what it passes is forgotten.
    private mutating func advance(to milliseconds: Int64) {
        let kept = ordered.map { base + Int64($0) }.filter { milliseconds - $0 <= Int64(UInt32.max) / 2 }
        base = kept.first ?? milliseconds
        let newBase = base
        offsets = kept.map { UInt32($0 - newBase) }
        head = 0
    }

    private var ordered: [UInt32] {
        offsets.count < Self.limit ? offsets : Array(offsets[Int(head)...] + offsets[..<Int(head)])
    }

    /// Seconds since the oldest one that is kept, ascending.
    var seconds: [Double] {
        let ordered = ordered
        guard let first = ordered.first else { return [] }
        return ordered.map { Double($0 - first) / 1000 }
    }

    /// When the oldest one that is kept was, milliseconds since 1970; nil: there is none.
    var oldest: Int64? { offsets.isEmpty ? nil : base + Int64(offsets[offsets.count < Self.limit ? 0 : Int(head)]) }
}
