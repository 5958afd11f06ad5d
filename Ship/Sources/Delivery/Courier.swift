/// Brings one source's records to one receiver, at least once and in order, whatever fails.
///
/// One batch is in flight and one is being prepared, down to the bytes that are sent; nothing else is in memory.
public struct Courier<Time: Clock>: Sendable where Time.Duration == Duration {
    private let source: any RecordSource
    private let receiver: any Receiver
    private let deadLetters: any DeadLetterBox
    private let observer: any DeliveryObserver
    private let policy: RetryPolicy
    private let clock: Time
    private let random: @Sendable () -> Double
    private let halt = Halt()

    /// Makes one.
    ///
    /// - Parameters:
    ///   - clock: what it waits by.
    ///   - random: from 0 to 1, each time another.
    public init(
        from source: any RecordSource, to receiver: any Receiver, deadLetters: any DeadLetterBox,
        observer: any DeliveryObserver, policy: RetryPolicy = RetryPolicy(), clock: Time,
        random: @escaping @Sendable () -> Double
    ) {
        (self.source, self.receiver, self.deadLetters) = (source, receiver, deadLetters)
        (self.observer, self.policy, self.clock, self.random) = (observer, policy, clock, random)
    }

    /// Delivers until there will never be more, or until it is stopped.
    public func run() async {
        await withTaskCancellationHandler {
            var attempt = Attempts(limits: receiver.limits, isTrusted: !receiver.mayRefuse)
            var preparing = prepare(attempt.most)
            // What was prepared before the end came stays where it is: it was not acknowledged.
            while let next = await halt.waiting(for: preparing), !halt.isStopping {
                preparing = prepare(attempt.most)
                guard await deliver(next, &attempt) else { break }
                await source.delivered(next.parcel)
            }
            preparing.cancel()
            _ = await preparing.value
            await receiver.close()
        } onCancel: {
            halt.end()
        }
    }

    /// Ends it: no further batch is begun, and the one in flight has so much time left.
    public func stop(within limit: Duration) {
        halt.stop()
        Task {
            try? await clock.sleep(for: limit)
            halt.end()
        }
    }

    /// A parcel, and one try of its batch; nil: that is empty, or more than is sent at once.
    private struct Prepared: Sendable {
        let parcel: Parcel
        let load: DeliveryTry?
    }

    private func prepare(_ limits: BatchLimits) -> Task<Prepared?, Never> {
        Task {
            guard !halt.isStopping, let parcel = await source.next(limits) else { return nil }
            guard !parcel.batch.lines.isEmpty, !parcel.batch.exceeds(limits), !halt.isStopping else {
                return Prepared(parcel: parcel, load: nil)
            }
            return Prepared(parcel: parcel, load: await receiver.load(parcel.batch))
        }
    }

    /// What was learned of a receiver, and how often in a row it failed.
    private struct Attempts {
        /// How large pieces are now: less than the receiver's own limits after it took less.
        var limits: BatchLimits
        var isSplitTold = false
        var successes = 0
        var failures = 0
        /// Reasons that were told since it last went.
        var told: Set<String> = []
        var since: Time.Instant?
        /// Records that were refused since one was last taken.
        var refused = 0
        /// Whether it has taken some, or refuses none.
        var isTrusted: Bool
        /// Why it is taken for the wrong receiver, or one that is set up wrongly; nil: it is not.
        var refusal: String?

        /// How large the next piece may be.
        var most: BatchLimits {
            var most = limits
            if refusal != nil { most.records = 1 }
            if !isTrusted { most.records = min(most.records, Courier.mostRefusedAtFirst) }
            return most
        }

        /// Some records were taken.
        mutating func taken() { (refused, refusal, isTrusted) = (0, nil, true) }
    }

    /// How many records in a row may be refused until that is the receiver's fault, not theirs.
    private static var mostRefused: Int { 1_000 }
    /// The same before it has taken any; so many are in the first batches, too.
    private static var mostRefusedAtFirst: Int { 16 }

    /// What is left of a batch, in order: the first piece is tried until it is through.
    private struct Pieces {
        private var pieces: [Batch]
        /// One try of the first; nil: it is not made ready.
        var load: DeliveryTry?

        init(_ batch: Batch, _ load: DeliveryTry?) {
            (pieces, self.load) = (batch.lines.isEmpty ? [] : [batch], load)
        }

        var first: Batch? { pieces.first }

        mutating func replaceFirst(with others: [Batch]) {
            pieces.replaceSubrange(0..<1, with: others)
            load = nil
        }
    }

    /// Delivers a parcel, piece by piece; false: it was stopped before all of it was acknowledged.
    private func deliver(_ prepared: Prepared, _ attempts: inout Attempts) async -> Bool {
        guard await bury(prepared.parcel.letters, &attempts) else { return false }
        var pieces = Pieces(prepared.parcel.batch, prepared.load)
        while let piece = pieces.first {
            if piece.exceeds(attempts.most), let halves = piece.halves {
                pieces.replaceFirst(with: [halves.first, halves.second])
                continue
            }
            if let refusal = attempts.refusal {
                guard await wait(Outage(.lasting, refusal), &attempts) else { return false }
            }
            let load: DeliveryTry
            if let loaded = pieces.load { load = loaded } else { load = await receiver.load(piece) }
            pieces.load = load
            switch await halt.inFlight(Task { await load() }) {
            case .acknowledged(let rejected):
                guard await bury(piece, rejected, &attempts) else { return false }
                succeeded(piece.lines.count - rejected.count, piece, &attempts)
                pieces.replaceFirst(with: [])
            case .partly(let retry, let rejected, let delay):
                guard await bury(piece, rejected, &attempts) else { return false }
                let rest = piece.picking(retry)
                let count = piece.lines.count - rest.lines.count - rejected.count
                if count > 0 {
                    attempts.taken()
                    observer.note(.delivered(records: count, bytes: piece.length - rest.length))
                }
                guard !rest.lines.isEmpty else {
                    pieces.replaceFirst(with: [])
                    continue
                }
                pieces.replaceFirst(with: [rest])
                // Splunk names one bad event at a time, and takes none with it: it is not the receiver that is down.
                if count == 0, !rejected.isEmpty, delay == nil { continue }
                let message = "some of the records are not taken for now"
                guard await wait(Outage(.passing, message, delay: delay), &attempts) else { return false }
            case .tooLarge:
                guard let halves = piece.halves else {
                    let reason = "the receiver does not take a record of \(piece.length) bytes"
                    guard await bury(piece, [RejectedRecord(index: 0, reason: reason)], &attempts) else { return false }
                    pieces.replaceFirst(with: [])
                    continue
                }
                pieces.replaceFirst(with: [halves.first, halves.second])
                shrink(to: halves.first, &attempts)
            case .outage(let outage):
                guard await wait(outage, &attempts) else { return false }
            }
        }
        return true
    }

    private func succeeded(_ records: Int, _ piece: Batch, _ attempts: inout Attempts) {
        // That it answers is nothing new.
        guard records > 0 || attempts.refusal == nil else { return }
        if records > 0 { attempts.taken() }
        if let since = attempts.since {
            observer.note(.recovered(after: since.duration(to: clock.now), tries: attempts.failures))
        }
        (attempts.since, attempts.failures, attempts.told) = (nil, 0, [])
        if records > 0 { observer.note(.delivered(records: records, bytes: piece.length)) }
        attempts.successes += 1
        // What was too large once may have been one record that spoiled the others.
        if attempts.successes % 8 == 0 { attempts.limits = attempts.limits.doubled(upTo: receiver.limits) }
    }

    private func shrink(to piece: Batch, _ attempts: inout Attempts) {
        attempts.limits.records = max(min(attempts.limits.records, piece.lines.count), 1)
        attempts.limits.bytes = max(min(attempts.limits.bytes, piece.length), 1)
        attempts.successes = 0
        guard !attempts.isSplitTold else { return }
        attempts.isSplitTold = true
        observer.note(.split(records: piece.lines.count, bytes: piece.length))
    }

    /// Waits before the next try; false: it was stopped.
    private func wait(_ outage: Outage, _ attempts: inout Attempts) async -> Bool {
        // Of what is ended nobody wants to hear that it is tried again.
        guard !halt.isStopping else { return false }
        attempts.failures += 1
        attempts.since = attempts.since ?? clock.now
        // A receiver that gives each failure another text does not fill the log.
        if attempts.told.count < 8, attempts.told.insert(outage.message).inserted {
            observer.note(.troubled(message: outage.message))
        }
        observer.note(.retried)
        let delay = policy.delay(
            failures: attempts.failures, kind: outage.kind, asked: outage.delay, random: random())
        await halt.waiting(for: Task { [clock] in try? await clock.sleep(for: delay) })
        return !halt.isStopping
    }

    private func bury(_ piece: Batch, _ rejected: [RejectedRecord], _ attempts: inout Attempts) async -> Bool {
        attempts.refused += rejected.count { $0.isRefused }
        let most = attempts.isTrusted ? Self.mostRefused : Self.mostRefusedAtFirst
        if attempts.refused >= most, attempts.refusal == nil, let last = rejected.last(where: \.isRefused) {
            attempts.refusal =
                "has refused \(attempts.refused) records and taken none in between, the last for: \(last.reason); is it the "
                + "right receiver, set up for them? From here on one record is tried at a time, and seldom"
        }
        return await bury(
            rejected.filter { piece.lines.indices.contains($0.index) }.map {
                DeadLetter(record: Array(piece.bytes[piece.lines[$0.index]]), reason: $0.reason)
            }, &attempts)
    }

    /// Keeps what will never be delivered, before anything else goes on; false: it was stopped.
    private func bury(_ letters: [DeadLetter], _ attempts: inout Attempts) async -> Bool {
        guard let first = letters.first else { return true }
        while let problem = await deadLetters.keep(letters) {
            guard await wait(Outage(.passing, problem), &attempts) else { return false }
        }
        observer.note(.rejected(records: letters.count, reason: first.reason))
        return true
    }
}

extension Batch {
    /// The bytes of its lines, with their line feeds.
    public var length: Int { lines.reduce(0) { $0 + $1.count + 1 } }

    /// Whether it is more than some limits allow.
    func exceeds(_ limits: BatchLimits) -> Bool { lines.count > limits.records || length > limits.bytes }
}

extension BatchLimits {
    /// Twice as much, but no more than others allow.
    func doubled(upTo most: BatchLimits) -> BatchLimits {
        BatchLimits(records: min(records * 2, most.records), bytes: min(bytes * 2, most.bytes))
    }
}
