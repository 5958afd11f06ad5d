internal import Beacons
internal import Model

/// What logs say in words: protocols, and how calls ended.
enum CallWords {
    /// The protocol of a row; TCP where nothing is said.
    static func transport(_ row: Row) -> Transport {
        guard let raw = row.raw(.transport) else { return .tcp }
        // Nearly all.
        if raw.spells("tcp") { return .tcp }
        if raw.spells("udp") { return .udp }
        switch String(decoding: raw, as: UTF8.self).lowercased() {
        case "tcp", "6": return .tcp
        case "udp", "17": return .udp
        case "udplite", "136": return .udpLite
        case "icmp", "1": return row.address(.destination)?.isIPv4 == false ? .other(58) : .other(1)
        case "icmp6", "ipv6-icmp", "58": return .other(58)
        case let other: return UInt16(other).map { .other($0) } ?? .tcp
        }
    }

    /// How a call ended, by a connection's state, a result or an error.
    static func ending(_ word: ArraySlice<UInt8>?) -> Call.Ending {
        guard let word else { return .unknown }
        // Nearly all.
        if word.spells("SF") { return .answered }
        if word.spells("S0") { return .unanswered }
        return endings[String(decoding: word, as: UTF8.self)] ?? .unknown
    }

    private static let endings: [String: Call.Ending] = {
        let words: [(Call.Ending, [String])] = [
            (
                .answered,
                [
                    "SF", "S1", "S2", "S3", "RSTO", "RSTR", "RSTRH", "SHR", "success", "Success", "established",
                    "answered", "ok",
                ]
            ),
            (.refused, ["REJ", "refused", "ECONNREFUSED"]),
            (
                .unanswered,
                [
                    "S0", "RSTOS0", "SH", "timeout", "timed_out", "unanswered", "ETIMEDOUT", "EHOSTUNREACH", "aborted",
                ]
            ),
            (.offline, ["offline", "unreachable", "ENETUNREACH", "ENETDOWN", "EADDRNOTAVAIL"]),
            (.denied, ["denied", "blocked", "EPERM", "EACCES"]),
            (.failed, ["failure", "Failure", "failed", "error"]),
        ]
        return Dictionary(uniqueKeysWithValues: words.flatMap { ending, words in words.map { ($0, ending) } })
    }()
}

extension CallerTraits {
    /// What a row of tattle's own in OCSF says of who called.
    init(_ row: Row) {
        self.init()
        executable = row.text(.executable)
        sha256 = row.text(.hash)
        package = row.text(.package)
        isUnchanged = row.flag(.isUnchanged)
        script = row.text(.script)
        flags = ProcessFlags(named: row.raw(.flags) ?? [])
        isPackaged = flags.contains(.unpackaged) ? false : package == nil ? nil : true
    }
}

extension ProcessFlags {
    /// Those whose names, in quotes, are in a list of JSON; others there may be are nothing to us.
    init(named list: ArraySlice<UInt8>) {
        self.init()
        guard !list.isEmpty else { return }
        let text = String(decoding: list, as: UTF8.self)
        for bit: UInt16 in 0..<16 {
            let flag = ProcessFlags(rawValue: 1 << bit)
            if let name = flag.names.first, text.contains("\"\(name)\"") { insert(flag) }
        }
    }
}
