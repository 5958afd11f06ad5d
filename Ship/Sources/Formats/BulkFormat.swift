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
    ///   - base: the path that a proxy has the receiver at; empty, or begins with a slash and does not end with one.
    ///   - index: the index, alias or data stream.
    ///   - pipeline: an ingest pipeline; nil: none but the index's own.
    public init(base: String = "", index: String, pipeline: String? = nil) {
        self.index = index
        // Of an answer with thousands of items, only what is read.
        var path = "\(base)/\(PathText.segment(index))/_bulk?filter_path=errors,items.*.status,items.*.error"
        if let pipeline { path += "&pipeline=\(PathText.segment(pipeline))" }
        self.path = path
    }

    /// `/INDEX/_bulk`.
    public func target(for shipment: Shipment) -> String { path }

    /// `application/x-ndjson`.
    public var contentType: String { "application/x-ndjson" }

    /// An item takes some 300 bytes without `filter_path`, which not every receiver knows; an error more.
    public func longestAnswer(to shipment: Shipment) -> Int { 64 << 10 + 2_048 * shipment.records.count }

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
        if let failure = answer.failure(target: "index \(index)") { return .result(failure) }
        guard (200..<300).contains(answer.status) else {
            return .result(shipment.refused("\(answer.status): \(Explanation.body(answer.body) ?? "no reason")"))
        }
        guard let items = try? BulkAnswer.items(answer.body, count: shipment.records.count) else {
            return .result(answer.unexpected("_bulk"))
        }
        return .result(result(of: items, answer, shipment))
    }

    private func result(of items: [BulkAnswer.Item], _ answer: HTTPAnswer, _ shipment: Shipment) -> DeliveryResult {
        // A 200 without items says that there were no errors.
        var retry: [Int] = []
        var rejected: [(place: Int, reason: String)] = []
        var isDelivered = items.isEmpty
        var lasting: String?
        for (place, item) in items.enumerated() {
            switch item.status {
            // 409: it is there already, from a delivery of which the answer was lost.
            case 200..<300, 409: isDelivered = true
            case 401, 403, 404:
                retry.append(place)
                lasting = lasting ?? "index \(index): \(item.status): \(item.reason)"
            case 429, 500..<600: retry.append(place)
            default:
                isDelivered = true
                rejected.append((place, "\(item.status): \(item.reason)"))
            }
        }
        if !isDelivered, let lasting { return .lasting("does not take the records for \(lasting)", answer.retryAfter) }
        if !isDelivered {
            let reason = items.first.map { "\($0.status): \($0.reason)" } ?? ""
            return .passing("takes no record for now, \(reason)", answer.retryAfter)
        }
        return shipment.partly(retry: retry, rejecting: rejected, delay: answer.retryAfter)
    }
}

extension BulkFormat {
    /// What stands before `/INDEX` in a destination's path: "/es/" is "/es", "/" is nothing.
    public static func base(_ path: String) -> String {
        let base = path.prefix { $0 != "?" }
        return String(base.hasSuffix("/") ? base.dropLast() : base)
    }
}
