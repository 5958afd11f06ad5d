import Model

/// One line of `conn.log` before it is bytes.
struct ZeekConnection {
    /// What it began with.
    var attempt: Attempt
    /// When it ended; nil: it has not, or nobody knows.
    var endBootNanoseconds: UInt64?
    /// What became of it.
    var state: ZeekState
    /// Whether the other end began it.
    var isInbound = false
    /// Payload and packets that went out; nil: not known.
    var sent: (bytes: UInt64, packets: UInt64)?
    /// Payload and packets that came in; nil: not known.
    var received: (bytes: UInt64, packets: UInt64)?

    init(attempt: Attempt, endBootNanoseconds: UInt64?, state: ZeekState) {
        self.attempt = attempt
        self.endBootNanoseconds = endBootNanoseconds
        self.state = state
    }
}

/// Zeek's `conn_state`.
enum ZeekState: Hashable, Sendable {
    /// S0: an attempt without an answer; also one that never left this machine.
    case unanswered
    /// REJ: an attempt that was rejected.
    case rejected
    /// S1: established, and not ended.
    case established
    /// SF: established and ended as usual.
    case finished
    /// RSTO: established, and aborted by who began it.
    case resetByOriginator
    /// RSTR: aborted by the other end.
    case resetByResponder
    /// OTH: neither beginning nor end was seen; also datagrams, of whose answers tattle knows nothing.
    case other

    /// The state of an attempt that failed.
    init(failed attempt: Attempt) {
        self =
            switch AttemptResult(attempt.outcome) {
            case .refused where attempt.transport == .tcp, .reset: .rejected
            default: .unanswered
            }
    }

    /// The state of what is open at the end of a run.
    init(open attempt: Attempt) {
        self =
            switch attempt.outcome {
            case .established: .established
            case .sent: .other
            case .pending, .aborted, .failed: .unanswered
            }
    }

    /// The state of a connection that ended with this errno; 0: it was closed.
    init(close error: Int32) {
        self =
            switch error {
            case 0: .finished
            // ECONNABORTED: this side.
            case 103: .resetByOriginator
            case 104: .resetByResponder
            // A timeout: nobody said that it is over.
            default: .established
            }
    }

    /// Its name in the log.
    var word: StaticString {
        switch self {
        case .unanswered: "S0"
        case .rejected: "REJ"
        case .established: "S1"
        case .finished: "SF"
        case .resetByOriginator: "RSTO"
        case .resetByResponder: "RSTR"
        case .other: "OTH"
        }
    }
}

extension LineBuffer {
    /// Appends nanoseconds as seconds with six digits behind the point, rounded down.
    mutating func seconds(_ nanoseconds: UInt64) {
        decimal(nanoseconds / 1_000_000_000)
        byte(UInt8(ascii: "."))
        digits(UInt32(nanoseconds % 1_000_000_000 / 1000), count: 6)
    }

    /// Appends the lowest `digits` digits of a number in the notation with 62 digits.
    mutating func base62(_ value: UInt64, digits count: Int) {
        var rest = value
        for _ in 0..<count {
            let digit = UInt8(rest % 62)
            rest /= 62
            byte(digit < 10 ? 48 &+ digit : digit < 36 ? 55 &+ digit : 61 &+ digit)
        }
    }
}
