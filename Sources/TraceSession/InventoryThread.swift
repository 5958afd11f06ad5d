internal import Attribution
internal import CLinux
internal import Glibc
internal import Synchronization
internal import Threads

/// Reads the inventory of open sockets on a thread of its own.
///
/// With 100,000 sockets the kernel writes 15 MB of listings, and every descriptor of every process is looked at:
/// a second or more, in which the event thread would leave the ring to fill. It gets what was found in slices.
final class InventoryThread: Sendable {
    private struct State {
        var result: SocketInventory.Result?
        var next = 0
    }

    /// Readable when there is something to take.
    let descriptor: Int32
    private let state = Mutex(State())
    private let isStopped = Atomic(false)
    private let inventory: SocketInventory

    /// Starts it; nil when there is no descriptor or no thread to be had.
    init?(_ inventory: SocketInventory) {
        self.inventory = inventory
        descriptor = tattle_eventfd_create(false)
        guard descriptor >= 0, WorkerThread.start(name: "tattle-sockets", { self.run() }) == 0 else { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private func run() {
        let result = inventory.read { isStopped.load(ordering: .relaxed) }
        state.withLock { $0.result = result }
        tattle_eventfd_post(descriptor)
    }

    /// The next sockets, at most `count`; nil: it is not done yet.
    ///
    /// With none left, `omitted` says how many were found and are not among those that were taken, and the
    /// descriptor is not readable any more.
    func take(
        _ count: Int
    ) -> (sockets: [SocketInventory.Found], controlGroups: [UInt32: UInt64], omitted: UInt64, isCutShort: Bool)? {
        let taken = state.withLock { state -> (sockets: [SocketInventory.Found], SocketInventory.Result)? in
            guard let result = state.result else { return nil }
            let slice = Array(result.sockets[state.next..<min(state.next + count, result.sockets.count)])
            state.next += slice.count
            if slice.isEmpty { state.result?.sockets = [] }
            return (slice, result)
        }
        guard let (sockets, result) = taken else { return nil }
        if sockets.isEmpty { tattle_eventfd_clear(descriptor) }
        return (sockets, result.controlGroups, result.omittedCount, result.isCutShort)
    }

    /// How many sockets were found and not taken.
    var leftCount: Int { state.withLock { ($0.result?.sockets.count ?? $0.next) - $0.next } }

    /// What is not known by now is not wanted any more.
    func stop() { isStopped.store(true, ordering: .relaxed) }
}
