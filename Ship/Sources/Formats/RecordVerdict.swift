internal import Delivery

/// What became of one record of a shipment, where an answer tells them apart.
enum RecordVerdict {
    /// It is there.
    case taken
    /// It may be taken later.
    case again(reason: String)
    /// It is taken when somebody has done something.
    case lasting(reason: String)
    /// It will never be taken.
    case never(reason: String)
}

extension Shipment {
    /// What came of it.
    ///
    /// - Parameters:
    ///   - verdicts: one for each of ``records``.
    ///   - target: where they were to go: an index, a topic.
    ///   - delay: what was asked for.
    func result(of verdicts: [RecordVerdict], target: String, delay: Duration?) -> DeliveryResult {
        var retry: [Int] = []
        var rejected: [(place: Int, reason: String)] = []
        var passing: String?
        var lasting: String?
        for (place, verdict) in verdicts.enumerated() {
            switch verdict {
            case .taken: break
            case .again(let reason):
                retry.append(place)
                passing = passing ?? reason
            case .lasting(let reason):
                retry.append(place)
                lasting = lasting ?? reason
            case .never(let reason): rejected.append((place, reason))
            }
        }
        guard !retry.isEmpty, retry.count == verdicts.count else {
            return partly(retry: retry, rejecting: rejected, delay: delay)
        }
        if let lasting { return .lasting("does not take the records for \(target): \(lasting)", delay) }
        return .passing("takes no record for now, \(passing ?? "no reason")", delay)
    }
}
