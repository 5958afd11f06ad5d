/// Whole lines on their way to the writer's thread, and where among them files begin.
struct Batch: Sendable {
    /// Whole lines.
    var bytes: [UInt8] = []
    /// Where files begin, in the order of `bytes`; a log of one file has none.
    var starts: [FileStart] = []

    /// Whether there is nothing to write.
    var isEmpty: Bool { bytes.isEmpty }

    /// How many lines it holds.
    var lineCount: Int { newlines(bytes, bytes.indices) }

    /// Forgets the lines; keeps the memory up to so many bytes of it.
    mutating func removeAll(keeping limit: Int) {
        if bytes.capacity > limit { bytes = [] }
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
    }
}

/// A new file of a log's folder: what it begins with, and what it is called.
struct FileStart: Sendable {
    /// Where its first bytes stand among those of the batch.
    var offset = 0
    /// How many bytes come into being together with the file.
    var headCount: Int
    /// Its number in the run, from 0.
    var sequence: UInt64
    /// When, nanoseconds since 1970.
    var unixNanoseconds: UInt64
}
