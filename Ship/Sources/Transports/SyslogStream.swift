internal import Delivery
internal import Formats
internal import NIOCore
internal import NIOSSL
internal import ShipSettings

/// Delivers batches as syslog messages over TCP or TLS.
///
/// Syslog acknowledges nothing. Acknowledged here means: the other end's TCP has confirmed every byte of the batch, and had
/// not closed the connection by then. A receiver that dies with the bytes in its memory has them not; so, when a connection
/// is found closed, the batch before is sent once more on the next one, before anything else.
actor SyslogStream: Receiver {
    nonisolated let name: String
    nonisolated let limits: BatchLimits
    private let destination: DestinationSettings
    private let tls: NIOSSLContext?
    private let format = SyslogFormat()
    private var connection: SyslogConnection?
    /// The frames of the batch that was acknowledged last.
    private var last: [UInt8] = []

    init(_ destination: DestinationSettings, _ tls: NIOSSLContext?) {
        (name, limits) = (destination.name, destination.limits)
        (self.destination, self.tls) = (destination, tls)
    }

    func deliver(_ batch: Batch) async -> DeliveryResult { await load(batch)() }

    nonisolated func load(_ batch: Batch) async -> DeliveryTry {
        let shipment = Shipment(batch)
        guard !shipment.records.isEmpty else { return { shipment.acknowledged() } }
        var frames: [UInt8] = []
        frames.reserveCapacity(shipment.length + 128 * shipment.records.count)
        for record in shipment.records { format.append(counting: record, of: shipment.bytes, to: &frames) }
        return { [frames] in await self.deliver(shipment, frames) }
    }

    private func deliver(_ shipment: Shipment, _ frames: [UInt8]) async -> DeliveryResult {
        do {
            let connection = try await ready()
            try await connection.send(frames)
            last = frames
            return shipment.acknowledged()
        } catch {
            var outage = Outage(error, destination)
            if tls != nil, outage.kind == .passing, connection?.isUnused == true {
                // TLS 1.3: the server's alert may be lost when it closes the connection.
                outage.message += "; it was new: does the other end refuse the client's certificate?"
            }
            connection?.abandon()
            connection = nil
            return .outage(outage)
        }
    }

    func close() async {
        await connection?.close()
        connection = nil
    }

    /// A connection that is open; a new one has been given the batch before.
    private func ready() async throws -> SyslogConnection {
        if let connection, await connection.isOpen { return connection }
        connection?.abandon()
        connection = nil
        let connection = try await SyslogConnection(destination, tls)
        self.connection = connection
        if !last.isEmpty { try await connection.send(last) }
        return connection
    }
}
