public import Delivery
internal import Reading

/// A batch as formats see it: its records are known to be JSON, and where their ids and times stand.
///
/// What is no record is rejected here, so that one damaged line does not spoil a body with five thousand others.
public struct Shipment: Sendable {
    /// What the lines stand in.
    public let bytes: [UInt8]
    /// The records, in order.
    public let records: [RecordLine]
    /// Lines that are none.
    public let rejected: [RejectedRecord]

    /// Reads the lines of a batch.
    ///
    /// - Parameter withAttributes: also what ``RecordLine/attributes`` are made of.
    public init(_ batch: Batch, withAttributes: Bool = false) {
        bytes = batch.bytes
        var records: [RecordLine] = []
        var rejected: [RejectedRecord] = []
        records.reserveCapacity(batch.lines.count)
        for (index, range) in batch.lines.enumerated() {
            do throws(Malformed) {
                try bytes.checkUTF8(range)
                records.append(
                    try RecordLine(bytes, index: index, range: range, withAttributes: withAttributes))
            } catch {
                rejected.append(RejectedRecord(index: index, reason: "no record: \(error)", isRefused: false))
            }
        }
        (self.records, self.rejected) = (records, rejected)
    }

    /// The bytes of all records, which a body is at least as long as.
    public var length: Int { records.reduce(0) { $0 + $1.range.count + 1 } }

    /// Every record is acknowledged but those that are no records, and these.
    ///
    /// - Parameter others: by their place in ``records``.
    public func acknowledged(rejecting others: [(place: Int, reason: String)] = []) -> DeliveryResult {
        .acknowledged(rejected: allRejected(others))
    }

    /// Every record is set aside, because some were refused and which is not known.
    public func setAside(_ reason: String) -> DeliveryResult {
        let all = records.map { RejectedRecord(index: $0.index, reason: reason, isRefused: false) }
        return .acknowledged(rejected: (rejected + all).sorted { $0.index < $1.index })
    }

    /// Some are to be tried again.
    ///
    /// - Parameters:
    ///   - retry: places in ``records``, ascending.
    ///   - others: rejected by the receiver, by their place.
    public func partly(
        retry: [Int], rejecting others: [(place: Int, reason: String)] = [], delay: Duration? = nil
    ) -> DeliveryResult {
        guard !retry.isEmpty else { return acknowledged(rejecting: others) }
        return .partly(retry: retry.map { records[$0].index }, rejected: allRejected(others), delay: delay)
    }

    /// The receiver refuses the body and does not say which record it is about: halves are to be tried, down to one
    /// record, which is rejected.
    public func refused(_ reason: String) -> DeliveryResult {
        records.count == 1 ? acknowledged(rejecting: [(0, reason)]) : .tooLarge
    }

    private func allRejected(_ others: [(place: Int, reason: String)]) -> [RejectedRecord] {
        let theirs = others.map { RejectedRecord(index: records[$0.place].index, reason: $0.reason) }
        return (rejected + theirs).sorted { $0.index < $1.index }
    }
}

extension [UInt8] {
    /// Checks that the bytes there are UTF-8, as JSON has to be.
    func checkUTF8(_ range: Range<Int>) throws(Malformed) {
        let text = span.extracting(range)
        do {
            _ = try UTF8Span(validating: text)
        } catch {
            throw .value(offset: error.byteOffsets.lowerBound)
        }
    }
}
