import Delivery
import Foundation
import ShipSettings
import Testing

@testable internal import Transports

/// A record in ECS, as short as one can be.
func line(_ number: Int) -> String {
    #"{"@timestamp":"2026-01-01T10:00:00.123456789Z","event":{"action":"connection_attempted","id":"run-0-\#(number)-a"},"#
        + #""host":{"name":"web-1"}}"#
}

/// A batch of so many records.
func batch(_ count: Int, from first: Int = 0) -> Batch {
    Batch(bytes: (first..<first + count).flatMap { Array((line($0) + "\n").utf8) })
}

/// A destination on loopback.
func destination(
    _ kind: DestinationKind, _ port: UInt16, _ transport: DestinationTransport = .tcp,
    _ change: (inout DestinationSettings) -> Void = { _ in }
) -> DestinationSettings {
    var settings = DestinationSettings(name: "receiver", kind: kind, transport: transport)
    (settings.host, settings.port, settings.path) = ("127.0.0.1", port, "/")
    // What takes long is meant to fail; what is meant to succeed takes milliseconds.
    settings.answerTimeout = .seconds(20)
    change(&settings)
    return settings
}

/// Delivers a batch with a receiver that is closed then.
func deliver(_ batch: Batch, to settings: DestinationSettings) async throws -> DeliveryResult {
    let receiver = try makeReceiver(settings)
    let result = await receiver.deliver(batch)
    await receiver.close()
    return result
}

extension DeliveryResult {
    /// The outage that it is.
    var outage: Outage? {
        if case .outage(let outage) = self { outage } else { nil }
    }
}
