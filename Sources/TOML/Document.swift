/// Where something stands in a text; both count from 1, columns in characters (Unicode scalars).
public struct Position: Sendable, Hashable {
    /// The line.
    public var line: Int
    /// The column.
    public var column: Int

    /// Makes a position.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// What is wrong with a text, and where.
public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where it is.
    public var position: Position
    /// What it is, in words for whoever wrote the text.
    public var message: String

    /// Makes a problem.
    public init(_ position: Position, _ message: String) {
        self.position = position
        self.message = message
    }

    /// `LINE:COLUMN: MESSAGE`.
    public var description: String { "\(position.line):\(position.column): \(message)" }
}

/// A value with its place.
public struct Value: Sendable, Hashable {
    /// What it is.
    public enum Content: Sendable, Hashable {
        /// A string.
        case string(String)
        /// A whole number.
        case integer(Int64)
        /// `true` or `false`.
        case boolean(Bool)
        /// Values in brackets.
        case array([Value])
    }

    /// What it is.
    public var content: Content
    /// Where it begins.
    public var position: Position

    /// Makes a value.
    public init(_ content: Content, at position: Position) {
        self.content = content
        self.position = position
    }
}

/// A key and what it is set to.
public struct Member: Sendable, Hashable {
    /// The key, without quotes.
    public var key: String
    /// Where the key begins.
    public var position: Position
    /// What it is set to.
    public var value: Value
}

/// A table with the members that follow its header.
public struct Table: Sendable, Hashable {
    /// Its name, one part for each dot; empty: the members in front of every header.
    public var name: [String]
    /// Whether its header has two brackets: one of several of that name.
    public var isArrayElement: Bool
    /// Where its header begins.
    public var position: Position
    /// In the order in which they stand.
    public var members: [Member] = []
}

/// A text in a subset of TOML 1.0, with the place of everything in it.
///
/// What it has: comments, keys bare or in quotes, tables and arrays of tables, strings on one line, whole numbers in decimal,
/// booleans, and arrays, which may go over lines. What it has not is refused by name: dotted keys, inline tables, strings over
/// several lines, floats, dates.
///
/// https://toml.io/en/v1.0.0
public struct Document: Sendable {
    /// The tables in the order in which they stand, the one without a header first.
    public private(set) var tables: [Table] = []
    /// Everything that is wrong, by place.
    ///
    /// A line with a problem is left out, the rest is read.
    public private(set) var problems: [Problem] = []

    /// Reads a text in UTF-8.
    public init(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let valid = String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix { $0 != "\u{fffd}" }
            let line = valid.reduce(1) { $0 + ($1 == "\n" ? 1 : 0) }
            let column = valid.reversed().prefix { $0 != "\n" }.count + 1
            problems = [Problem(Position(line: line, column: column), "this is not UTF-8")]
            return
        }
        var parser = Parser(text)
        parser.parse()
        (tables, problems) = (parser.tables, parser.problems)
    }
}
