/// Splunk's HTTP Event Collector, its endpoint for events.
///
/// See "Format events for HTTP Event Collector" and "About HTTP Event Collector Indexer Acknowledgment" of Splunk's
/// documentation. A 200 says that Splunk has received the events; that they are indexed is said only to whoever asks,
/// where the token has acknowledgement enabled.
public struct HECFormat: HTTPFormat {
    let path: String
    private let questionPath: String
    private let target: RequestTarget
    let index: String?
    private let channel: String
    /// Whether acknowledgements of the indexer are asked for.
    public let awaitsIndexer: Bool

    /// Makes the format.
    ///
    /// - Parameters:
    ///   - path: of the endpoint, with the query; "/": `/services/collector/event`.
    ///   - index: nil: the token's default.
    ///   - channel: a UUID.
    ///   - awaitsIndexer: whether acknowledgements of the indexer are asked for.
    public init(path: String = "/", index: String? = nil, channel: String, awaitsIndexer: Bool = false) {
        target = RequestTarget(path)
        self.path = target.path == "/" ? "/services/collector/event" : target.path
        questionPath = Self.collector(self.path) + "/ack"
        (self.index, self.channel, self.awaitsIndexer) = (index, channel, awaitsIndexer)
    }

    /// What the collector's endpoints have in common: `/services/collector`, also of `/services/collector/event/1.0`; where
    /// a proxy calls it otherwise, what stands before the last segment.
    private static func collector(_ path: String) -> Substring {
        if let end = path.firstRange(of: "/services/collector")?.upperBound { return path[..<end] }
        return path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    }

    /// `/services/collector/event`.
    public func target(for shipment: Shipment) -> String { target.text(path) }

    /// `/services/collector/ack`, for this channel.
    var questionTarget: String { target.text(questionPath, adding: ["channel=\(channel)"]) }

    /// `application/json`.
    public var contentType: String { "application/json" }

    /// The channel.
    public var fields: [(name: String, value: String)] { [("X-Splunk-Request-Channel", channel)] }

    /// An object for each record, one after the other.
    public func body(_ shipment: Shipment) -> [UInt8] {
        var rest = Array(#""source":"tattle","sourcetype":"tattle""#.utf8)
        if let index {
            rest += ",\"index\":".utf8
            rest.append(jsonText: index)
        }
        rest += ",\"event\":".utf8
        var body: [UInt8] = []
        body.reserveCapacity(shipment.length + (rest.count + 128) * shipment.records.count)
        for record in shipment.records {
            body.append(UInt8(ascii: "{"))
            if let time = record.time {
                // Text, because a number would be read as a float, which has no nanoseconds.
                body += "\"time\":\"".utf8
                body.append(seconds: time)
                body += "\",".utf8
            }
            if let host = record.host {
                body += "\"host\":\"".utf8
                body += shipment.bytes[host]
                body += "\",".utf8
            }
            body += rest
            body += shipment.bytes[record.range]
            body += "}\n".utf8
        }
        return body
    }
}
