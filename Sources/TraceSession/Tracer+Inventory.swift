internal import Attribution
internal import CLinux
internal import Glibc
internal import Logs
internal import Model

/// The sockets that were open at the start.
extension Tracer {
    /// Whether they are to be written: with a command, only what it does is; and none of them failed.
    static func wantsInventory(_ options: TraceOptions) -> Bool {
        options.hasInventory && !options.filter.isCommandOnly && !options.filter.isFailedOnly
    }

    /// Begins to look for them; they are written as they are taken.
    func startInventory() throws(TracingError) {
        guard Self.wantsInventory(options) else { return }
        let reader = InventoryThread(SocketInventory(groups: ControlGroupFileSystem()))
        guard let reader else { return tellOmitted(1) }
        inventory = reader
        try loop.watch(reader.descriptor, as: .inventory)
    }

    /// Writes a slice of them: few enough that the ring is read in between.
    func takeInventory() {
        guard let inventory else { return }
        if log.isOverLimit { return loop.setPaused(.inventory, inventory.descriptor, true) }
        if !isInventoryTaken {
            // What was attempted before the listings were read is known then, and not taken for older.
            drainAll()
            isInventoryTaken = true
        }
        guard let taken = inventory.take(256) else { return }
        let now = SystemContext.bootNanoseconds()
        for socket in taken.sockets {
            pipeline.handle(
                socket, controlGroups: taken.controlGroups, filter: options.filter, now: now, emit: emit)
        }
        guard taken.sockets.isEmpty else { return }
        tellOmitted(taken.isCutShort ? max(taken.omitted, 1) : taken.omitted)
        loop.setPaused(.inventory, inventory.descriptor, true)
        pipeline.newSockets = nil
        self.inventory = nil
        tattle_return_memory()
        tattle_return_text()
    }

    /// The run ends: waits for what is not written yet, but not for ever.
    func finishInventory() {
        let deadline = SystemContext.bootNanoseconds() &+ 10_000_000_000
        while let inventory {
            guard SystemContext.bootNanoseconds() < deadline, log.failure == nil else {
                inventory.stop()
                tellOmitted(UInt64(max(inventory.leftCount, 1)))
                pipeline.newSockets = nil
                self.inventory = nil
                return
            }
            var descriptor = pollfd(fd: inventory.descriptor, events: Int16(POLLIN), revents: 0)
            // One descriptor, which lives through the call.
            _ = unsafe poll(&descriptor, 1, 100)
            if log.isOverLimit {
                usleep(5_000)
            } else if descriptor.revents != 0 {
                takeInventory()
            }
        }
    }

    /// Tells that sockets are not written.
    private func tellOmitted(_ count: UInt64) {
        guard count > 0 else { return }
        let now = SystemContext.bootNanoseconds()
        tell(
            LossEvent(
                cause: .inventoryIncomplete, count: count, attempts: 0, processRecords: 0, hook: nil,
                windowBootNanoseconds: now...now))
    }
}
