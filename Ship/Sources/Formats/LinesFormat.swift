internal import Delivery

/// Lines of NDJSON, as they stand in the log.
public struct LinesFormat: HTTPFormat {
    private let path: String

    /// Makes the format.
    ///
    /// - Parameter path: with the query.
    public init(path: String) { self.path = path }

    /// As it was given.
    public func target(for shipment: Shipment) -> String { path }

    /// `application/x-ndjson`.
    public var contentType: String { "application/x-ndjson" }

    /// The records' lines.
    public func body(_ shipment: Shipment) -> [UInt8] { shipment.lines }

    /// Any 2xx acknowledges all.
    public func result(of answer: HTTPAnswer, to shipment: Shipment) -> Judgement {
        .result(answer.failure(to: shipment, target: path) ?? shipment.acknowledged())
    }
}

extension Shipment {
    /// The lines of the records, each with its line feed.
    var lines: [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(length)
        for record in records {
            lines += bytes[record.range]
            lines.append(UInt8(ascii: "\n"))
        }
        return lines
    }
}
