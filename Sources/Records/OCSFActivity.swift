import Model

/// What an event of class 4001 is of: `activity_id`.
enum OCSFActivity: Sendable {
    /// A connection was established.
    case open
    /// A connection ended.
    case close
    /// One end reset it.
    case reset
    /// It could not be made.
    case fail
    /// The other end refused it.
    case refuse
    /// Datagrams were sent.
    case traffic
    /// An attempt whose answer is to come; OCSF has none.
    case attempt
    /// A connection that was there before; OCSF has none.
    case existing

    /// The activity of an attempt.
    init(_ result: AttemptResult) {
        self =
            switch result {
            case .pending: .attempt
            case .established: .open
            case .sent: .traffic
            case .refused: .refuse
            case .reset: .reset
            case .timedOut, .unreachable, .denied, .failed, .aborted: .fail
            }
    }

    /// The members that say so.
    var members: StaticString {
        switch self {
        case .open:
            "\"activity_id\":1,\"activity_name\":\"Open\",\"type_uid\":400101,\"type_name\":\"Network Activity: Open\""
        case .close:
            "\"activity_id\":2,\"activity_name\":\"Close\",\"type_uid\":400102,\"type_name\":\"Network Activity: Close\""
        case .reset:
            "\"activity_id\":3,\"activity_name\":\"Reset\",\"type_uid\":400103,\"type_name\":\"Network Activity: Reset\""
        case .fail:
            "\"activity_id\":4,\"activity_name\":\"Fail\",\"type_uid\":400104,\"type_name\":\"Network Activity: Fail\""
        case .refuse:
            "\"activity_id\":5,\"activity_name\":\"Refuse\",\"type_uid\":400105,\"type_name\":\"Network Activity: Refuse\""
        case .traffic:
            "\"activity_id\":6,\"activity_name\":\"Traffic\",\"type_uid\":400106,\"type_name\":\"Network Activity: Traffic\""
        case .attempt:
            "\"activity_id\":99,\"activity_name\":\"Attempt\",\"type_uid\":400199,\"type_name\":\"Network Activity: Other\""
        case .existing:
            "\"activity_id\":99,\"activity_name\":\"Existing\",\"type_uid\":400199,\"type_name\":\"Network Activity: Other\""
        }
    }
}
