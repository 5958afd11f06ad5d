/// How it stands with every destination: what `tattle-ship status` reads.
public struct ShipStatus: Codable, Sendable, Equatable {
    /// One destination.
    public struct Destination: Codable, Sendable, Equatable {
        /// What it is called.
        public var name: String
        /// Records that were acknowledged since the start.
        public var deliveredRecords: UInt64
        /// Bytes of them.
        public var deliveredBytes: UInt64
        /// Records that went to the dead letters since the start.
        public var rejectedRecords: UInt64
        /// Records that were gone before they were delivered, at least.
        public var skippedRecords: UInt64
        /// Batches that were acknowledged.
        public var batches: UInt64
        /// Tries that failed.
        public var retries: UInt64
        /// Records a second, over the last minute or since the start.
        public var recordsPerSecond: Double
        /// Bytes that are not delivered, of compressed files those on the disk.
        public var behindBytes: UInt64
        /// Records that are not delivered; nil: nobody knows.
        public var behindRecords: UInt64?
        /// Seconds between the last delivered record and the newest; nil: nobody knows.
        public var behindSeconds: UInt64?
        /// What is in the way; nil: nothing.
        public var trouble: String?
        /// Since when, seconds since 1970.
        public var troubleSince: Int64?
        /// When something was acknowledged last, seconds since 1970.
        public var lastDelivery: Int64?
        /// The file that is being delivered; nil: none yet.
        public var file: String?
        /// How far, uncompressed bytes.
        public var offset: UInt64?
    }

    /// The version that wrote it.
    public var version: String
    /// Its process.
    public var pid: Int32
    /// When it started, seconds since 1970.
    public var started: Int64
    /// When this was written, seconds since 1970.
    public var updated: Int64
    /// Whether it has ended since, as far as it could say so.
    public var isEnded: Bool
    /// The folder that is read.
    public var folder: String
    /// Every destination.
    public var destinations: [Destination]

    /// Whether a destination has trouble, it does not run, or nobody knows how it stands.
    ///
    /// - Parameter now: seconds since 1970.
    public func needsAttention(now: Int64, isRunning: Bool) -> Bool {
        !isRunning || isEnded || isOld(now) || destinations.contains { $0.trouble != nil }
    }

    /// Whether it is older than it could be.
    private func isOld(_ now: Int64) -> Bool { now - updated > 60 }

    /// For a person.
    ///
    /// - Parameter now: seconds since 1970.
    public func text(now: Int64, isRunning: Bool) -> String {
        var text = "tattle-ship \(version) reads \(folder)"
        if isRunning {
            text += " for \(Self.age(now - started)) (pid \(pid))"
            if isOld(now) { text += "; but this is \(Self.age(now - updated)) old: it cannot write how it stands" }
        } else if isEnded {
            text += ", and ended \(Self.age(now - updated)) ago"
        } else {
            text += "; it does not run: it was killed, \(Self.age(now - updated)) ago at most (pid \(pid))"
        }
        text += "\n"
        for destination in destinations {
            text += "\n\(destination.name)\n"
            if let trouble = destination.trouble {
                text += "  TROUBLE    \(trouble)"
                if let since = destination.troubleSince { text += " (for \(Self.age(now - since)))" }
                text += "\n"
            }
            text += "  delivered  \(destination.deliveredRecords) records, \(Self.size(destination.deliveredBytes))"
            text += ", \(Int(destination.recordsPerSecond.rounded())) records/s"
            if let last = destination.lastDelivery { text += ", last \(Self.age(now - last)) ago" }
            text += "\n  behind     "
            if destination.behindBytes == 0 {
                text += "nothing\n"
            } else {
                text += Self.size(destination.behindBytes)
                if let records = destination.behindRecords { text += ", \(records) records" }
                if let seconds = destination.behindSeconds { text += ", \(Self.age(Int64(clamping: seconds)))" }
                text += "\n"
            }
            if destination.rejectedRecords > 0 { text += "  dead       \(destination.rejectedRecords) records\n" }
            if destination.skippedRecords > 0 { text += "  skipped    \(destination.skippedRecords) records\n" }
            if destination.retries > 0 { text += "  retries    \(destination.retries)\n" }
        }
        return text
    }

    private static func age(_ seconds: Int64) -> String {
        switch max(seconds, 0) {
        case let seconds where seconds < 120: "\(seconds) s"
        case let seconds where seconds < 7200: "\(seconds / 60) min"
        case let seconds where seconds < 172_800: "\(seconds / 3600) h"
        case let seconds: "\(seconds / 86_400) d"
        }
    }

    private static func size(_ bytes: UInt64) -> String {
        switch bytes {
        case ..<10_000: "\(bytes) B"
        case ..<10_000_000: "\(bytes / 1000) kB"
        case ..<10_000_000_000: "\(bytes / 1_000_000) MB"
        default: "\(bytes / 1_000_000_000) GB"
        }
    }
}
