public import Delivery
internal import Reading

extension HECFormat {
    /// What the answer to events means.
    public func result(of answer: HTTPAnswer, to shipment: Shipment) -> Judgement {
        let said = try? Said(answer.body)
        // Splunk says 400 of its own settings, too.
        if answer.status == 400, let said, let refusal = refusal(said, answer, shipment) { return .result(refusal) }
        let target = index.map { "index \($0) of the collector" } ?? path
        if let failure = answer.failure(to: shipment, target: target) { return .result(failure) }
        guard let said, said.code == 0 else { return .result(answer.unexpected("Splunk's collector")) }
        guard awaitsIndexer else { return .result(shipment.acknowledged()) }
        guard let acknowledgement = said.acknowledgement else {
            return .result(.lasting(Self.withoutAcknowledgement))
        }
        return .pending(acknowledgement: acknowledgement)
    }

    /// The request that asks whether events are indexed: its target and its body.
    public func question(_ acknowledgement: UInt64) -> (target: String, body: [UInt8]) {
        (questionTarget, Array("{\"acks\":[\(acknowledgement)]}".utf8))
    }

    /// Whether acknowledgements can be had, as the answer to the question for any of them says.
    ///
    /// It is asked before events are sent: those that Splunk has taken without one would be indexed again with each try.
    ///
    /// - Throws: where they cannot.
    public func checkAcknowledgement(_ answer: HTTPAnswer) throws(QuestionFailure) {
        if answer.status == 400, (try? Said(answer.body))?.code == 14 {
            throw QuestionFailure(outage: Outage(.lasting, Self.withoutAcknowledgement))
        }
        if case .outage(let outage) = answer.failure(target: questionTarget) { throw QuestionFailure(outage: outage) }
        guard (200..<300).contains(answer.status) else { throw Self.noAnswer(answer) }
    }

    /// Whether they are, as the answer to that says.
    ///
    /// - Throws: where it does not say.
    public func isIndexed(_ answer: HTTPAnswer, _ acknowledgement: UInt64) throws(QuestionFailure) -> Bool {
        try checkAcknowledgement(answer)
        guard let flag = try? Self.flag(answer.body, acknowledgement) else { throw Self.noAnswer(answer) }
        return flag
    }

    private static let withoutAcknowledgement =
        "has no indexer acknowledgement enabled for this token: enable it, or leave wait-for-indexer out"

    private static func noAnswer(_ answer: HTTPAnswer) -> QuestionFailure {
        QuestionFailure(outage: Outage(.passing, "answers \(answer.status) to the question for acknowledgements"))
    }

    /// Why it is not known whether events are indexed.
    public struct QuestionFailure: Error {
        /// What is to be said.
        public let outage: Outage
    }

    private func refusal(_ said: Said, _ answer: HTTPAnswer, _ shipment: Shipment) -> DeliveryResult? {
        let text = "400: \(said.text ?? "no reason")"
        switch said.code {
        case 6, 12, 13, 15:
            guard let number = said.invalidEvent, shipment.records.indices.contains(number) else { return nil }
            let others = shipment.records.indices.filter { $0 != number }
            return shipment.partly(retry: others, rejecting: [(number, text)], delay: nil)
        case 7:
            return .lasting(
                "the token may not write to index \(index ?? "(its default)"): allow it, or name another; answers \(text)"
            )
        case 10, 11, 14, 16: return .lasting("answers \(text)", answer.retryAfter)
        default: return nil
        }
    }

    private static func flag(_ body: [UInt8], _ acknowledgement: UInt64) throws(Malformed) -> Bool {
        var scanner = JSONScanner(body, 0..<body.count)
        var flag: Bool?
        try scanner.enterObject()
        while let name = try scanner.nextNameRange() {
            guard body.stands("acks", at: name) else {
                try scanner.skip()
                continue
            }
            try scanner.enterObject()
            while let name = try scanner.nextName() {
                if String(decoding: name, as: UTF8.self) == String(acknowledgement) {
                    flag = try scanner.flag()
                } else {
                    try scanner.skip()
                }
            }
        }
        guard let flag else { throw scanner.syntaxError }
        return flag
    }

    /// What an answer says.
    private struct Said {
        var code: UInt64?
        var text: String?
        var acknowledgement: UInt64?
        var invalidEvent: Int?

        init(_ body: [UInt8]) throws(Malformed) {
            var scanner = JSONScanner(body, 0..<body.count)
            try scanner.enterObject()
            while let name = try scanner.nextNameRange() {
                if body.stands("code", at: name) {
                    code = try scanner.number()
                } else if body.stands("text", at: name) {
                    text = Explanation.text(try scanner.text().utf8)
                } else if body.stands("ackId", at: name), scanner.startsNumber {
                    acknowledgement = try scanner.number()
                } else if body.stands("invalid-event-number", at: name), scanner.startsNumber {
                    invalidEvent = Int(exactly: try scanner.number())
                } else {
                    try scanner.skip()
                }
            }
            guard scanner.peek() == 0 else { throw scanner.syntaxError }
        }
    }
}
