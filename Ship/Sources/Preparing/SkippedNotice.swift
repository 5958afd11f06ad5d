internal import Following
internal import Logs
internal import Records

/// Writes the record that takes the place of those that were skipped: `records_skipped`.
public struct SkippedNotice: Sendable {
    private let version: String
    private let hostName: String
    private let now: @Sendable () -> UInt64

    /// Makes one.
    ///
    /// - Parameters:
    ///   - version: of tattle-ship.
    ///   - hostName: of this machine.
    ///   - now: nanoseconds since 1970.
    public init(version: String, hostName: String, now: @escaping @Sendable () -> UInt64) {
        (self.version, self.hostName, self.now) = (version, hostName, now)
    }

    /// The line, without a line feed; its id is the same whenever the same records are told of.
    func line(_ skipped: SkippedRecords, isOCSF: Bool) -> [UInt8] {
        let place = "\(skipped.after?.file.description ?? "") \(skipped.after?.offset ?? 0) \(skipped.before)"
        let digits = String(fingerprint(place.utf8), radix: 16)
        let id = "\(String(repeating: "0", count: 16 - digits.count))\(digits)-s-\(skipped.records)"
        let time = now()
        let details = details(skipped)
        let message = message(skipped)
        let reason = jsonText(reason(skipped.cause))
        if isOCSF {
            return Array(
                """
                {"time":\(time / 1_000_000),"class_uid":1008,"class_name":"Event Log Activity","category_uid":1,\
                "category_name":"System Activity","activity_id":99,"activity_name":"Loss","type_uid":100899,\
                "type_name":"Event Log Activity: Other","severity_id":3,"severity":"Medium","log_name":"tattle.ship",\
                "log_provider":"tattle-ship","log_type_id":2,"log_type":"Application","message":\(jsonText(message)),\
                "status_code":"\(skipped.cause.rawValue)","status_detail":\(reason),"device":{"type_id":0,"type":"Unknown",\
                "hostname":\(jsonText(hostName))},"metadata":{"version":"\(OCSFWriter.schemaVersion)","product":\
                {"name":"tattle-ship","vendor_name":"tattle","version":\(jsonText(version))},"log_name":"tattle.ship",\
                "log_provider":"tattle-ship","uid":"\(id)","original_time":"\(utcText(time, .extended))"},\
                "unmapped":{"tattle":{"skipped":\(details)}}}
                """.utf8)
        }
        return Array(
            """
            {"@timestamp":"\(utcText(time, .extended))","event":{"kind":"state","type":["info"],"action":"records_skipped",\
            "reason":\(reason),"id":"\(id)","dataset":"tattle.ship","module":"tattle","provider":"tattle-ship"},\
            "message":\(jsonText(message)),"tattle":{"skipped":\(details)},\
            "agent":{"type":"tattle-ship","version":\(jsonText(version))},"ecs":{"version":"\(ECSWriter.ecsVersion)"},\
            "host":{"name":\(jsonText(hostName))}}
            """.utf8)
    }

    private func details(_ skipped: SkippedRecords) -> String {
        var details =
            "{\"cause\":\"\(skipped.cause.rawValue)\",\"count\":\(skipped.records),\"exact\":\(skipped.isExact)"
        if let run = skipped.run {
            details += ",\"run\":{\"id\":\(jsonText(run))"
            if let sequence = skipped.after?.sequence { details += ",\"last_sequence\":\(sequence)" }
            details += "}"
        }
        if let after = skipped.after { details += ",\"after\":{\"file\":\"\(after.file)\",\"offset\":\(after.offset)}" }
        return details + ",\"before\":{\"file\":\"\(skipped.before)\"}}"
    }

    private func message(_ skipped: SkippedRecords) -> String {
        if skipped.isExact { return "\(skipped.records) records will never be delivered" }
        return skipped.records == 0
            ? "Nobody knows how many records will never be delivered"
            : "At least \(skipped.records) records will never be delivered"
    }

    private func reason(_ cause: SkippedRecords.Cause) -> String {
        switch cause {
        case .deleted: "Files were removed before they were delivered"
        case .damaged: "A compressed file is damaged"
        case .tooLong: "A line is longer than any record"
        }
    }
}
