public import Model

/// What is wrong with a configuration, and what its rules would have done to a log: for a person, and for a program.
public struct ConfigurationReport: Sendable {
    /// Something that is wrong.
    public struct Problem: Sendable, Hashable {
        /// Its line, from 1; 0: it is of the file.
        public var line: Int
        /// Its column, from 1; 0: it is of the file.
        public var column: Int
        /// What it is.
        public var message: String

        /// Makes a problem.
        public init(line: Int, column: Int, message: String) {
            self.line = line
            self.column = column
            self.message = message
        }
    }

    /// A log that was put to the rules.
    public struct Trial: Sendable, Hashable {
        /// Records of attempts, of their outcomes and ends, and of what was there before.
        public var records: UInt64 = 0
        /// Of them: those that would be a line.
        public var written: UInt64 = 0
        /// Of them: those that no rule was for.
        public var unmatched: UInt64 = 0
        /// Attempts that would be no line of their own.
        public var withheldAttempts: UInt64 = 0
        /// Runs that the records are of.
        public var runs: UInt64 = 0

        /// Nothing yet.
        public init() {}
    }

    /// The file.
    public var path: String
    /// Everything that is wrong with it, by place.
    public var problems: [Problem]
    /// Its rules, with what they did in ``trial``.
    public var rules: [RuleCount]
    /// What came of a log; nil: none was given.
    public var trial: Trial?

    /// Makes a report.
    public init(path: String, problems: [Problem] = [], rules: [RuleCount] = [], trial: Trial? = nil) {
        self.path = path
        self.problems = problems
        self.rules = rules
        self.trial = trial
    }

    /// The problems, or a table of the rules.
    public var text: [UInt8] {
        var buffer = LineBuffer(capacity: 4096)
        for problem in problems {
            buffer.shown(path)
            if problem.line > 0 {
                for number in [problem.line, problem.column] {
                    buffer.byte(UInt8(ascii: ":"))
                    buffer.decimal(UInt(number))
                }
            }
            buffer.literal(": ")
            buffer.shown(problem.message)
            buffer.byte(UInt8(ascii: "\n"))
        }
        guard problems.isEmpty else { return buffer.copy() }
        buffer.shown(path)
        buffer.literal(": ")
        buffer.decimal(UInt(rules.count))
        buffer.literal(rules.count == 1 ? " rule, nothing is wrong\n" : " rules, nothing is wrong\n")
        guard let trial else { return buffer.copy() }
        table(trial, into: &buffer)
        return buffer.copy()
    }

    private func table(_ trial: Trial, into buffer: inout LineBuffer) {
        let rows =
            rules.map { ($0.name, $0.action.rawValue, $0.matched, $0.withheld, $0.summaries) }
            + [("(no rule)", "keep", trial.unmatched, 0, 0)]
        let width = max(4, rows.map(\.0.unicodeScalars.count).max() ?? 0)
        buffer.padded("RULE", to: width + 2)
        buffer.literal("ACTION         MATCHED    WITHHELD   SUMMARIES\n")
        for (name, action, matched, withheld, summaries) in rows {
            buffer.padded(name, to: width + 2)
            buffer.padded(action, to: 10)
            buffer.right(matched, 12)
            buffer.right(withheld, 12)
            buffer.right(summaries, 12)
            buffer.byte(UInt8(ascii: "\n"))
        }
        let summaries = rules.reduce(UInt64(0)) { $0 &+ $1.summaries }
        buffer.literal("of ")
        buffer.decimal(trial.records)
        buffer.literal(" records ")
        buffer.decimal(trial.written)
        buffer.literal(" would be written, with ")
        buffer.decimal(summaries)
        buffer.literal(summaries == 1 ? " summary, and " : " summaries, and ")
        buffer.decimal(trial.records &- trial.written)
        buffer.literal(" not (")
        buffer.decimal(trial.withheldAttempts)
        buffer.literal(trial.withheldAttempts == 1 ? " attempt)\n" : " attempts)\n")
    }

    /// One object with a newline.
    public var json: [UInt8] {
        var buffer = LineBuffer(capacity: 4096)
        buffer.literal("{\"file\":\"")
        buffer.text(path, limit: 8 << 10)
        buffer.literal("\",\"problems\":[")
        for (index, problem) in problems.enumerated() {
            buffer.literal(index == 0 ? "{" : ",{")
            if problem.line > 0 {
                buffer.literal("\"line\":")
                buffer.decimal(UInt(problem.line))
                buffer.literal(",\"column\":")
                buffer.decimal(UInt(problem.column))
                buffer.byte(UInt8(ascii: ","))
            }
            buffer.literal("\"message\":\"")
            buffer.text(problem.message, limit: 4 << 10)
            buffer.literal("\"}")
        }
        buffer.literal("]")
        if problems.isEmpty {
            if rules.isEmpty { buffer.literal(",\"rules\":[]") } else { buffer.rules(rules) }
        }
        if let trial {
            buffer.literal(",\"log\":{\"records\":")
            buffer.decimal(trial.records)
            buffer.literal(",\"written\":")
            buffer.decimal(trial.written)
            buffer.literal(",\"unmatched\":")
            buffer.decimal(trial.unmatched)
            buffer.literal(",\"withheld_attempts\":")
            buffer.decimal(trial.withheldAttempts)
            buffer.literal(",\"runs\":")
            buffer.decimal(trial.runs)
            buffer.literal("}")
        }
        buffer.literal("}\n")
        return buffer.copy()
    }
}

extension LineBuffer {
    /// Appends a text for a terminal: what is no letter to look at is shown escaped.
    fileprivate mutating func shown(_ text: String) {
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let (scalar, length) = decodeScalar(bytes, at: index)
            visible(bytes, index..<index + length, scalar)
            index += length
        }
    }

    /// Appends a text and spaces up to a width in characters.
    fileprivate mutating func padded(_ text: String, to width: Int) {
        shown(text)
        for _ in 0..<max(width - text.unicodeScalars.count, 0) { byte(UInt8(ascii: " ")) }
    }

    /// Appends a number at the right of a column.
    fileprivate mutating func right(_ number: UInt64, _ width: Int) {
        let digits = String(number)
        for _ in 0..<max(width - digits.utf8.count, 0) { byte(UInt8(ascii: " ")) }
        text(digits)
    }
}
