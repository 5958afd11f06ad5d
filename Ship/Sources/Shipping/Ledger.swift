internal import Delivery
internal import Following
internal import Glibc
internal import Synchronization

/// What came of one destination so far, and what a person is told of it: each thing once.
final class Ledger: DeliveryObserver {
    /// The numbers.
    struct Figures: Sendable {
        var records: UInt64 = 0
        var bytes: UInt64 = 0
        var rejected: UInt64 = 0
        var retries: UInt64 = 0
        var skipped: UInt64 = 0
        var batches: UInt64 = 0
        /// What is in the way; nil: nothing.
        var trouble: String?
        /// Seconds since 1970.
        var troubleSince: Int64?
        /// Seconds since 1970.
        var lastDelivery: Int64?
        /// Behind the last record that was acknowledged.
        var position: LogPosition?
    }

    /// What is in the way, and since when.
    private struct Trouble {
        var message: String
        var since: Int64
    }

    private struct State {
        var figures = Figures()
        var delivery: Trouble?
        var reading: Trouble?
        var saving: Trouble?
        var isRejectionTold = false
        var isEnded = false
        /// The file of which it was told last that it is damaged.
        var damagedFile: String?
        /// Seconds that it was behind when that was told; nil: it is not.
        var toldLag: UInt64?
    }

    /// What the destination is called.
    let name: String
    private let state: Mutex<State>
    private let say: @Sendable (String) -> Void
    private let now: @Sendable () -> Int64
    private let letters: String?

    /// Makes one.
    ///
    /// - Parameters:
    ///   - letters: where dead letters are, for the message; nil: nothing is sent.
    ///   - now: seconds since 1970.
    init(
        _ name: String, position: LogPosition?, letters: String?, now: @escaping @Sendable () -> Int64,
        say: @escaping @Sendable (String) -> Void
    ) {
        (self.name, self.letters, self.now, self.say) = (name, letters, now, say)
        var state = State()
        state.figures.position = position
        self.state = Mutex(state)
    }

    var figures: Figures {
        state.withLock { state in
            var figures = state.figures
            let trouble = state.delivery ?? state.reading ?? state.saving
            (figures.trouble, figures.troubleSince) = (trouble?.message, trouble?.since)
            return figures
        }
    }

    func note(_ event: DeliveryEvent) {
        let line: String? = state.withLock { state in
            switch event {
            case .delivered(let records, let bytes):
                state.figures.records += UInt64(records)
                state.figures.bytes += UInt64(bytes)
                state.figures.batches += 1
                state.figures.lastDelivery = now()
                return nil
            case .rejected(let records, let reason):
                state.figures.rejected += UInt64(records)
                defer { state.isRejectionTold = true }
                guard !state.isRejectionTold else { return nil }
                let place = letters.map { "; these and further ones are in '\($0)'" } ?? ""
                return "\(records) records are not taken: \(reason)\(place)"
            case .troubled(let message):
                state.delivery = Trouble(message: message, since: state.delivery?.since ?? now())
                return "\(message); tried again until it goes"
            case .recovered(let time, let tries):
                state.delivery = nil
                return "delivered again after \(time.components.seconds) s, \(tries) \(tries == 1 ? "try" : "tries")"
            case .retried:
                state.figures.retries += 1
                return nil
            case .split(let records, let bytes):
                return "does not take so much at once: batches are split, now to \(records) records, \(bytes) bytes"
            }
        }
        if let line { say("\(name): \(line)") }
    }

    /// It ends before the program does: trouble from here on, and however far behind it is, that is no news.
    func ended(_ message: String) {
        state.withLock { state in
            state.isEnded = true
            state.delivery = Trouble(message: message, since: now())
        }
        say("\(name): \(message)")
    }

    func acknowledged(_ position: LogPosition) { state.withLock { $0.figures.position = position } }

    func skipped(_ skipped: SkippedRecords) {
        state.withLock { $0.figures.skipped += skipped.records }
        let count =
            switch (skipped.isExact, skipped.records) {
            case (true, let records): "\(records)"
            case (false, 0): "nobody knows how many"
            case (false, let records): "at least \(records)"
            }
        let why =
            switch skipped.cause {
            case .deleted: "were removed from the log before they were delivered: let tattle keep more, --keep-bytes"
            case .damaged: "are in a compressed file that is damaged"
            case .tooLong: "are longer than any record"
            }
        let notice = letters == nil ? "" : "; a record of its own, records_skipped, tells of it there"
        say("\(name): \(count) records \(why)\(notice)")
    }

    func cannotRead(_ message: String) {
        let isNew = state.withLock { state in
            defer { state.reading = Trouble(message: message, since: state.reading?.since ?? now()) }
            return state.reading == nil
        }
        if isNew { say("\(name): \(message); tried again until it goes") }
    }

    /// The newest file, or what is left of the log, cannot be read to its end.
    func isDamaged(_ file: String) {
        let isNew = state.withLock { state in
            defer { state.damagedFile = file }
            return state.damagedFile != file
        }
        guard isNew else { return }
        let notice = letters == nil ? "" : "; records_skipped tells of it in front of what will follow"
        say("\(name): '\(file)' is damaged: what is behind the damage cannot be delivered\(notice)")
    }

    func canRead() {
        let wasNot = state.withLock { state in
            defer { state.reading = nil }
            return state.reading != nil
        }
        if wasNot { say("\(name): the log can be read again") }
    }

    /// A checkpoint was written to a path, or not: 0 or an errno.
    func saved(_ code: Int32, to path: String) {
        let line: String? = state.withLock { state in
            guard code != 0 else {
                defer { state.saving = nil }
                return state.saving == nil ? nil : "checkpoints are written again"
            }
            let message = "the checkpoint '\(path)' cannot be written: \(writingFailure(code))"
            defer { state.saving = Trouble(message: message, since: state.saving?.since ?? now()) }
            return state.saving == nil ? "\(message); it goes on, and after a restart some records come twice" : nil
        }
        if let line { say("\(name): \(line)") }
    }

    /// Tells when it falls behind by a minute, and each time that this doubles, and when that is over.
    func isBehind(_ backlog: Backlog) {
        let line: String? = state.withLock { state in
            guard !state.isEnded else { return nil }
            let seconds = backlog.seconds ?? 0
            if let told = state.toldLag {
                if backlog.bytes == 0 || seconds < 10 {
                    state.toldLag = nil
                    return "is not behind any more"
                }
                guard seconds >= told * 2 else { return nil }
            } else if seconds < 60 {
                return nil
            }
            state.toldLag = seconds
            let records = backlog.records.map { ", \($0) records" } ?? ""
            return "is behind by \(backlog.bytes) bytes\(records), \(seconds) s"
        }
        if let line { say("\(name): \(line)") }
    }
}
