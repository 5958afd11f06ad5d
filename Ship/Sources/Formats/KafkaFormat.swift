internal import Delivery
internal import Reading

/// Kafka through a REST gateway: Confluent's REST Proxy and what speaks like it.
///
/// Kafka's own protocol is not spoken.
///
/// Version 2 of its API by default, `POST /topics/TOPIC` with embedded JSON; version 3 where the path ends with
/// `/v3/clusters/ID`. The key is the name of the host, so that the records of one host keep their order.
public struct KafkaFormat: HTTPFormat {
    private let path: String
    private let topic: String
    private let isThird: Bool

    /// Makes the format.
    ///
    /// - Parameters:
    ///   - path: with the query; "/" or where the gateway is; with `/v3/clusters/ID` at its end: version 3.
    ///   - topic: the topic.
    public init(path: String = "/", topic: String) {
        let target = RequestTarget(path)
        isThird = target.base.split(separator: "/").dropLast().suffix(2) == ["v3", "clusters"]
        self.topic = topic
        self.path = target.text(
            "\(target.base)/topics/\(PathText.segment(topic))" + (isThird ? "/records" : ""))
    }

    /// `/topics/TOPIC`.
    public func target(for shipment: Shipment) -> String { path }

    /// Version 2 has one of its own.
    public var contentType: String { isThird ? "application/json" : "application/vnd.kafka.json.v2+json" }

    /// Version 2's answers are of this type.
    public var fields: [(name: String, value: String)] {
        isThird ? [] : [("Accept", "application/vnd.kafka.v2+json")]
    }

    /// An item of the answer takes some 100 bytes, 300 in version 3.
    public func longestAnswer(to shipment: Shipment) -> Int {
        longestAnswer(to: shipment, bytesForEach: 1_024)
    }

    /// One object with all records; in version 3 an object for each.
    public func body(_ shipment: Shipment) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(shipment.length + 128 * shipment.records.count)
        if !isThird { body += "{\"records\":[".utf8 }
        for (place, record) in shipment.records.enumerated() {
            if place > 0 { body.append(UInt8(ascii: isThird ? "\n" : ",")) }
            body.append(UInt8(ascii: "{"))
            if let host = record.host {
                body += (isThird ? "\"key\":{\"type\":\"JSON\",\"data\":\"" : "\"key\":\"").utf8
                body += shipment.bytes[host]
                body += (isThird ? "\"}," : "\",").utf8
            }
            body += (isThird ? "\"value\":{\"type\":\"JSON\",\"data\":" : "\"value\":").utf8
            body += shipment.bytes[record.range]
            body += (isThird ? "}}" : "}").utf8
        }
        if !isThird { body += "]}".utf8 }
        return body
    }

    /// Each record has its offset, or an error that may be tried again or not.
    public func result(of answer: HTTPAnswer, to shipment: Shipment) -> Judgement {
        if let failure = answer.failure(to: shipment, target: "topic \(topic)") { return .result(failure) }
        let count = shipment.records.count
        let verdicts = isThird ? try? Self.stream(answer.body, count) : try? Self.offsets(answer.body, count)
        guard let verdicts else { return .result(answer.unexpected("a Kafka REST gateway")) }
        return .result(shipment.result(of: verdicts, target: "topic \(topic)", delay: answer.retryAfter))
    }

    /// Version 2: `{"offsets":[{"partition":0,"offset":7,"error_code":null,"error":null}]}`.
    private static func offsets(_ body: [UInt8], _ count: Int) throws(Malformed) -> [RecordVerdict] {
        var scanner = JSONScanner(body, 0..<body.count)
        var verdicts: [RecordVerdict]?
        try scanner.enterObject()
        while let name = try scanner.nextNameRange() {
            guard body.stands("offsets", at: name), verdicts == nil else {
                try scanner.skip()
                continue
            }
            var list: [RecordVerdict] = []
            try scanner.enterArray()
            while try scanner.nextElement(), list.count < count {
                let (code, text, hasOffset) = try item(&scanner, body)
                if let code {
                    list.append(verdict(code, text))
                } else {
                    list.append(hasOffset ? .taken : .again(reason: text))
                }
            }
            verdicts = list
        }
        guard let verdicts, verdicts.count == count, scanner.peek() == 0 else { throw scanner.syntaxError }
        return verdicts
    }

    /// Version 3: an object for each record, with the status that it alone would have had.
    private static func stream(_ body: [UInt8], _ count: Int) throws(Malformed) -> [RecordVerdict] {
        var scanner = JSONScanner(body, 0..<body.count)
        var verdicts: [RecordVerdict] = []
        while scanner.peek() != 0, verdicts.count < count {
            let (code, text, _) = try item(&scanner, body)
            if let code {
                verdicts.append(code == 200 ? .taken : verdict(code, text))
            } else {
                verdicts.append(.again(reason: text))
            }
        }
        guard verdicts.count == count, scanner.peek() == 0 else { throw scanner.syntaxError }
        return verdicts
    }

    /// What an `error_code` means.
    ///
    /// 1 (never) and 2 (again) of the API's description; a status; a status with two digits behind it, as 40301. Of
    /// Confluent's gateway 50003 is what Kafka calls retriable, and 50002 what it does not.
    private static func verdict(_ code: UInt64, _ text: String) -> RecordVerdict {
        let reason = "\(code): \(text)"
        switch (code, code >= 10_000 ? code / 100 : code) {
        case (1, _), (50_002, _), (_, 400), (_, 413), (_, 422): return .never(reason: reason)
        case (_, 401), (_, 403), (_, 404): return .lasting(reason: reason)
        default: return .again(reason: reason)
        }
    }

    private static func item(
        _ scanner: inout JSONScanner, _ body: [UInt8]
    ) throws(Malformed) -> (code: UInt64?, text: String, hasOffset: Bool) {
        var (code, text, hasOffset): (UInt64?, String, Bool) = (nil, "no reason", false)
        try scanner.enterObject()
        while let name = try scanner.nextNameRange() {
            let isText = scanner.peek() == UInt8(ascii: "\"")
            if body.stands("error_code", at: name), scanner.startsNumber {
                code = try scanner.number()
            } else if body.stands("error", at: name) || body.stands("message", at: name), isText {
                text = Explanation.text(try scanner.text().utf8)
            } else {
                if body.stands("offset", at: name), scanner.startsNumber { hasOffset = true }
                try scanner.skip()
            }
        }
        return (code, text, hasOffset)
    }
}
