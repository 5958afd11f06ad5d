internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Finds the address of a name, one lookup at a time.
///
/// getaddrinfo(3) cannot be interrupted: it has a thread of its own, and whoever waits for it does not wait for ever.
final class NameLookup: Sendable {
    private let host: String
    private let port: Int
    private let running = Mutex<EventLoopFuture<SocketAddress>?>(nil)

    init(host: String, port: UInt16) { (self.host, self.port) = (host, Int(port)) }

    /// The first address that it has.
    ///
    /// - Throws: where there is none, or none within so long; then the next one who asks waits for the same lookup.
    func address(within limit: Duration) async throws -> SocketAddress {
        let found = future()
        let promise = found.eventLoop.makePromise(of: SocketAddress.self)
        found.cascade(to: promise)
        let timer = found.eventLoop.scheduleTask(in: TimeAmount(limit)) {
            promise.fail(ChannelError.connectTimeout(TimeAmount(limit)))
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }

    /// The lookup that runs, or a new one.
    private func future() -> EventLoopFuture<SocketAddress> {
        let (found, isNew) = running.withLock { running in
            if let running { return (running, false) }
            let found = NIOThreadPool.singleton.runIfActive(
                eventLoop: MultiThreadedEventLoopGroup.singleton.any()
            ) { [host, port] in
                try SocketAddress.makeAddressResolvingHost(host, port: port)
            }
            running = found
            return (found, true)
        }
        if isNew {
            found.whenComplete { _ in self.running.withLock { $0 = nil } }
        }
        return found
    }
}
