public import Beacons
internal import Model
internal import Reading

/// Reads the calls of logs of several forms: Zeek's `conn`, `http`, `ssl` and `dns`, Sysmon's event 3, OCSF's Network
/// Activity, values with named columns, tattle's own; plain, gzip or zstd.
public struct CallLogs {
    /// One call of a log.
    public struct Entry: Sendable {
        /// The call.
        public var call: Call
        /// What is known of the caller; nil: nothing.
        public var traits: CallerTraits?
        /// The bytes that were sent with the headers of IP and TCP; nil: not known.
        public var packetBytes: UInt64?
        /// What was counted of the flow that began with the call, which another entry tells of; nil: this is the call.
        public var flow: FlowBeats?
    }

    /// What reading came to.
    public struct Result: Sendable, Hashable {
        /// Lines.
        public var lines = 0
        /// Lines that could not be read.
        public var malformed = 0
        /// Files that could not be read to their end.
        public var broken = 0

        /// Whether all of it was read.
        public var isComplete: Bool { malformed == 0 && broken == 0 }
    }

    /// How far reading has got.
    public struct Progress: Sendable, Hashable {
        /// Lines so far.
        public var lines: Int
        /// The share of all files' bytes, 0 to 1; nil: one is a pipe.
        public var share: Double?
    }

    private let paths: [String]
    /// Bytes of all files; nil: one is a pipe.
    private var size: Int?
    /// Whether one of the logs tells of connections by itself.
    private var hasConnections = false
    /// Bytes of those that were read to their end.
    private var passed = 0
    private var maker = CallMaker()
    private var result = Result()

    /// Of lines that cannot be read, so many of a file are named.
    private static let mostComplaints = 5

    /// Makes a reader.
    ///
    /// - Parameter paths: files, folders of tattle's, or `-` for the standard input.
    public init(paths: [String]) { self.paths = paths }

    /// Whether all of these can be read a second time: none is a pipe or the standard input.
    public static func canBeReadAgain(_ paths: [String]) -> Bool {
        paths.allSatisfy { CallLog.canBeReadAgain($0) }
    }

    /// Reads everything once.
    ///
    /// - Parameters:
    ///   - progress: called now and then.
    ///   - complain: called with what cannot be read, in words.
    ///   - take: called with each call.
    public mutating func read(
        progress: (Progress) -> Void = { _ in }, complain: (String) -> Void, take: (Entry) -> Void
    ) -> Result {
        result = Result()
        passed = 0
        // What comes first is read first: of the times of a pair only the last ones are kept.
        let logs = paths.map { CallLog($0) }.inOrderOfTime
        size = logs.reduce(0) { sum, log in sum.flatMap { sum in log.size.map { sum + $0 } } }
        hasConnections = logs.contains { $0.kind == "conn" }
        // What only names connections is read before them.
        let naming = logs.filter { names(connections: $0.kind) }
        for log in naming + logs.filter({ !names(connections: $0.kind) }) {
            guard log.isFolder else {
                read(log, progress: progress, complain: complain, take: take)
                continue
            }
            // A folder's are looked for one after the other: the next may be compressed while this one is read.
            var files = LogFiles([log.path])
            do throws(ReadingError) {
                while let file = try files.next(isFollowing: false) {
                    read(CallLog(file: file), progress: progress, complain: complain, take: take)
                }
            } catch {
                result.broken += 1
                complain(error.description)
            }
        }
        if maker.forgottenNames > 0 {
            complain("the names of \(maker.forgottenNames) connections are too many to be remembered")
        }
        return result
    }

    /// Whether a log of Zeek's only has names for connections that another one tells of.
    private func names(connections kind: String?) -> Bool { hasConnections && (kind == "http" || kind == "ssl") }

    private mutating func read(
        _ log: CallLog, progress: (Progress) -> Void, complain: (String) -> Void, take: (Entry) -> Void
    ) {
        var complaints = 0
        var parser = RowParser()
        var records = OwnRecords()
        do throws(ReadingError) {
            while let line = try log.next() {
                result.lines += 1
                if result.lines % 65_536 == 0 {
                    progress(Progress(lines: result.lines, share: share(of: passed + log.readCount)))
                }
                do throws(RowParser.Refusal) {
                    if line.isTooLong { throw RowParser.Refusal(reason: "it is too long") }
                    try handle(line.bytes, line.range, &parser, &records, take: take)
                } catch {
                    result.malformed += 1
                    complaints += 1
                    if complaints <= Self.mostComplaints {
                        complain("\(log.path), line \(line.number): \(error.reason)")
                    }
                }
            }
            passed += log.readCount
        } catch {
            result.broken += 1
            complain(error.description)
        }
        log.close()
        if complaints > Self.mostComplaints {
            complain("\(log.path): \(complaints - Self.mostComplaints) more lines that cannot be read")
        }
    }

    private func share(of bytes: Int) -> Double? {
        size.map { $0 > 0 ? min(Double(bytes) / Double($0), 1) : 1 }
    }

    private mutating func handle(
        _ bytes: [UInt8], _ range: Range<Int>, _ parser: inout RowParser, _ records: inout OwnRecords,
        take: (Entry) -> Void
    ) throws(RowParser.Refusal) {
        switch try parser.parse(bytes, range) {
        case .header: return
        case .row(let row):
            if parser.path == "conn" { hasConnections = true }
            if names(connections: parser.path) {
                maker.remember(row)
                // A further request on one connection is a call of its own.
                guard row.number(.depth) ?? 1 > 1 else { return }
            }
            do throws(CallMaker.Refusal) {
                guard
                    case .call(let call, let traits, let packetBytes) = try maker.make(
                        row, isName: parser.path == "dns")
                else {
                    return
                }
                take(Entry(call: call, traits: traits, packetBytes: packetBytes))
            } catch {
                throw RowParser.Refusal(reason: error.reason)
            }
        case .record:
            do throws(Malformed) {
                guard let entry = try records.call(bytes, range) else { return }
                take(entry)
            } catch {
                throw RowParser.Refusal(reason: error.description)
            }
        }
    }
}
