public import Model

extension ProcessIdentity {
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
