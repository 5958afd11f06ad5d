public import Delivery

/// What is sent to a receiver over HTTP, and what its answers mean.
public protocol HTTPFormat: Sendable {
    /// The path and the query, as they stand in the request; begins with a slash.
    func target(for shipment: Shipment) -> String

    /// The field Content-Type.
    var contentType: String { get }

    /// Fields that the format asks for, beside Content-Type and what carries credentials.
    var fields: [(name: String, value: String)] { get }

    /// Whether records are read with their attributes.
    var wantsAttributes: Bool { get }

    /// How many bytes of an answer to a shipment are read; a longer one is none.
    func longestAnswer(to shipment: Shipment) -> Int

    /// The body for a shipment that has records.
    func body(_ shipment: Shipment) -> [UInt8]

    /// What came of it.
    func result(of answer: HTTPAnswer, to shipment: Shipment) -> Judgement
}

/// What an answer means.
public enum Judgement: Sendable, Equatable {
    /// This came of it.
    case result(DeliveryResult)
    /// It was taken, and whether it is safe is to be asked for with ``HECFormat/question(_:)``.
    case pending(acknowledgement: UInt64)
}

extension HTTPFormat {
    /// None.
    public var fields: [(name: String, value: String)] { [] }

    /// They are not.
    public var wantsAttributes: Bool { false }

    /// 64 KiB.
    public func longestAnswer(to shipment: Shipment) -> Int { 64 << 10 }

    /// The same where an answer has an item for each record; a third of what tattle-ship may take as a whole.
    func longestAnswer(to shipment: Shipment, bytesForEach bytes: Int) -> Int {
        min(64 << 10 + bytes * shipment.records.count, 32 << 20)
    }
}
