internal import AsyncHTTPClient
internal import Delivery
internal import Formats
internal import ShipSettings
internal import Synchronization

extension HTTPReceiver {
    private static var longestAnswer: Int { 64 << 10 }

    /// Why acknowledgements of the indexer, which are to be waited for, cannot be had; nil: they can, or are not.
    ///
    /// Asked for until there is one, and again after a failure: the token may have been changed.
    func missingAcknowledgement() async -> Outage? {
        guard let format = format as? HECFormat, format.awaitsIndexer, !hasAcknowledgement.withLock({ $0 }) else {
            return nil
        }
        // Any number will do: whether it is of an event is not asked.
        let (target, body) = format.question(0)
        do {
            try format.checkAcknowledgement(try await execute(request(target, body), longest: Self.longestAnswer))
            return nil
        } catch {
            return Self.outage(error)
        }
    }

    /// Asks until what was taken is indexed, four times as long as an answer may take.
    func indexed(_ acknowledgement: UInt64, _ shipment: Shipment) async -> DeliveryResult {
        guard let format = format as? HECFormat else { return shipment.acknowledged() }
        let end = ContinuousClock.now + destination.answerTimeout * 4
        var pause = Duration.milliseconds(50)
        let (target, body) = format.question(acknowledgement)
        while true {
            do {
                let answer = try await execute(request(target, body), longest: Self.longestAnswer)
                if try format.isIndexed(answer, acknowledgement) { return shipment.acknowledged() }
                guard ContinuousClock.now + pause < end else {
                    return .outage(
                        Outage(.passing, "has not indexed what it took within \(destination.answerTimeout * 4)"))
                }
                try await Task.sleep(for: pause)
            } catch {
                return .outage(Self.outage(error))
            }
            pause = min(pause * 2, .seconds(5))
        }
    }

    private static func outage(_ error: any Error) -> Outage {
        switch error {
        case let failure as Outage.Failure: failure.outage
        case let failure as HECFormat.QuestionFailure: failure.outage
        default: Outage(.passing, "stopped")
        }
    }
}
