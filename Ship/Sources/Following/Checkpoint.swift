internal import Logs

/// How far a destination's records were acknowledged, as text: a `name value` on each line, the last one checks the others.
public struct Checkpoint: Sendable, Hashable {
    /// The destination's name.
    public var destination: String
    /// Behind the last record that was acknowledged.
    public var position: LogPosition

    private static let title = "tattle-ship checkpoint 1"

    /// Makes one.
    public init(destination: String, position: LogPosition) {
        (self.destination, self.position) = (destination, position)
    }

    /// Its text.
    public var text: String {
        var lines = [
            Self.title, "destination \(destination)", "file \(position.file)",
            "first-line \(String(position.firstLine, radix: 16))", "offset \(position.offset)",
        ]
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
        position = LogPosition(file: file, firstLine: firstLine, offset: offset)
        position.run = values["run"]
        position.sequence = values["sequence"].flatMap { UInt64($0) }
        position.time = values["time"]
    }
}
