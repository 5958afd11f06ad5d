internal import Delivery
internal import Formats
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import ShipSettings

/// Sends each record as a datagram, RFC 5426.
///
/// Nothing acknowledges anything. Acknowledged here means: this machine has sent it. What is known sometimes is that
/// nobody listens.
actor SyslogDatagrams: Receiver {
    nonisolated let name: String
    nonisolated let limits: BatchLimits
    private let destination: DestinationSettings
    private let format = SyslogFormat()
    private let lookup: NameLookup<SocketAddress>
    private var channel: (any Channel)?
    /// When the name is looked up again.
    private var renewal = ContinuousClock.now

    /// How long an address is believed in: nothing tells that nobody is there any more.
    private static let addressLifetime = Duration.seconds(300)
    /// What a datagram of IPv4 holds; one of IPv6 holds a little more.
    static let longest = 65_507
    /// Datagrams that are handed over at once.
    private static let burst = 64

    init(_ destination: DestinationSettings) {
        (name, limits) = (destination.name, destination.limits)
        self.destination = destination
        lookup = NameLookup {
            try SocketAddress.makeAddressResolvingHost(destination.host, port: Int(destination.port))
        }
    }

    func deliver(_ batch: Batch) async -> DeliveryResult {
        let shipment = Shipment(batch)
        var rejected: [(place: Int, reason: String)] = []
        do {
            let channel = try await ready()
            var pending: [(place: Int, sent: EventLoopFuture<Void>)] = []
            for (place, record) in shipment.records.enumerated() {
                var message: [UInt8] = []
                format.append(record, of: shipment.bytes, to: &message)
                guard message.count <= Self.longest else {
                    rejected.append((place, "\(message.count) bytes: longer than a datagram; TCP takes it"))
                    continue
                }
                pending.append((place, channel.writeAndFlush(ByteBuffer(bytes: message))))
                if pending.count == Self.burst {
                    rejected += try await tooLong(pending)
                    pending = []
                }
            }
            rejected += try await tooLong(pending)
        } catch {
            await close()
            return .outage(Outage(error, destination))
        }
        return shipment.acknowledged(rejecting: rejected)
    }

    func close() async {
        try? await channel?.close().get()
        channel = nil
    }

    private func ready() async throws -> any Channel {
        let usable = channel.flatMap { $0.isActive ? $0 : nil }
        if let usable, .now < renewal { return usable }
        do {
            let address = try await lookup.address(within: destination.connectTimeout)
            renewal = .now + Self.addressLifetime
            if let usable, usable.remoteAddress == address { return usable }
            let fresh = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(to: address).get()
            await close()
            channel = fresh
            return fresh
        } catch {
            // A resolver that does not answer now is no reason to send nothing.
            guard let usable, usable.isActive, !(error is CancellationError) else { throw error }
            renewal = .now + Self.addressLifetime
            return usable
        }
    }

    /// Waits until they are sent; those that the way there does not take.
    private func tooLong(
        _ pending: [(place: Int, sent: EventLoopFuture<Void>)]
    ) async throws -> [(place: Int, reason: String)] {
        var rejected: [(place: Int, reason: String)] = []
        for (place, sent) in pending {
            do {
                try await sent.get()
            } catch let error as IOError where error.errnoCode == EMSGSIZE {
                rejected.append((place, "longer than a datagram to there may be; TCP takes it"))
            }
        }
        return rejected
    }
}
