internal import Reading

/// Logs of OpenTelemetry's protocol over HTTP, in its JSON encoding.
///
/// See opentelemetry-proto `logs/v1/logs.proto` and the OTLP specification: 64-bit integers are text. A record's body is
/// its line as it stands in the log, byte for byte; what people search by is told as attributes beside it.
public struct OTLPFormat: HTTPFormat {
    private let path: String

    /// Makes the format.
    ///
    /// - Parameter path: with the query; "/": `/v1/logs`.
    public init(path: String = "/") {
        let target = RequestTarget(path)
        self.path = target.text(target.path == "/" ? "/v1/logs" : target.path)
    }

    /// `/v1/logs`.
    public func target(for shipment: Shipment) -> String { path }

    /// `application/json`.
    public var contentType: String { "application/json" }

    /// They are.
    public var wantsAttributes: Bool { true }

    /// An ExportLogsServiceRequest: a resource for each host.
    public func body(_ shipment: Shipment) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(shipment.length * 3 / 2 + 1_024 * shipment.records.count)
        body += "{\"resourceLogs\":[".utf8
        var host: ArraySlice<UInt8>?
        for (place, record) in shipment.records.enumerated() {
            let own = record.host.map { shipment.bytes[$0] } ?? []
            if place == 0 || host != own {
                if place > 0 { body += "]}]},".utf8 }
                host = own
                body += #"{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"tattle"}}"#.utf8
                if !own.isEmpty { body.appendAttribute("host.name", own, isText: true, isFirst: false) }
                body += #"]},"scopeLogs":[{"scope":{"name":"tattle"},"logRecords":["#.utf8
            } else {
                body.append(UInt8(ascii: ","))
            }
            append(record, of: shipment, to: &body)
        }
        body += "]}]}]}".utf8
        return body
    }

    private func append(_ record: RecordLine, of shipment: Shipment, to body: inout [UInt8]) {
        let bytes = shipment.bytes
        body.append(UInt8(ascii: "{"))
        if let time = record.time {
            body += "\"timeUnixNano\":\"\(time)\",\"observedTimeUnixNano\":\"\(time)\",".utf8
        }
        body += severity(record, bytes).utf8
        if let action = record.action {
            body += ",\"eventName\":\"".utf8
            body += bytes[action]
            body.append(UInt8(ascii: "\""))
        }
        body += ",\"body\":{\"stringValue\":\"".utf8
        body.append(escaping: record.range, of: bytes)
        body += "\"},\"attributes\":[".utf8
        var isFirst = true
        if let id = record.id {
            body.appendAttribute("log.record.uid", bytes[id], isText: true, isFirst: true)
            isFirst = false
        }
        for attribute in record.attributes where attribute.isText || bytes[attribute.value].areDigits {
            body.appendAttribute(attribute.name, bytes[attribute.value], isText: attribute.isText, isFirst: isFirst)
            isFirst = false
        }
        body += "]}".utf8
    }

    /// What was lost is an error, what was found out a warning.
    private func severity(_ record: RecordLine, _ bytes: [UInt8]) -> String {
        if let action = record.action, bytes.stands("events_lost", at: action) {
            return #""severityNumber":17,"severityText":"ERROR""#
        }
        if let kind = record.kind, bytes.stands("alert", at: kind) {
            return #""severityNumber":13,"severityText":"WARN""#
        }
        return #""severityNumber":9,"severityText":"INFO""#
    }

    /// An empty answer or an object; `partialSuccess` in it tells of records that are not taken.
    public func result(of answer: HTTPAnswer, to shipment: Shipment) -> Judgement {
        if Self.isFinal(answer.status) { return .result(answer.refusal(of: shipment)) }
        if let failure = answer.failure(to: shipment, target: path) { return .result(failure) }
        guard let (rejected, message) = try? Self.partialSuccess(answer.body) else {
            return .result(answer.unexpected("an OTLP receiver"))
        }
        guard rejected > 0 else { return .result(shipment.acknowledged()) }
        guard rejected < shipment.records.count else {
            return .result(shipment.acknowledged(rejecting: shipment.records.indices.map { ($0, message) }))
        }
        // Which they are is not said, and sending again is forbidden: all are set aside, so that none is lost.
        return .result(
            shipment.setAside("\(rejected) of \(shipment.records.count) records, not said which: \(message)"))
    }

    /// Whether a status is one of a server's own errors after which nothing may be sent again.
    ///
    /// All but 502, 503 and 504 (OTLP's specification, "OTLP/HTTP Response"). The collector answers 500 to what it will
    /// never take; 501 and 505 are about no record.
    private static func isFinal(_ status: Int) -> Bool { status == 500 || (506..<600).contains(status) }

    private static func partialSuccess(_ body: [UInt8]) throws(Malformed) -> (rejected: UInt64, message: String) {
        var scanner = JSONScanner(body, 0..<body.count)
        var (rejected, message): (UInt64, String) = (0, "no reason")
        if scanner.peek() == 0, scanner.index == body.count { return (0, message) }
        try scanner.enterObject()
        while let name = try scanner.nextNameRange() {
            guard body.stands("partialSuccess", at: name), scanner.peek() == UInt8(ascii: "{") else {
                try scanner.skip()
                continue
            }
            try scanner.enterObject()
            while let name = try scanner.nextNameRange() {
                if body.stands("rejectedLogRecords", at: name) {
                    // Text by the encoding's rule, a number with many.
                    if scanner.startsNumber {
                        rejected = try scanner.number()
                    } else {
                        guard let number = UInt64(try scanner.text()) else { throw scanner.syntaxError }
                        rejected = number
                    }
                } else if body.stands("errorMessage", at: name), scanner.peek() == UInt8(ascii: "\"") {
                    message = Explanation.text(try scanner.text().utf8)
                } else {
                    try scanner.skip()
                }
            }
        }
        guard scanner.peek() == 0, scanner.index == body.count else { throw scanner.syntaxError }
        return (rejected, message)
    }
}

extension [UInt8] {
    /// Appends one of OpenTelemetry's KeyValues; `value` stood in JSON.
    fileprivate mutating func appendAttribute(
        _ name: String, _ value: ArraySlice<UInt8>, isText: Bool, isFirst: Bool
    ) {
        if !isFirst { append(UInt8(ascii: ",")) }
        self += "{\"key\":\"".utf8
        self += name.utf8
        self += (isText ? "\",\"value\":{\"stringValue\":\"" : "\",\"value\":{\"intValue\":\"").utf8
        self += value
        self += "\"}}".utf8
    }
}

extension ArraySlice<UInt8> {
    /// Whether it is a number without sign, fraction and exponent that fits 64 bits.
    fileprivate var areDigits: Bool {
        count <= 18 && allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
