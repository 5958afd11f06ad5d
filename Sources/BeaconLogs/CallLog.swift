internal import Glibc
internal import Reading

/// One log, of which the first lines are looked at before it is read: what log it is, and when it begins.
///
/// What can be read only once stays open meanwhile, and its first lines are kept.
final class CallLog {
    /// One line.
    struct Line {
        /// What it stands in.
        let bytes: [UInt8]
        /// Where, without its newline.
        let range: Range<Int>
        /// Its number, from 1.
        let number: Int
        /// Whether there was more of it than is kept.
        let isTooLong: Bool
    }

    /// As it was given; `-` is the standard input.
    let path: String
    /// Whether it is a folder: its files are logs of their own.
    let isFolder: Bool
    /// What Zeek calls the log; nil: it is none of Zeek's.
    private(set) var kind: String?
    /// The first time in it, nanoseconds since 1970; nil: none of its first lines has one.
    private(set) var firstNanoseconds: Int64?
    /// Its bytes, compressed as they are; nil: it is a pipe; 0: it can't be opened.
    private(set) var size: Int? = 0
    /// Lines that were read and not passed yet, the next one last.
    private var kept: [Line] = []
    private var reader: LineReader?
    /// Why the first lines could not be read.
    private var failure: ReadingError?

    /// So many lines are looked at for a time.
    private static let mostLines = 64

    /// Looks at the first lines, of a folder at those of its first file.
    ///
    /// That they can't be read is told when the log is read.
    init(_ path: String) {
        self.path = path
        var files = LogFiles([path])
        let first = try? files.next(isFollowing: false)
        isFolder = first != path
        guard !isFolder else {
            size = Self.size(ofFolder: path)
            firstNanoseconds = first.flatMap { CallLog($0).firstNanoseconds }
            return
        }
        do throws(ReadingError) {
            let source = try LogBytes(path: path)
            size = source.size
            reader = LineReader(source)
            try look()
        } catch {
            failure = error
        }
        // Many files at once would hold much memory.
        if Self.canBeReadAgain(path) {
            reader = nil
            failure = nil
            kept = []
        }
        kept.reverse()
    }

    /// Makes a log of a file of which nothing need be known before it is read.
    init(file path: String) {
        self.path = path
        isFolder = false
    }

    /// Bytes of all files that are in a folder now.
    private static func size(ofFolder path: String) -> Int {
        var files = LogFiles([path])
        var sum = 0
        // One that can't be read is complained of when it is to be read.
        while let file = try? files.next(isFollowing: false) { sum += (try? LogBytes(path: file).size) ?? 0 }
        return sum
    }

    /// Whether it can be read a second time from the start: it is no pipe.
    static func canBeReadAgain(_ path: String) -> Bool {
        guard path != "-" else { return false }
        var status = stat()
        // The path is a NUL-terminated copy, and `status` lives through the call, which only writes to it.
        guard unsafe stat(path, &status) == 0 else { return true }
        return [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
    }

    /// How many bytes were read so far, compressed as they are.
    var readCount: Int { reader?.source.readCount ?? 0 }

    /// The next line; nil: there is no more.
    func next() throws(ReadingError) -> Line? {
        if let line = kept.popLast() { return line }
        if let failure { throw failure }
        if reader == nil { reader = LineReader(try LogBytes(path: path)) }
        return try read()
    }

    /// Closes the file; what comes next is its beginning again.
    func close() { reader = nil }

    private func read() throws(ReadingError) -> Line? {
        guard let line = try reader?.line(isLast: true), let bytes = reader?.bytes else { return nil }
        return Line(bytes: bytes, range: line.range, number: line.number, isTooLong: line.isTooLong)
    }

    private func look() throws(ReadingError) {
        var parser = RowParser()
        var records = OutlineReader()
        while firstNanoseconds == nil, kept.count < Self.mostLines, let line = try read() {
            // A copy, so that reading goes on in the buffer that the line is of.
            kept.append(
                Line(
                    bytes: Array(line.bytes[line.range]), range: 0..<line.range.count, number: line.number,
                    isTooLong: line.isTooLong))
            // What is none is told of when it is read.
            switch try? parser.parse(line.bytes, line.range) {
            case .row(let row): firstNanoseconds = row.raw(.time).flatMap(TimeText.nanoseconds)
            case .record:
                firstNanoseconds = (try? records.read(line.bytes, line.range))?.time.map { Int64(clamping: $0) }
            case .header, nil: break
            }
        }
        kind = parser.path
    }
}

extension [CallLog] {
    /// The same logs, the earlier before the later; what has no time stays where it is.
    var inOrderOfTime: [CallLog] {
        let places = indices.filter { self[$0].firstNanoseconds != nil }
        // Of the same time, as they were given.
        let sorted = places.sorted {
            (self[$0].firstNanoseconds ?? 0, $0) < (self[$1].firstNanoseconds ?? 0, $1)
        }
        var result = self
        for (place, other) in zip(places, sorted) { result[place] = self[other] }
        return result
    }
}
