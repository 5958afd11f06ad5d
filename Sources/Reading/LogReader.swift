internal import Glibc

/// Reads logs in ECS, one file after the other: plain, gzip or zstd, in constant memory.
///
/// A line that is no record is told by its number, and the rest goes on.
public struct LogReader: ~Copyable {
    /// What comes of a line.
    public enum Entry: Sendable {
        /// A record.
        case record(LogRecord)
        /// No record: which line of which file, and why.
        case malformed(path: String, line: Int, Malformed)
    }

    /// What records so far had in common, and the names of users.
    public private(set) var parser = RecordParser()
    private var files: LogFiles
    private let isFollowing: Bool
    private var current: LineReader?
    /// What is read, or was last; nil: nothing yet, or it could not be read.
    private var path: String?
    /// Whether what the current file holds now is all: nobody writes to it any more.
    private var isComplete = false

    /// Microseconds until it is looked again for more: soon enough for eyes.
    private static let pause: UInt32 = 200_000

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - paths: files, folders of tattle's, or `-` for the standard input.
    ///   - isFollowing: whether to wait at the end for what the last one still gets, and for the file that takes its place.
    public init(paths: [String], isFollowing: Bool = false) {
        files = LogFiles(paths)
        self.isFollowing = isFollowing
    }

    /// What comes of the next line; nil: there is no more.
    ///
    /// - Throws: ``ReadingError``; the next call goes on with the next file.
    public mutating func next() throws(ReadingError) -> Entry? {
        while true {
            do throws(ReadingError) {
                if current == nil, try !open() {
                    // What could not be read stays so; its folder may still get another file.
                    guard isFollowing, files.mayHaveNext else { return nil }
                    usleep(Self.pause)
                    continue
                }
                if let entry = try entry() { return entry }
            } catch {
                current = nil
                path = nil
                throw error
            }
            if isComplete {
                current = nil
            } else if let source = current?.source, source.isCut {
                // It is opened again: nothing else tells where what is in it now begins.
                current = nil
                throw ReadingError(path: source.path, reason: .cut)
            } else if files.hasNext || current?.source.isReplaced == true {
                // What was written between the end that was seen and the beginning of the next file is read first.
                isComplete = true
            } else {
                usleep(Self.pause)
            }
        }
    }

    /// Opens the next file, or the one that took the place of the one before; false: there is none.
    private mutating func open() throws(ReadingError) -> Bool {
        if let next = try files.next(isFollowing: isFollowing) {
            path = next
        } else if !isFollowing {
            return false
        }
        guard let path else { return false }
        isComplete = !isFollowing
        current = LineReader(try LogBytes(path: path))
        return true
    }

    /// What comes of the next line of the current file; nil: there is none, yet.
    private mutating func entry() throws(ReadingError) -> Entry? {
        guard let path, let line = try current?.line(isLast: isComplete), let bytes = current?.bytes else {
            return nil
        }
        do throws(Malformed) {
            if line.isTooLong { throw .tooLong }
            return .record(try parser.parse(bytes, line.range))
        } catch {
            return .malformed(path: path, line: line.number, error)
        }
    }
}
