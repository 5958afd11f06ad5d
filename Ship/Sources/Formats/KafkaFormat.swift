internal import Delivery
internal import Reading

/// Kafka through a REST gateway: Confluent's REST Proxy and what speaks like it.
///
/// Kafka's own protocol is not spoken.
///
/// Version 2 of its API by default, `POST /topics/TOPIC` with embedded JSON; version 3 where the path begins with
/// `/v3/clusters/ID`. The key is the name of the host, so that the records of one host keep their order.
public struct KafkaFormat: HTTPFormat {
    private let path: String
    private let topic: String
    private let isThird: Bool

    /// Makes the format.
    ///
    /// - Parameters:
    ///   - path: "/" or where the gateway is; with `/v3/clusters/ID` at the end: version 3.
    ///   - topic: the topic.
    public init(path: String = "/", topic: String) {
        let base = path.hasSuffix("/") ? String(path.dropLast()) : path
        isThird = base.contains("/v3/clusters/")
        self.topic = topic
        self.path = "\(base)/topics/\(PathText.segment(topic))" + (isThird ? "/records" : "")
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
    public func longestAnswer(to shipment: Shipment) -> Int { 64 << 10 + 1_024 * shipment.records.count }

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
        if let failure = answer.failure(target: "topic \(topic)") { return .result(failure) }
        guard (200..<300).contains(answer.status) else {
            return .result(shipment.refused("\(answer.status): \(Explanation.body(answer.body) ?? "no reason")"))
        }
        let count = shipment.records.count
        let items = isThird ? try? Self.stream(answer.body, count) : try? Self.offsets(answer.body, count)
        guard let items else { return .result(answer.unexpected("a Kafka REST gateway")) }
        var retry: [Int] = []
        var rejected: [(place: Int, reason: String)] = []
        for (place, item) in items.enumerated() {
            switch item {
            case .taken: break
            case .again: retry.append(place)
            case .never(let reason): rejected.append((place, reason))
            }
        }
        if retry.count == count { return .result(.passing("takes no record for now", answer.retryAfter)) }
        return .result(shipment.partly(retry: retry, rejecting: rejected, delay: answer.retryAfter))
    }

    private enum Item { case taken, again, never(String) }

    /// Version 2: `{"offsets":[{"partition":0,"offset":7,"error_code":null,"error":null}]}`; 1: never, 2: again.
    private static func offsets(_ body: [UInt8], _ count: Int) throws(Malformed) -> [Item] {
        var scanner = JSONScanner(body, 0..<body.count)
        var items: [Item]?
        try scanner.enterObject()
        while let name = try scanner.nextNameRange() {
            guard body.stands("offsets", at: name), items == nil else {
                try scanner.skip()
                continue
            }
            var list: [Item] = []
            try scanner.enterArray()
            while try scanner.nextElement(), list.count < count {
                let (code, text, offset) = try item(&scanner, body)
                switch code {
                case nil: list.append(offset ? .taken : .again)
                case 1: list.append(.never(text))
                default: list.append(.again)
                }
            }
            items = list
        }
        guard let items, items.count == count, scanner.peek() == 0 else { throw scanner.syntaxError }
        return items
    }

    /// Version 3: an object for each record, with the status that it alone would have had.
    private static func stream(_ body: [UInt8], _ count: Int) throws(Malformed) -> [Item] {
        var scanner = JSONScanner(body, 0..<body.count)
        var items: [Item] = []
        while scanner.peek() != 0, items.count < count {
            let (code, text, _) = try item(&scanner, body)
            switch code {
            case 200: items.append(.taken)
            case .some(400..<429): items.append(.never(text))
            default: items.append(.again)
            }
        }
        guard items.count == count, scanner.peek() == 0 else { throw scanner.syntaxError }
        return items
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
