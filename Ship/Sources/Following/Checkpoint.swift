internal import Glibc
internal import Logs

/// How far a destination's records were acknowledged, as text: a `name value` on each line, the last one checks the others.
public struct Checkpoint: Sendable, Hashable {
    /// The destination's name.
    public var destination: String
    /// The folder of the log, without links in its path; nil: it does not say.
    public var log: String?
    /// Behind the last record that was acknowledged.
    public var position: LogPosition

    private static let title = "tattle-ship checkpoint 1"

    /// Makes one.
    public init(destination: String, log: String?, position: LogPosition) {
        (self.destination, self.log, self.position) = (destination, log, position)
    }

    /// Whether it says that it is of another log than the one in a folder.
    public func isOfAnotherLog(than folder: String) -> Bool { log.map { $0 != Self.place(of: folder) } ?? false }

    /// A folder's path without links in it, as it stands in a checkpoint; nil: it has none that could.
    static func place(of folder: String) -> String? {
        // The path is a NUL-terminated copy that lives through the call; the answer is one too, and is freed.
        guard let resolved = unsafe realpath(folder, nil) else { return nil }
        defer { unsafe free(resolved) }
        let place = unsafe String(cString: resolved)
        return place.contains("\n") ? nil : place
    }

    /// Its text.
    public var text: String {
        var lines = [
            Self.title, "destination \(destination)", "file \(position.file)",
            "first-line \(String(position.firstLine, radix: 16))", "offset \(position.offset)",
        ]
        if let log { lines.append("log \(log)") }
        if let run = position.run { lines.append("run \(run)") }
        if let sequence = position.sequence { lines.append("sequence \(sequence)") }
        if let time = position.time { lines.append("time \(time)") }
        let body = lines.joined(separator: "\n") + "\n"
        return body + "check \(String(fingerprint(body.utf8), radix: 16))\n"
    }

    /// Reads a text; nil: it is damaged, or none.
    public init?(text: String) {
        guard text.hasSuffix("\n"), let end = text.dropLast().lastIndex(of: "\n") else { return nil }
        let body = text[...end]
        guard text[text.index(after: end)...] == "check \(String(fingerprint(body.utf8), radix: 16))\n",
            body.hasPrefix("\(Self.title)\n")
        else { return nil }
        var values: [Substring: String] = [:]
        for line in body.split(separator: "\n").dropFirst() {
            let parts = line.split(separator: " ", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = String(parts[1]) }
        }
        guard let destination = values["destination"], let file = values["file"].flatMap({ LogFileName($0) }),
            let firstLine = values["first-line"].flatMap({ UInt64($0, radix: 16) }),
            let offset = values["offset"].flatMap({ UInt64($0) })
        else { return nil }
        self.destination = destination
        log = values["log"]
        position = LogPosition(file: file, firstLine: firstLine, offset: offset)
        position.run = values["run"]
        position.sequence = values["sequence"].flatMap { UInt64($0) }
        position.time = values["time"]
    }
}
