/// Goes through a text, scalar by scalar, and knows where it is.
struct Scanner {
    private let scalars: [Unicode.Scalar]
    private var index = 0
    private(set) var position = Position(line: 1, column: 1)

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        // A byte order mark is none of the text.
        if scalars.first == "\u{feff}" { index = 1 }
    }

    /// The next one; nil: the text is over.
    var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    /// Whether the line is over here.
    var isAtLineEnd: Bool { next == nil || next == "\n" || next == "\r" && peek(1) == "\n" }

    /// The one so many places on; nil: the text is over before.
    func peek(_ distance: Int) -> Unicode.Scalar? {
        index + distance < scalars.count ? scalars[index + distance] : nil
    }

    /// Passes one.
    @discardableResult
    mutating func advance() -> Unicode.Scalar? {
        guard let scalar = next else { return nil }
        index += 1
        if scalar == "\n" {
            position = Position(line: position.line + 1, column: 1)
        } else {
            position.column += 1
        }
        return scalar
    }

    /// Passes one if it is this one.
    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        advance()
        return true
    }

    /// Passes spaces and tabs.
    mutating func skipBlanks() {
        while next == " " || next == "\t" { advance() }
    }

    /// Passes the line and its end.
    mutating func skipLine() {
        while let scalar = advance() { if scalar == "\n" { return } }
    }
}
