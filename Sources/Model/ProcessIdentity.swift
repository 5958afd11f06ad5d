/// Which process, for ever: a pid alone comes back, a pid with its start time does not.
public struct ProcessIdentity: Hashable, Sendable {
    /// /proc gives the start in clock ticks of 10 ms (USER_HZ is 100 on every architecture that Linux runs on).
    public static let tickNanoseconds: UInt64 = 10_000_000

    /// Thread group id in the initial pid namespace.
    public var pid: UInt32
    /// `start_boottime` of the thread group's leader in nanoseconds of CLOCK_BOOTTIME; 0: not known.
    public var startBootNanoseconds: UInt64

    /// Makes an identity.
    @inlinable
    public init(pid: UInt32, startBootNanoseconds: UInt64) {
        self.pid = pid
        self.startBootNanoseconds = startBootNanoseconds
    }
}
