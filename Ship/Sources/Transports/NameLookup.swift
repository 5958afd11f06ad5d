internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Finds the address of a name, one lookup at a time.
///
/// getaddrinfo(3) cannot be interrupted: it has a thread of its own, and whoever waits for it does not wait for ever.
final class NameLookup<Address: Sendable>: Sendable {
    private let find: @Sendable () throws -> Address
    private let running = Mutex<EventLoopFuture<Address>?>(nil)

    /// Makes one.
    ///
    /// - Parameter find: finds the address, and may take as long as it likes.
    init(_ find: @escaping @Sendable () throws -> Address) { self.find = find }

    /// The address.
    ///
    /// - Throws: where there is none, or none within so long; then the next one who asks waits for the same lookup.
    func address(within limit: Duration) async throws -> Address {
        let found = future()
        let promise = found.eventLoop.makePromise(of: Address.self)
        found.cascade(to: promise)
        let timer = found.eventLoop.scheduleTask(in: TimeAmount(limit)) {
            promise.fail(NoAddressInTime())
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }

    /// The lookup that runs, or a new one.
    private func future() -> EventLoopFuture<Address> {
        let (found, isNew) = running.withLock { running in
            if let running { return (running, false) }
            let found = NIOThreadPool.singleton.runIfActive(
                eventLoop: MultiThreadedEventLoopGroup.singleton.any(), find)
            running = found
            return (found, true)
        }
        if isNew {
            found.whenComplete { _ in self.running.withLock { $0 = nil } }
        }
        return found
    }
}

/// The resolver does not answer.
struct NoAddressInTime: Error {}
