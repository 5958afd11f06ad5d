import Model

/// Class 2004, Detection Finding.
extension OCSFWriter {
    mutating func beacon(_ event: BeaconEvent, into buffer: inout LineBuffer) {
        let (attempt, beacon) = (event.attempt, event.beacon)
        buffer.literal("{\"time\":")
        milliseconds(event.foundBootNanoseconds, into: &buffer)
        buffer.literal(
            ",\"class_uid\":2004,\"class_name\":\"Detection Finding\",\"category_uid\":2,\"category_name\":\"Findings\","
        )
        buffer.literal(
            beacon.tellings > 1
                ? "\"activity_id\":2,\"activity_name\":\"Update\",\"type_uid\":200402,\"type_name\":\"Detection Finding: Update\","
                : "\"activity_id\":1,\"activity_name\":\"Create\",\"type_uid\":200401,\"type_name\":\"Detection Finding: Create\","
        )
        buffer.literal(beacon.severity.ocsf)
        buffer.literal(",\"status_id\":1,\"status\":\"New\",\"is_alert\":true,\"confidence_score\":")
        buffer.decimal(UInt((min(max(beacon.score, 0), 1) * 100).rounded()))
        buffer.literal(",\"start_time\":")
        milliseconds(event.firstBootNanoseconds, into: &buffer)
        buffer.literal(",\"end_time\":")
        milliseconds(event.lastBootNanoseconds, into: &buffer)
        buffer.literal(",\"count\":")
        buffer.decimal(beacon.calls)
        let message = buffer.count
        buffer.literal(",\"message\":\"")
        buffer.escaped(Array(beacon.sentence.utf8), limit: 2048)
        buffer.byte(UInt8(ascii: "\""))
        let sentence = message + ",\"message\":".utf8.count..<buffer.count
        buffer.literal(",\"finding_info\":{\"uid\":\"")
        buffer.hexadecimal(beacon.id)
        buffer.literal("\",\"title\":\"Beacon\",\"desc\":")
        buffer.again(sentence)
        buffer.literal(",\"first_seen_time\":")
        milliseconds(event.firstBootNanoseconds, into: &buffer)
        buffer.literal(",\"last_seen_time\":")
        milliseconds(event.lastBootNanoseconds, into: &buffer)
        buffer.literal(BeaconRule.ocsf)
        buffer.literal(",\"evidences\":[{\"name\":\"The newest of the calls\"")
        connection(attempt, isIngress: false, into: &buffer)
        endpoint(",\"src_endpoint\":{", attempt.source, into: &buffer)
        endpoint(",\"dst_endpoint\":{", attempt.destination, into: &buffer)
        buffer.literal("}]")
        let text = actor(attempt, event.attribution, into: &buffer)
        ownMetadata(at: event.foundBootNanoseconds, into: &buffer)
        buffer.literal(",\"unmapped\":{\"tattle\":{\"result\":\"")
        buffer.literal(AttemptResult(attempt.outcome).word)
        buffer.literal("\",\"beacon\":")
        buffer.beacon(beacon)
        text.appendTattle(into: &buffer)
        buffer.literal("}}")
    }
}
