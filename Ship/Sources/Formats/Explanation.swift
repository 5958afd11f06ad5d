internal import Reading

/// What a receiver says, made fit for a message: bounded, on one line, printable.
enum Explanation {
    /// Of a reason, at most as many bytes.
    static let longest = 1_024

    /// Any text.
    static func text(_ bytes: some Collection<UInt8>, longest: Int = longest) -> String {
        var result = String.UnicodeScalarView()
        var length = 0
        var isSpaced = true
        // Never more than that is looked at, whatever came.
        for scalar in String(decoding: bytes.prefix(longest), as: UTF8.self).unicodeScalars {
            let isSpace = scalar.properties.isWhitespace || isControl(scalar)
            if isSpace && isSpaced { continue }
            isSpaced = isSpace
            let shown = isSpace ? " " : scalar
            length += UTF8.width(shown)
            if length > longest { break }
            result.append(shown)
        }
        // Of a character that was cut in two, nothing.
        if bytes.count > longest, result.last == "\u{fffd}" { result.removeLast() }
        while result.last == " " { result.removeLast() }
        return String(result)
    }

    /// Also those that turn the direction of writing.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }

    /// What an answer's body says: of JSON the text of its error, else its beginning; nil: nothing.
    static func body(_ body: [UInt8]) -> String? {
        var scanner = JSONScanner(body, 0..<body.count)
        let said = scanner.peek() == UInt8(ascii: "{") ? try? error(&scanner, depth: 0) : nil
        let text = said ?? text(body, longest: 200)
        return text.isEmpty ? nil : text
    }

    /// The text of an object that tells of an error: Elasticsearch's `error.type` and `error.reason`, Splunk's `text`,
    /// what others call `message`, `error`, `detail`.
    static func error(_ scanner: inout JSONScanner, depth: Int) throws(Malformed) -> String? {
        var parts: [String] = []
        try scanner.enterObject()
        while let name = try scanner.nextName() {
            switch (String(decoding: name, as: UTF8.self), scanner.peek()) {
            case ("type", UInt8(ascii: "\"")), ("reason", UInt8(ascii: "\"")), ("text", UInt8(ascii: "\"")),
                ("message", UInt8(ascii: "\"")), ("error", UInt8(ascii: "\"")), ("detail", UInt8(ascii: "\"")):
                parts.append(text(try scanner.text().utf8))
            case ("error", UInt8(ascii: "{")), ("caused_by", UInt8(ascii: "{")):
                if depth < 4, let inner = try error(&scanner, depth: depth + 1) {
                    parts.append(inner)
                } else if depth >= 4 {
                    try scanner.skip()
                }
            default: try scanner.skip()
            }
        }
        return parts.isEmpty ? nil : text(parts.joined(separator: ": ").utf8)
    }
}
