/// What became of an attempt, in the ten words of `tattle.attempt.result`.
public enum AttemptResult: String, Sendable, Hashable, CaseIterable {
    /// Not known yet.
    case pending
    /// TCP: the handshake was completed.
    case established
    /// UDP: the kernel took the datagram.
    case sent
    /// Closed from this side before an answer came.
    case aborted
    /// ECONNREFUSED.
    case refused
    /// ETIMEDOUT.
    case timedOut = "timed_out"
    /// The network or the host is down, or there is no way to it.
    case unreachable
    /// EACCES or EPERM.
    case denied
    /// ECONNRESET.
    case reset
    /// Any other errno.
    case failed

    /// Names an outcome; errno numbers are those of `asm-generic/errno.h`.
    @inlinable
    public init(_ outcome: Outcome) {
        self =
            switch outcome {
            case .pending: .pending
            case .established: .established
            case .sent: .sent
            case .aborted: .aborted
            case .failed(errno: 111): .refused
            case .failed(errno: 110): .timedOut
            // ENONET, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH
            case .failed(errno: 64), .failed(errno: 100), .failed(errno: 101), .failed(errno: 112), .failed(errno: 113):
                .unreachable
            case .failed(errno: 1), .failed(errno: 13): .denied
            case .failed(errno: 104): .reset
            case .failed: .failed
            }
    }
}
