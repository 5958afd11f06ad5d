internal import Reading

/// The records of logs; what is none is complained of and left out.
struct LogEntries: ~Copyable {
    private var reader: LogReader
    /// Whether everything so far was a record that could be read.
    private(set) var isComplete = true
    /// Complaints in full, at most: a file that is no log at all must not fill the screen.
    private static let mostComplaints = 20
    private var complaints = 0

    init(_ paths: [String], isFollowing: Bool = false) {
        reader = LogReader(paths: paths, isFollowing: isFollowing)
    }

    /// The names of users, as of the records so far.
    var names: RecordedNames { reader.parser.names }

    /// The next record; nil: there is no more.
    mutating func next(complain: (String) -> Void) -> LogRecord? {
        while true {
            do throws(ReadingError) {
                switch try reader.next() {
                case nil:
                    if complaints > Self.mostComplaints {
                        complain("\(complaints - Self.mostComplaints) more like these")
                    }
                    return nil
                case .record(let record): return record
                case .malformed(let path, let line, let problem):
                    count("\(path), line \(line): \(problem)", complain)
                }
            } catch {
                count(error.description, complain)
            }
        }
    }

    private mutating func count(_ problem: String, _ complain: (String) -> Void) {
        isComplete = false
        complaints += 1
        if complaints <= Self.mostComplaints { complain(problem) }
    }
}
