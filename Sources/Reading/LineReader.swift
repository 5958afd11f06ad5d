internal import Glibc

/// The lines of one file, in constant memory.
package struct LineReader: ~Copyable {
    /// One line.
    package struct Line {
        /// Where it is in ``bytes``, without its newline.
        package var range: Range<Int>
        /// Its number in the file, from 1.
        package var number: Int
        /// Whether there was more of it than is kept.
        package var isTooLong = false
    }

    /// What was read and not passed yet, and the last line.
    package private(set) var bytes: [UInt8] = []
    package let source: LogBytes
    private var next = 0
    private var searched = 0
    private var number = 0
    private var isDropping = false

    /// Longer than any record: what is beyond is dropped.
    static let longest = 1 << 20

    /// Begins with a file.
    package init(_ source: LogBytes) { self.source = source }

    /// The next line.
    ///
    /// - Parameter isLast: whether what has no newline at the end of the file is a line: nobody goes on with it.
    /// - Returns: nil: there is none, yet.
    package mutating func line(isLast: Bool) throws(ReadingError) -> Line? {
        while true {
            if let end = newline() {
                defer { (next, searched) = (end + 1, end + 1) }
                if let line = line(next..<end) { return line }
                continue
            }
            searched = bytes.count
            if bytes.count - next > Self.longest {
                // The number is told at its end.
                isDropping = true
                next = bytes.count
            }
            bytes.removeSubrange(..<next)
            (next, searched) = (0, bytes.count)
            if try source.read(into: &bytes) { continue }
            guard isLast, !bytes.isEmpty || isDropping else { return nil }
            defer { (next, searched) = (bytes.count, bytes.count) }
            return line(0..<bytes.count)
        }
    }

    /// Counts a line; nil: it is empty.
    private mutating func line(_ range: Range<Int>) -> Line? {
        number += 1
        defer { isDropping = false }
        if range.isEmpty, !isDropping { return nil }
        return Line(range: range, number: number, isTooLong: isDropping || range.count > Self.longest)
    }

    private func newline() -> Int? {
        guard searched < bytes.count else { return nil }
        return unsafe bytes.withUnsafeBytes { buffer in
            // Within the buffer; memchr gives an address in it or none.
            guard let start = buffer.baseAddress,
                let found = unsafe memchr(start + searched, 0x0a, buffer.count - searched)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - start
        }
    }
}
