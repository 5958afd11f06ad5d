import Model

extension AttemptResult {
    /// The word, for the hot path.
    var word: StaticString {
        switch self {
        case .pending: "pending"
        case .established: "established"
        case .sent: "sent"
        case .aborted: "aborted"
        case .refused: "refused"
        case .timedOut: "timed_out"
        case .unreachable: "unreachable"
        case .denied: "denied"
        case .reset: "reset"
        case .failed: "failed"
        }
    }
}
