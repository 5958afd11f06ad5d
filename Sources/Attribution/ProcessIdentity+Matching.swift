public import Model

extension ProcessIdentity {
    /// /proc gives the start in clock ticks of 10 ms (USER_HZ is 100 on every architecture that Linux runs on).
    public static let tickNanoseconds: UInt64 = 10_000_000

    /// Whether this is the same process as far as both sides know its start.
    ///
    /// 0 is not known; a start that is a whole number of ticks may be one that /proc cut.
    public func matches(_ other: ProcessIdentity) -> Bool {
        guard pid == other.pid else { return false }
        let (mine, theirs) = (startBootNanoseconds, other.startBootNanoseconds)
        if mine == theirs || mine == 0 || theirs == 0 { return true }
        let isCut = mine % Self.tickNanoseconds == 0 || theirs % Self.tickNanoseconds == 0
        return isCut && mine / Self.tickNanoseconds == theirs / Self.tickNanoseconds
    }
}
