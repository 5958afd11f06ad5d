internal import Glibc

/// Records on their way to a receiver: whole lines of a log, one after the other as they stood there.
public struct Batch: Sendable {
    /// The lines, each with its line feed.
    public let bytes: [UInt8]
    /// Where each line stands in ``bytes``, without its line feed; in order, never empty.
    public let lines: [Range<Int>]

    /// Makes a batch.
    ///
    /// - Parameter bytes: whole lines, each ended by a line feed; empty lines are no records.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
        lines = unsafe bytes.withUnsafeBytes { buffer in
            var lines: [Range<Int>] = []
            var start = 0
            // memchr gives an address within the buffer, or none.
            while start < buffer.count, let base = buffer.baseAddress,
                let found = unsafe memchr(base + start, 0x0a, buffer.count - start)
            {
                let end = unsafe UnsafeRawPointer(found) - base
                if end > start { lines.append(start..<end) }
                start = end + 1
            }
            return lines
        }
    }

    private init(bytes: [UInt8], lines: [Range<Int>]) {
        (self.bytes, self.lines) = (bytes, lines)
    }

    /// The batch of some of the lines only, in order.
    ///
    /// - Parameter indices: of ``lines``, ascending.
    public func picking(_ indices: some Sequence<Int>) -> Batch {
        Batch(bytes: bytes, lines: indices.map { lines[$0] })
    }

    /// Its two halves; nil: it has one line, or none.
    public var halves: (first: Batch, second: Batch)? {
        guard lines.count > 1 else { return nil }
        let middle = lines.count / 2
        return (picking(0..<middle), picking(middle..<lines.count))
    }
}
