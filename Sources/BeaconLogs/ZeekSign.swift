/// What a member of an object tells of the log of Zeek's that the object is of: in JSON there is no header that does.
enum ZeekSign {
    /// The object is of Zeek's.
    case zeek
    /// The member's value is what Zeek calls the log.
    case path
    /// Among Zeek's logs that are read here only this one has the member.
    case log(String)

    /// The members that each line of a log has, or nearly each.
    private static let logs: [String: String] = [
        "conn_state": "conn", "missed_bytes": "conn", "trans_depth": "http", "established": "ssl", "cipher": "ssl",
        "server_name": "ssl", "qtype": "dns", "rcode": "dns", "rejected": "dns",
    ]

    /// nil: it tells nothing.
    ///
    /// - Parameter name: the path to the member, its parts joined by dots.
    init?(name: String) {
        switch name {
        case "id.orig_h": self = .zeek
        case "_path": self = .path
        default:
            guard let log = Self.logs[name] else { return nil }
            self = .log(log)
        }
    }
}
