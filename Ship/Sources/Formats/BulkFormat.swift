internal import Delivery

/// Elasticsearch's and OpenSearch's `_bulk`: each record is created under its own id.
///
/// `create` is what data streams take, and what makes a second delivery harmless: the answer is 409 for it alone. See
/// the Bulk API of either; both answer the same.
public struct BulkFormat: HTTPFormat {
    /// The index or data stream.
    public let index: String
    private let path: String

    /// Makes the format.
    ///
    /// - Parameters:
    ///   - path: with the query; "/", or where a proxy has the receiver.
    ///   - index: the index, alias or data stream.
    public init(path: String = "/", index: String) {
        self.index = index
        let target = RequestTarget(path)
        // Of an answer with thousands of items, only what is read.
        self.path = target.text(
            "\(target.base)/\(PathText.segment(index))/_bulk",
            adding: ["filter_path=errors,items.*.status,items.*.error"])
    }

    /// `/INDEX/_bulk`.
    public func target(for shipment: Shipment) -> String { path }

    /// `application/x-ndjson`.
    public var contentType: String { "application/x-ndjson" }

    /// An item takes some 300 bytes without `filter_path`, which not every receiver knows; an error more.
    public func longestAnswer(to shipment: Shipment) -> Int {
        longestAnswer(to: shipment, bytesForEach: 2_048)
    }

    /// Two lines for each record.
    public func body(_ shipment: Shipment) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(shipment.length + 64 * shipment.records.count)
        for record in shipment.records {
            // The longest that Elasticsearch takes.
            if let id = record.id, !id.isEmpty, id.count <= 512 {
                body += #"{"create":{"_id":""#.utf8
                body += shipment.bytes[id]
                body += "\"}}\n".utf8
            } else {
                body += "{\"create\":{}}\n".utf8
            }
            body += shipment.bytes[record.range]
            body.append(UInt8(ascii: "\n"))
        }
        return body
    }

    /// Each item of a 200 has a status of its own.
    public func result(of answer: HTTPAnswer, to shipment: Shipment) -> Judgement {
        if let failure = answer.failure(to: shipment, target: "index \(index)") { return .result(failure) }
        guard let items = try? BulkAnswer.items(answer.body, count: shipment.records.count) else {
            return .result(answer.unexpected("_bulk"))
        }
        return .result(
            shipment.result(of: items.map(verdict), target: "index \(index)", delay: answer.retryAfter))
    }

    private func verdict(_ item: BulkAnswer.Item) -> RecordVerdict {
        // 409: it is there already, from a delivery of which the answer was lost.
        if (200..<300).contains(item.status) || item.status == 409 { return .taken }
        let reason = "\(item.status): \(item.reason)"
        switch item.status {
        case 401, 403, 404: return .lasting(reason: reason)
        case 429, 500..<600: return .again(reason: reason)
        default: return .never(reason: reason)
        }
    }
}
