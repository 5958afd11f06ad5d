internal import Delivery
internal import Following
internal import Glibc
internal import Preparing

/// Gives one destination its records from the folder's log, and keeps its checkpoint.
actor FolderSource: RecordSource {
    private let executor: QueueExecutor
    private let follower: LogFollower
    private let checkpoint: CheckpointFile?
    private let preparation: Preparation
    private let linger: Duration
    private let isOnce: Bool
    private let ledger: Ledger
    private let clock: any Clock<Duration>
    /// Where the log ended when it was first looked at; nil: it was not.
    private var end: LogEnd?
    private var number: UInt64 = 0
    /// Where parcels end that were given and not acknowledged.
    private var ends: [UInt64: LogPosition] = [:]
    /// What is acknowledged, and in no checkpoint yet: the disk is full.
    private var unsaved: LogPosition?

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// How often it is looked whether something was written.
    private static let interval: Duration = .milliseconds(200)
    /// How long it waits when the folder cannot be read, or a checkpoint not be written.
    private static let longInterval: Duration = .seconds(2)

    /// Makes one.
    ///
    /// - Parameters:
    ///   - checkpoint: nil: none is kept.
    ///   - isOnce: whether it ends where the log ended when it began.
    init(
        _ name: String, follower: sending LogFollower, checkpoint: CheckpointFile?, preparation: sending Preparation,
        linger: Duration, isOnce: Bool, ledger: Ledger, clock: any Clock<Duration>
    ) {
        executor = QueueExecutor("source of \(name)")
        (self.follower, self.checkpoint, self.preparation) = (follower, checkpoint, preparation)
        (self.linger, self.isOnce, self.ledger, self.clock) = (linger, isOnce, ledger, clock)
    }

    func next(_ limits: BatchLimits) async -> Parcel? {
        var waited = Duration.zero
        while !Task.isCancelled {
            do throws(FollowingError) {
                if isOnce, try isAtEnd() { return nil }
                let passage = try follower.next(PassageLimits(records: limits.records, bytes: limits.bytes))
                ledger.canRead()
                if let passage {
                    if let end, end.isBefore(passage) { return nil }
                    let isLingering = passage.isTail && !isOnce && waited < linger
                    guard isLingering else { return take(passage) }
                    let nap = min(Self.interval, linger - waited)
                    waited += nap
                    try? await clock.sleep(for: nap)
                    continue
                }
                if let file = follower.damagedFile { ledger.isDamaged("\(file)") }
                if isOnce { return nil }
            } catch {
                ledger.cannotRead(error.description)
                try? await clock.sleep(for: Self.longInterval)
                continue
            }
            if unsaved != nil {
                save()
                try? await clock.sleep(for: Self.longInterval)
            } else {
                try? await clock.sleep(for: Self.interval)
            }
        }
        return nil
    }

    /// Whether everything was taken that was there at the start.
    private func isAtEnd() throws(FollowingError) -> Bool {
        if end == nil { end = try follower.end() }
        return end?.isReached(by: follower.position) ?? true
    }

    private func take(_ passage: Passage) -> Parcel {
        follower.take(passage)
        number += 1
        ends[number] = passage.end
        if let skipped = passage.skipped { ledger.skipped(skipped) }
        let (bytes, letters) = preparation.prepare(passage)
        return Parcel(batch: Batch(bytes: bytes), number: number, letters: letters)
    }

    func delivered(_ parcel: Parcel) async {
        guard let end = ends.removeValue(forKey: parcel.number) else { return }
        unsaved = end
        ledger.acknowledged(end)
        save()
    }

    /// Writes the checkpoint; what cannot be written is tried again.
    private func save() {
        guard let position = unsaved else { return }
        guard let checkpoint else {
            unsaved = nil
            return
        }
        let code = checkpoint.save(position)
        if code == 0 { unsaved = nil }
        ledger.saved(code, to: checkpoint.path)
    }

    /// Tries once more what could not be written.
    func close() { save() }
}
