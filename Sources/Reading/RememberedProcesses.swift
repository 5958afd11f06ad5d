import Model

/// What processes contributed to their last lines: most lines are of a process that wrote one a moment ago.
///
/// One place for each low part of a pid, as the writer has.
struct RememberedProcesses {
    private struct Entry {
        var head: [UInt8] = []
        var process = ProcessFields()
        var detailBytes: [UInt8] = []
        var details = DetailFields()
        var place = PlaceFields()
        var source: String?
        var attribution: Attribution?
    }

    private static let places = 256
    private var entries = [Entry](repeating: Entry(), count: places)
    /// Longer ones are not remembered, so that all of them stay under 4 MiB.
    private static let longest = 8192
    private static let longestPrefix = "\"pid\":".utf8.count

    /// The process of which the members from `index` on tell the same as a line before did, up to the value of `thread`.
    func head(at index: Int, in bytes: [UInt8], before end: Int) -> (process: ProcessFields, length: Int, slot: Int)? {
        guard let slot = Self.slot(at: index, in: bytes, before: end) else { return nil }
        let entry = entries[slot]
        // Another member has to follow: a number may go on where the remembered one ends.
        guard !entry.head.isEmpty, index + entry.head.count < end, bytes.hasBytes(of: entry.head, at: index),
            bytes[index + entry.head.count] == UInt8(ascii: ",")
        else { return nil }
        return (entry.process, entry.head.count, slot)
    }

    /// The place of the pid that the members from `index` on begin with; nil: they begin with another.
    private static func slot(at index: Int, in bytes: [UInt8], before end: Int) -> Int? {
        guard index + longestPrefix + 11 < end, JSONKey(bytes, index..<index + longestPrefix).is("\"pid\":") else {
            return nil
        }
        var pid = 0
        for byte in bytes[(index + longestPrefix)..<(index + longestPrefix + 10)] {
            guard byte >= 48, byte <= 57 else { break }
            pid = pid &* 10 &+ Int(byte &- 48)
        }
        return pid & (places - 1)
    }

    /// Remembers a process, whose members stand at `range`, up to the value of `thread`.
    ///
    /// - Returns: where; nil: it is not remembered.
    mutating func keep(_ process: ProcessFields, of bytes: [UInt8], _ range: Range<Int>) -> Int? {
        // The scanner goes on with a member's name: what is remembered ends before the comma of `thread`.
        let tail = ",\"thread\":".utf8.count
        guard range.count <= Self.longest, range.count > tail,
            let slot = Self.slot(at: range.lowerBound, in: bytes, before: range.upperBound),
            JSONKey(bytes, range.upperBound - tail..<range.upperBound).is(",\"thread\":")
        else { return nil }
        entries[slot] = Entry()
        entries[slot].head = Array(bytes[range.lowerBound..<range.upperBound - tail])
        entries[slot].process = process
        return slot
    }
}

extension RememberedProcesses {
    /// The details of the process at `slot`, if their bytes stand at `index`.
    func details(at index: Int, in bytes: [UInt8], before end: Int, slot: Int?) -> (details: DetailFields, length: Int)?
    {
        guard let slot, !entries[slot].detailBytes.isEmpty, index + entries[slot].detailBytes.count <= end,
            bytes.hasBytes(of: entries[slot].detailBytes, at: index)
        else { return nil }
        return (entries[slot].details, entries[slot].detailBytes.count)
    }

    /// Remembers the details of the process at `slot`.
    ///
    /// - Returns: whether they are remembered.
    mutating func keep(_ details: DetailFields, of bytes: [UInt8], _ range: Range<Int>, slot: Int?) -> Bool {
        guard let slot, range.count <= Self.longest else { return false }
        entries[slot].detailBytes = Array(bytes[range])
        entries[slot].details = details
        entries[slot].attribution = nil
        return true
    }

    /// Who it was, if all that is known is as it was in a line before.
    func attribution(_ fields: RecordFields) -> Attribution? {
        guard let slot = fields.headSlot, let attribution = entries[slot].attribution,
            fields.hasRememberedDetails, entries[slot].place == fields.place,
            entries[slot].source == fields.tattle.source
        else { return nil }
        return attribution
    }

    /// Remembers who it was.
    mutating func keep(_ attribution: Attribution, of fields: RecordFields) {
        guard let slot = fields.headSlot, fields.hasRememberedDetails else { return }
        entries[slot].place = fields.place
        entries[slot].source = fields.tattle.source
        entries[slot].attribution = attribution
    }
}
