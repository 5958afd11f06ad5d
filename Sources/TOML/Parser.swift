/// Reads a document, line by line: a line that cannot be read is told of and passed.
struct Parser {
    private(set) var tables = [
        Table(name: [], isArrayElement: false, position: Position(line: 1, column: 1))
    ]
    private(set) var problems: [Problem] = []
    private var scanner: Scanner
    /// Arrays within arrays, at most: whoever writes more means something else.
    private static let deepest = 8

    init(_ text: String) { scanner = Scanner(text) }

    mutating func parse() {
        while scanner.next != nil {
            do throws(Problem) {
                try line()
            } catch {
                problems.append(error)
                scanner.skipLine()
            }
        }
    }

    private mutating func line() throws(Problem) {
        scanner.skipBlanks()
        switch scanner.next {
        case nil, "\n", "\r", "#": break
        case "[": try header()
        default: try member()
        }
        try endOfLine()
    }

    /// Passes blanks, a comment and the end of the line.
    private mutating func endOfLine() throws(Problem) {
        scanner.skipBlanks()
        if scanner.next == "#" { try comment() }
        guard scanner.isAtLineEnd else {
            throw Problem(scanner.position, "nothing but a comment may follow on this line")
        }
        scanner.skipLine()
    }

    private mutating func comment() throws(Problem) {
        while !scanner.isAtLineEnd {
            try refuseControl(scanner.next)
            scanner.advance()
        }
    }

    private func refuseControl(_ scalar: Unicode.Scalar?) throws(Problem) {
        guard let scalar, scalar.value < 0x20 && scalar != "\t" || scalar.value == 0x7f else { return }
        throw Problem(
            scanner.position, "a control character (U+\(String(scalar.value, radix: 16))) is not allowed here")
    }

    private mutating func header() throws(Problem) {
        let position = scanner.position
        scanner.advance()
        let isArrayElement = scanner.skip("[")
        var name: [String] = []
        repeat {
            scanner.skipBlanks()
            name.append(try key())
            scanner.skipBlanks()
        } while scanner.skip(".")
        guard scanner.skip("]"), !isArrayElement || scanner.skip("]") else {
            throw Problem(scanner.position, "this header wants \(isArrayElement ? "]]" : "]") here")
        }
        if !isArrayElement, tables.contains(where: { $0.name == name }) {
            problems.append(Problem(position, "[\(name.joined(separator: "."))] is there already"))
        }
        if isArrayElement, tables.contains(where: { $0.name == name && !$0.isArrayElement }) {
            problems.append(Problem(position, "[\(name.joined(separator: "."))] is there already, with one bracket"))
        }
        tables.append(Table(name: name, isArrayElement: isArrayElement, position: position))
    }

    private mutating func member() throws(Problem) {
        let position = scanner.position
        let key = try key()
        scanner.skipBlanks()
        if scanner.next == "." { throw Problem(scanner.position, "dotted keys are not supported: use a [table]") }
        guard scanner.skip("=") else { throw Problem(scanner.position, "'=' is missing after \(key)") }
        scanner.skipBlanks()
        let value = try value(depth: 0)
        if let before = tables[tables.count - 1].members.first(where: { $0.key == key }) {
            problems.append(Problem(position, "\(key) is set already, on line \(before.position.line)"))
            return
        }
        tables[tables.count - 1].members.append(Member(key: key, position: position, value: value))
    }

    private mutating func key() throws(Problem) -> String {
        switch scanner.next {
        case "\"": return try basicString()
        case "'": return try literalString()
        default: break
        }
        var key = ""
        while let scalar = scanner.next, scalar.isBareKey {
            key.unicodeScalars.append(scalar)
            scanner.advance()
        }
        guard key.isEmpty else { return key }
        throw Problem(scanner.position, "a key is wanted here: letters, digits, - and _, or a string in quotes")
    }

    private mutating func value(depth: Int) throws(Problem) -> Value {
        let position = scanner.position
        switch scanner.next {
        case "\"": return Value(.string(try basicString()), at: position)
        case "'": return Value(.string(try literalString()), at: position)
        case "[": return Value(.array(try array(depth: depth)), at: position)
        case "{": throw Problem(position, "inline tables are not supported: use a [table]")
        case nil, "\n", "\r", "#": throw Problem(position, "a value is missing")
        default: return Value(try word(), at: position)
        }
    }

    private mutating func array(depth: Int) throws(Problem) -> [Value] {
        guard depth < Self.deepest else { throw Problem(scanner.position, "too many brackets within each other") }
        let opening = scanner.position
        scanner.advance()
        var values: [Value] = []
        while true {
            try skipBetweenValues()
            if scanner.skip("]") { return values }
            guard scanner.next != nil else { throw Problem(opening, "this array has no end: ']' is missing") }
            values.append(try value(depth: depth + 1))
            try skipBetweenValues()
            if scanner.skip(",") { continue }
            guard scanner.skip("]") else {
                throw scanner.next == nil
                    ? Problem(opening, "this array has no end: ']' is missing")
                    : Problem(scanner.position, "',' or ']' is wanted here")
            }
            return values
        }
    }

    /// Passes what may stand between values of an array: also comments and ends of lines.
    private mutating func skipBetweenValues() throws(Problem) {
        while true {
            scanner.skipBlanks()
            if scanner.next == "#" { try comment() }
            guard scanner.next != nil, scanner.isAtLineEnd else { return }
            scanner.skipLine()
        }
    }

    /// `true`, `false`, or a whole number.
    private mutating func word() throws(Problem) -> Value.Content {
        let position = scanner.position
        var word = ""
        while let scalar = scanner.next, !",]#\n\r\t ".unicodeScalars.contains(scalar) {
            try refuseControl(scalar)
            word.unicodeScalars.append(scalar)
            scanner.advance()
        }
        switch word {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        default: break
        }
        if let number = Int64(tomlDigits: word) { return .integer(number) }
        guard let first = word.unicodeScalars.first, "+-0123456789".unicodeScalars.contains(first) else {
            throw Problem(position, "'\(word.prefix(64))' is no value; texts want quotes")
        }
        throw Problem(
            position, "'\(word.prefix(64))' is no whole number from -2⁶³ to 2⁶³-1; floats and dates are not supported")
    }

    private mutating func literalString() throws(Problem) -> String {
        let opening = try openString("'")
        var text = ""
        while !scanner.isAtLineEnd {
            if scanner.skip("'") { return text }
            try refuseControl(scanner.next)
            if let scalar = scanner.advance() { text.unicodeScalars.append(scalar) }
        }
        throw Problem(opening, "this text has no end: ' is missing on its line")
    }

    private mutating func basicString() throws(Problem) -> String {
        let opening = try openString("\"")
        var text = ""
        while !scanner.isAtLineEnd {
            if scanner.skip("\"") { return text }
            try refuseControl(scanner.next)
            if scanner.next == "\\" {
                text.unicodeScalars.append(try escape())
            } else if let scalar = scanner.advance() {
                text.unicodeScalars.append(scalar)
            }
        }
        throw Problem(opening, "this text has no end: \" is missing on its line")
    }

    private mutating func openString(_ quote: Unicode.Scalar) throws(Problem) -> Position {
        let opening = scanner.position
        scanner.advance()
        if scanner.next == quote, scanner.peek(1) == quote {
            throw Problem(opening, "texts over several lines are not supported")
        }
        return opening
    }

    private mutating func escape() throws(Problem) -> Unicode.Scalar {
        let position = scanner.position
        scanner.advance()
        let letter = scanner.advance()
        switch letter {
        case "b": return "\u{8}"
        case "t": return "\t"
        case "n": return "\n"
        case "f": return "\u{c}"
        case "r": return "\r"
        case "\"": return "\""
        case "\\": return "\\"
        case "u", "U":
            var digits = ""
            while digits.utf8.count < (letter == "u" ? 4 : 8), let digit = scanner.next,
                digit.properties.isASCIIHexDigit
            {
                digits.unicodeScalars.append(digit)
                scanner.advance()
            }
            guard digits.utf8.count == (letter == "u" ? 4 : 8), let value = UInt32(digits, radix: 16),
                let scalar = Unicode.Scalar(value)
            else { throw Problem(position, "this escape stands for no character") }
            return scalar
        default: throw Problem(position, "there is no such escape; '…' takes a \\ as it is")
        }
    }
}

extension Unicode.Scalar {
    /// Whether it may stand in a key without quotes.
    fileprivate var isBareKey: Bool {
        isASCII && (properties.isAlphabetic || ("0"..."9").contains(self)) || self == "-" || self == "_"
    }
}

extension Int64 {
    /// A whole number in decimal: no leading zeros, `_` only between digits.
    fileprivate init?(tomlDigits word: String) {
        let digits = word.first == "+" || word.first == "-" ? word.dropFirst() : word[...]
        guard digits.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: "_") }),
            digits.first != "_", digits.last != "_", !digits.contains("__"), digits == "0" || digits.first != "0"
        else { return nil }
        self.init(word.filter { $0 != "_" })
    }
}
